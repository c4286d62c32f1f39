// When a node may go. Two ways: the newest nodes are popped as soon as no Value points to them (nothing newer
// can need them), and a collection frees every chunk that neither Values nor live consumers reach. Both are
// loops: a chain of ten million nodes, or closures nested 300,000 deep, never recurse.
#include <algorithm>

#include <micrograd/engine/graph.hpp>

namespace micrograd::engine {

void Graph::recycle(Chunk* chunk) {
  poison(chunk->begin(), chunk->limit());
  spare_.push_back(chunk);
  --chunks_;
}

/// The newest chunk is empty: recording goes on at the end of the one before it.
void Graph::drop_newest() {
  Chunk* chunk = newest_;
  newest_ = chunk->older;
  if (newest_ != nullptr) newest_->newer = nullptr;
  tape.next = newest_ != nullptr ? newest_->end : nullptr;
  recycle(chunk);
  update_limit();
}

/// The node goes, and the leaf that stands for its number may stay.
void Graph::disown_number(const Node* node, const Note& note) {
  if ((node->flags & Flag::number_stored) != 0) note.number.node()->a = nullptr;
}

/// Takes the node's note away and destroys it (or hands it to `dead`). The destructor of a closure is user
/// code: it may drop handles and even record, so the graph is consistent before it runs.
void Graph::forget_note(Node* node, std::vector<Note>* dead) {
  auto entry = notes_.extract(node);
  disown_number(node, entry.mapped());
  node->flags &= static_cast<std::uint8_t>(~Flag::noted);
  --Chunk::of(node)->notes;
  if (dead != nullptr) dead->push_back(std::move(entry.mapped()));
}

void release_last(Node* node) noexcept { tape.graph->release_last(node); }

/// The node's handle count has just come to 0, and the node is the newest or its chunk was used by others.
void Graph::release_last(Node* node) noexcept {
  if (Chunk::of(node)->foreign.load(std::memory_order_relaxed)) {
    ++node->handles;  // so that settling sees the counts as other threads knew them
    settle_foreign();
    if (--node->handles > 0) return;
  }
  ++Chunk::of(node)->quiet;
  if (node + 1 == tape.next && !reclaiming_) pop();
}

void Graph::pop() noexcept {
  reclaiming_ = true;
  while (newest_ != nullptr) {
    Chunk* chunk = newest_;
    if (chunk->foreign.load(std::memory_order_relaxed)) settle_foreign();
    const auto count = static_cast<std::size_t>(tape.next - chunk->begin());
    if (chunk->quiet == count && chunk->notes == 0) {
      if (chunk->older == nullptr) {  // keep the first chunk: a warm graph allocates nothing
        poison(chunk->begin(), tape.next);
        tape.next = chunk->begin();
        chunk->quiet = 0;
        break;
      }
      drop_newest();
      continue;
    }
    Node* node = tape.next - 1;
    if (node->handles > 0) break;
    if ((node->flags & Flag::noted) != 0) {
      forget_note(node, nullptr);
      continue;  // a closure's destructor may have recorded newer nodes
    }
    --tape.next;
    --chunk->quiet;
    poison(node, node + 1);
  }
  reclaiming_ = false;
}

void Graph::collect_if_grown() {
  if (chunks_ >= 2 * std::max<std::size_t>(live_chunks_, 2)) collect();
}

void Graph::collect() {
  if (reclaiming_ || newest_ == nullptr) return;
  if (tape.graph == this) newest_->end = tape.next;
  reclaiming_ = true;
  collecting_ = true;
  update_limit();
  settle_foreign();
  collect_into(nullptr);
  collecting_ = false;
  reclaiming_ = false;
  update_limit();
  live_chunks_ = chunks_;
  ++collections_;
}

/// One pass from the newest node to the oldest: what a Value points to, or a live consumer was computed from,
/// stays. Closures of dead nodes die on the way, so that what they captured, being older, goes in the same
/// pass.
void Graph::collect_into(std::vector<Note>* dead) {
  for (Chunk* chunk = newest_; chunk != nullptr;) {
    Node* const end = chunk->end;
    const auto count = static_cast<std::size_t>(end - chunk->begin());
    bool any_live = false;
    if (chunk->reached || chunk->quiet != count || chunk->notes > 0) {
      chunk->reached = false;
      for (Node* node = end; node != chunk->begin();) {
        --node;
        if (node->handles > 0 || (node->flags & Flag::reached) != 0) {
          any_live = true;
          node->flags &= static_cast<std::uint8_t>(~Flag::reached);
          for_each_operand(*this, node, mark_live);
        } else {
          node->flags &= static_cast<std::uint8_t>(~Flag::number_pending);  // its operands may go
          if ((node->flags & Flag::noted) != 0) forget_note(node, dead);
        }
      }
    }
    Chunk* older = chunk->older;
    if (!any_live && end == end_of(chunk)) {  // else a closure's destructor has recorded here meanwhile
      if (chunk == newest_) {
        poison(chunk->begin(), end);
        chunk->end = chunk->begin();
        chunk->quiet = 0;
        if (tape.graph == this) tape.next = chunk->end;
      } else {
        chunk->newer->older = older;
        if (older != nullptr) older->newer = chunk->newer;
        recycle(chunk);
      }
    }
    chunk = older;
  }
}

void Graph::trim() {
  collect();
  collect();  // numbers that were looked at are newer than their consumers, so the first pass only lets go of
              // them
  const auto slab_of = [](const void* inside) {
    return reinterpret_cast<std::uintptr_t>(inside) & ~(slab_bytes - 1);  // slabs are aligned to their size
  };
  std::unordered_map<std::uintptr_t, std::size_t> spare_in;
  for (const Chunk* chunk : spare_) ++spare_in[slab_of(chunk)];
  const auto unused = [&](const void* inside) {
    const auto spare = spare_in.find(slab_of(inside));
    return spare != spare_in.end() && spare->second == slab_bytes / Chunk::bytes;
  };
  std::erase_if(spare_, unused);
  std::erase_if(slabs_, [&](const auto& slab) { return unused(slab.get()); });
}

GraphStats Graph::stats() const {
  std::size_t nodes = 0;
  for (Chunk* chunk = newest_; chunk != nullptr; chunk = chunk->older) {
    nodes += static_cast<std::size_t>(end_of(chunk) - chunk->begin());
  }
  return {.nodes = nodes, .chunks = chunks_, .spare_chunks = spare_.size(), .collections = collections_};
}

}  // namespace micrograd::engine
