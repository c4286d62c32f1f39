// The graph a thread records: owner of chunks and notes, and of every decision about when a node may go.
// A node lives as long as a Value, or a live consumer, can reach it. Internal to the engine.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <micrograd/engine/custom_rule.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/value.hpp>

namespace micrograd::engine {

/// What only some nodes have, kept beside the tape so that a node stays 40 bytes.
struct Note {
  std::string label;
  Node* third = nullptr;  ///< third operand of a form-three operation
  Value number;           ///< the leaf that a plain number became when it was looked at
  std::unique_ptr<Custom> custom;
};

class Graph {
 public:
  /// The calling thread's graph, made at first use.
  static Graph& current();
  /// The graph a node belongs to, if this thread may work on it: its own, or one whose thread has ended.
  /// Throws UsageError, worded by `who`, otherwise.
  static Graph& of(const Node* node, const char* who);

  Graph();
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  // Recording.
  Node* record_slow(Kind kind, double data, Node* a, Second second);
  Note& note(Node* node);                           ///< made when missing
  [[nodiscard]] Note* find_note(const Node* node);  ///< null when missing

  void recorded_with_note(Node* node);  ///< to be called when a node's operands went into its note

  // Reclaiming.
  void release_last(Node* node) noexcept;
  void collect_if_grown();
  void collect();
  void trim();
  [[nodiscard]] GraphStats stats() const;

  // Other threads.
  void retain_foreign(Node* node);
  void release_foreign(Node* node);
  /// The calling thread, which owns `graph`, is ending: from now on whoever drops the last handle deletes it.
  static void orphan(Graph* graph);

  // Walking.
  [[nodiscard]] Chunk* newest() const { return newest_; }
  /// One past the last node of a chunk.
  [[nodiscard]] Node* end_of(const Chunk* chunk) const {
    return chunk == newest_ && tape.graph == this ? tape.next : chunk->end;
  }
  /// `roots` and everything they were computed from, newest first.
  [[nodiscard]] std::vector<Node*> reachable(std::span<Node* const> roots);
  /// The same without a list of them: calls `begin` with their number and then `f` on each, oldest first.
  /// Neither may record or walk. Defined in reachable.hpp.
  template <class Begin, class F>
  void for_each_reachable(std::span<Node* const> roots, Begin&& begin, F&& f);

  // Modes; call update_limit after a change.
  int no_grad = 0;
  int anomaly = 0;
  void update_limit();

  /// The backward pass under way. Marks left by a closure are counted here, because the sweep keeps its own
  /// count in a register.
  struct Pass {
    std::uint8_t number = 0;  ///< 0: none; passes run by closures nest
    Node* running = nullptr;  ///< the node whose closure runs
    std::size_t closure_marks = 0;
  } pass;
  bool numbers_partnered = false;  ///< some leaf carries Flag::number_partner

 private:
  static constexpr std::size_t slab_bytes = std::size_t{2} * 1024 * 1024;  ///< 32 chunks
  struct Free {
    void operator()(std::byte* slab) const noexcept;
  };

  void grow();
  [[noreturn]] void refuse_anomaly(const Node* node);
  void add_slab();
  void recycle(Chunk* chunk);
  void drop_newest();
  void pop() noexcept;
  static void disown_number(const Node* node, const Note& note);
  void forget_note(Node* node, std::vector<Note>* dead);
  void collect_into(std::vector<Note>* dead);
  void change_handles(Node* node, int change);
  /// Sets Flag::walked on all that the roots were computed from; they lie between `oldest` and `newest`.
  struct Marked {
    Node* oldest = nullptr;
    Node* newest = nullptr;
    std::size_t count = 0;
  };
  Marked mark_reachable(std::span<Node* const> roots);
  void settle_foreign();
  [[nodiscard]] std::size_t loud_nodes() const;

  Chunk* newest_ = nullptr;
  std::vector<Chunk*> spare_;
  std::vector<std::unique_ptr<std::byte, Free>> slabs_;
  std::unordered_map<const Node*, Note> notes_;
  std::size_t chunks_ = 0;
  std::size_t live_chunks_ = 0;  ///< after the last collection
  std::uint64_t order_ = 0;
  std::uint64_t collections_ = 0;
  bool reclaiming_ = false;  ///< destructors of closures run inside pop and collect, and may come back here
  bool collecting_ = false;  ///< operands of whatever is recorded meanwhile must be marked
  bool stress_ = false;      ///< MICROGRAD_STRESS: collect before every allocation

  std::mutex mutex_;                        ///< guards what follows
  std::unordered_map<Node*, int> foreign_;  ///< handles gained and lost on other threads, not yet settled
  std::atomic<bool> orphan_ = false;
  std::size_t loud_ = 0;       ///< once orphaned: nodes with handles
  bool owning_notes_ = false;  ///< once orphaned: some note holds handles
};

void mark_live(Node* operand);
void poison(Node* begin, Node* end);

/// Calls `f` on each operand that is a node, in order.
template <class F>
void for_each_operand(Graph& graph, const Node* node, F&& f) {
  if (node->kind == leaf_kind) return;
  if (node->kind == custom_kind) {
    for (Node* operand : graph.find_note(node)->custom->operands) f(operand);
    return;
  }
  f(node->a);
  const Form form = form_of(node->kind);
  if (form == Form::two || form == Form::three) f(node->b);
  if (form == Form::three) f(graph.find_note(node)->third);
}

}  // namespace micrograd::engine
