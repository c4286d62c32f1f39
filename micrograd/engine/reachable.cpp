// Newest first: whoever comes later in the order of creation cannot be an operand any more.
#include <micrograd/engine/reachable.hpp>

#include <span>
#include <vector>

namespace micrograd::engine {

namespace {

/// Calls `f` on the roots and on all that they were computed from, newest first. While it runs, Flag::walked
/// says what is still to come.
template <class F> void walk_back(Graph& graph, std::span<Node* const> roots, F&& f) {
  std::size_t pending = 0;
  const auto mark = [&pending](Node* node) {
    if ((node->flags & Flag::walked) != 0) return;
    node->flags |= Flag::walked;
    ++pending;
  };
  Node* start = nullptr;
  for (Node* root : roots) {
    mark(root);
    if (start == nullptr || created_before(start, root)) start = root;
  }
  if (start == nullptr) return;
  Node* node = start + 1;
  for (Chunk* chunk = Chunk::of(start);; chunk = chunk->older, node = chunk->end) {
    while (pending > 0 && node != chunk->begin()) {
      --node;
      if ((node->flags & Flag::walked) == 0) continue;
      --pending;
      f(node);
      for_each_operand(graph, node, mark);
    }
    if (pending == 0) return;
  }
}

}  // namespace

std::vector<Node*> Graph::reachable(std::span<Node* const> roots) {
  std::vector<Node*> found;
  walk_back(*this, roots, [&found](Node* node) {
    node->flags &= static_cast<std::uint8_t>(~Flag::walked);
    found.push_back(node);
  });
  return found;
}

Graph::Marked Graph::mark_reachable(std::span<Node* const> roots) {
  Marked marked;
  walk_back(*this, roots, [&marked](Node* node) {
    if (marked.newest == nullptr) marked.newest = node;
    marked.oldest = node;
    ++marked.count;
  });
  return marked;
}

}  // namespace micrograd::engine
