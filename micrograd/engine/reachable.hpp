// A walk over all that some values were computed from, oldest first, without a list of it: for whoever turns
// a recorded graph into something else.
#pragma once

#include <micrograd/engine/graph.hpp>

namespace micrograd::engine {

template <class Begin, class F>
void Graph::for_each_reachable(std::span<Node* const> roots, Begin&& begin, F&& f) {
  const Marked marked = mark_reachable(roots);
  if (marked.newest == nullptr) return;
  const auto unmark_from = [&marked](Node* node, auto&& visit) {
    for (Chunk* chunk = Chunk::of(node);; chunk = chunk->newer, node = chunk->begin()) {
      const bool is_last = chunk == Chunk::of(marked.newest);
      for (Node* const end = is_last ? marked.newest + 1 : chunk->end; node != end; ++node) {
        if ((node->flags & Flag::walked) == 0) continue;
        node->flags &= static_cast<std::uint8_t>(~Flag::walked);
        visit(node);
      }
      if (is_last) return;
    }
  };
  Node* reached = marked.oldest;
  try {
    begin(marked.count);
    unmark_from(marked.oldest, [&](Node* node) {
      reached = node;
      f(node);
    });
  } catch (...) {
    unmark_from(reached, [](Node*) {});
    throw;
  }
}

}  // namespace micrograd::engine
