// Recording beyond the hot path: new chunks, notes, modes, and the birth and end of a thread's graph.
#include <micrograd/engine/graph.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <new>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>  // large pages
#endif
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>  // its macros do nothing unless AddressSanitizer is on
#else
#define ASAN_POISON_MEMORY_REGION(address, size) static_cast<void>(0)
#define ASAN_UNPOISON_MEMORY_REGION(address, size) static_cast<void>(0)
#endif

namespace micrograd::engine {

constinit thread_local Tape tape;

namespace {

// Orphans the thread's graph when the thread ends. On main this runs before namespace-scope objects die,
// which is why handles look at the chunk's owner and not at this.
struct Keeper {
  ~Keeper() {
    if (tape.graph != nullptr) Graph::orphan(tape.graph);
  }
};

}  // namespace

void unpoison([[maybe_unused]] Node* node) { ASAN_UNPOISON_MEMORY_REGION(node, sizeof(Node)); }

void poison([[maybe_unused]] Node* begin, [[maybe_unused]] Node* end) {
  ASAN_POISON_MEMORY_REGION(begin, reinterpret_cast<std::byte*>(end) - reinterpret_cast<std::byte*>(begin));
}

Graph& Graph::current() {
  if (tape.graph == nullptr) [[unlikely]] {
    thread_local Keeper keeper;
    static_cast<void>(keeper);
    tape.graph = std::make_unique<Graph>().release();  // deleted by orphan, or by the last handle after it
  }
  return *tape.graph;
}

Graph::Graph() {
  const char* stress = std::getenv("MICROGRAD_STRESS");
  stress_ = stress != nullptr && *stress != '\0' && std::string_view(stress) != "0";
}

Graph::~Graph() {
  while (!notes_.empty()) {  // one at a time: a closure's destructor may drop handles of this very graph
    auto last = notes_.extract(notes_.begin());
    disown_number(last.key(), last.mapped());
  }
}

void Graph::Free::operator()(std::byte* slab) const noexcept {
  ASAN_UNPOISON_MEMORY_REGION(slab, slab_bytes);
  for (std::size_t at = 0; at < slab_bytes; at += Chunk::bytes) {
    std::destroy_at(std::launder(reinterpret_cast<Chunk*>(slab + at)));
  }
  std::free(slab);
}

void Graph::add_slab() {
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(slab_bytes, slab_bytes));
  if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  // A large graph spends much of its time on page faults and address translation unless its pages are large.
  // The first slab is left alone: a small graph should not occupy 2 MiB.
  if (!slabs_.empty()) madvise(memory, slab_bytes, MADV_HUGEPAGE);  // a hint: failure changes nothing
#endif
  slabs_.emplace_back(memory);
  for (std::size_t at = slab_bytes; at > 0; at -= Chunk::bytes) {
    spare_.push_back(new (memory + at - Chunk::bytes) Chunk{});
  }
}

void Graph::grow() {
  if (spare_.empty()) add_slab();
  Chunk* const chunk = spare_.back();
  spare_.pop_back();
  chunk->owner = this;
  chunk->older = newest_;
  chunk->newer = nullptr;
  chunk->order = ++order_;
  chunk->quiet = 0;
  chunk->notes = 0;
  chunk->touched = false;
  chunk->reached = false;
  if (newest_ != nullptr) {
    newest_->end = tape.next;
    newest_->newer = chunk;
  }
  poison(chunk->begin(), chunk->limit());
  newest_ = chunk;
  ++chunks_;
  tape.next = chunk->begin();
  update_limit();
}

void Graph::update_limit() {
  const bool every_record_is_slow = no_grad > 0 || anomaly > 0 || stress_ || collecting_;
  tape.limit = every_record_is_slow || newest_ == nullptr ? nullptr : newest_->limit();
}

Node* record_slow(Kind kind, double data, Node* a, Second second) {
  return Graph::current().record_slow(kind, data, a, second);
}

Node* Graph::record_slow(Kind kind, double data, Node* a, Second second) {
  if (stress_) collect();
  if (newest_ == nullptr || tape.next == newest_->limit()) {
    if (chunks_ >= 4 * std::max<std::size_t>(live_chunks_, 16)) collect();
    if (newest_ == nullptr || tape.next == newest_->limit()) grow();
  }
  if (no_grad > 0) {
    kind = leaf_kind;
    a = nullptr;
    second.node = nullptr;
  }
  Node* node = tape.next++;
  unpoison(node);
  *node = Node{
      .data = data, .grad = 0.0, .a = a, .b = second.node, .handles = 1, .kind = kind, .pass = 0, .flags = 0};
  if (collecting_) for_each_operand(*this, node, mark_live);  // see collect
  if (anomaly > 0 && kind != leaf_kind && !std::isfinite(data)) {
    const Value result = Value::adopt(node);
    refuse_anomaly(node);
  }
  return node;
}

void Graph::refuse_anomaly(const Node* node) {
  throw Error("anomaly: " + describe_operation(*this, node) + " produced " + describe_number(node->data));
}

void Graph::recorded_with_note(Node* node) {
  if (collecting_) for_each_operand(*this, node, mark_live);
  if (anomaly > 0 && !std::isfinite(node->data)) refuse_anomaly(node);
}

Note& Graph::note(Node* node) {
  Note& note = notes_[node];
  if ((node->flags & Flag::noted) == 0) {
    node->flags |= Flag::noted;
    ++Chunk::of(node)->notes;
  }
  return note;
}

Note* Graph::find_note(const Node* node) {
  if ((node->flags & Flag::noted) == 0) return nullptr;
  return &notes_.find(node)->second;
}

/// Marks what a live node was computed from. Recording marks too while a collection runs, because a closure's
/// destructor may record on operands that the collection has yet to visit.
void mark_live(Node* operand) {
  operand->flags |= Flag::reached;
  Chunk::of(operand)->reached = true;
}

}  // namespace micrograd::engine
