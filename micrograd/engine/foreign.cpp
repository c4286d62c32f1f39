// Handles on other threads, and graphs whose thread has ended. A thread that copies or drops a handle of
// another thread's node never touches the node's count: it notes the change under the graph's mutex, and the
// owner settles the account before it frees anything. Once the owner has ended, counts change directly under
// the mutex, and whoever drops the last handle deletes the graph.
#include <algorithm>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/graph.hpp>
#include <micrograd/error.hpp>

namespace micrograd::engine {

void retain_foreign(Node* node) noexcept { Chunk::of(node)->owner->retain_foreign(node); }
void release_foreign(Node* node) noexcept { Chunk::of(node)->owner->release_foreign(node); }

Graph& Graph::of(const Node* node, const char* who) {
  Graph& graph = *Chunk::of(node)->owner;
  if (&graph != tape.graph && !graph.orphan_) {
    throw UsageError(std::string(who) + ": this node belongs to the graph of another thread (got " +
                     describe(graph, node) + "); a graph is used by the thread that records it, " +
                     "or by any one thread after that has ended");
  }
  return graph;
}

void check_same_graph(const Node* node) {
  if (Chunk::of(node)->owner == tape.graph) return;
  throw UsageError("record: an operand belongs to the graph of another thread (data " +
                   describe_number(node->data) +
                   "); build each graph on one thread, or pass the number: Value(x.data())");
}

void Graph::retain_foreign(Node* node) {
  const std::scoped_lock lock(mutex_);
  if (orphan_) {
    change_handles(node, 1);
  } else {
    ++foreign_[node];
    Chunk::of(node)->foreign.store(true, std::memory_order_relaxed);
  }
}

void Graph::release_foreign(Node* node) {
  {
    const std::scoped_lock lock(mutex_);
    if (!orphan_) {
      --foreign_[node];
      Chunk::of(node)->foreign.store(true, std::memory_order_relaxed);
      return;
    }
    change_handles(node, -1);
    if (node->handles > 0 || reclaiming_) return;  // reclaiming: a destructor that the loop below runs
    reclaiming_ = true;
  }
  // What is left may hang on handles that only dead closures hold. They die outside the lock, since their
  // destructors are user code.
  for (;;) {
    std::vector<Note> dead;
    {
      const std::scoped_lock lock(mutex_);
      if (loud_ > 0 && owning_notes_) collect_into(&dead);
      if (dead.empty()) {
        reclaiming_ = false;
        if (loud_ > 0) return;
        break;
      }
    }
  }
  std::unique_ptr<Graph>{this};
}

/// Adds to a node's count and keeps the count of nodes with handles.
void Graph::change_handles(Node* node, int change) {
  const bool was_quiet = node->handles == 0;
  node->handles += static_cast<std::uint32_t>(change);
  const bool is_quiet = node->handles == 0;
  if (was_quiet == is_quiet) return;
  Chunk::of(node)->quiet += is_quiet ? 1U : static_cast<std::uint32_t>(-1);
  loud_ += is_quiet ? static_cast<std::size_t>(-1) : 1U;
}

/// Adds what other threads did to handles of this graph's nodes.
void Graph::settle_foreign() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [node, change] : foreign_) {
    change_handles(node, change);
    Chunk::of(node)->foreign.store(false, std::memory_order_relaxed);
  }
  foreign_.clear();
}

void Graph::orphan(Graph* graph) {
  graph->collect();
  if (graph->newest_ != nullptr) graph->newest_->end = tape.next;
  tape = Tape{};
  bool empty = false;
  {
    const std::scoped_lock lock(graph->mutex_);
    for (const auto& [node, change] : graph->foreign_) graph->change_handles(node, change);
    graph->foreign_.clear();
    graph->loud_ = graph->loud_nodes();
    graph->owning_notes_ = std::any_of(graph->notes_.begin(), graph->notes_.end(), [](const auto& entry) {
      return entry.second.custom != nullptr || (entry.first->flags & Flag::number_stored) != 0;
    });
    graph->orphan_ = true;
    empty = graph->loud_ == 0;
  }
  if (empty) std::unique_ptr<Graph>{graph};
}

std::size_t Graph::loud_nodes() const {
  std::size_t loud = 0;
  for (Chunk* chunk = newest_; chunk != nullptr; chunk = chunk->older) {
    loud += static_cast<std::size_t>(end_of(chunk) - chunk->begin()) - chunk->quiet;
  }
  return loud;
}

}  // namespace micrograd::engine
