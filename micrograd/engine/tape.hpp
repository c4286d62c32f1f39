// The hot path of recording: bump-allocate a node, count its handles. Everything that is not the common case
// (a full chunk, no_grad, anomaly mode, another thread's node) leaves through one of the slow functions.
#pragma once

#include <micrograd/engine/node.hpp>

namespace micrograd::engine {

class Watcher;

/// What a thread needs at hand to record. No destructor: static Values outlive main's thread-local objects.
struct Tape {
  Node* next = nullptr;   ///< where the next node goes
  Node* limit = nullptr;  ///< end of the newest chunk, or null to send every record through the slow path
  Graph* graph = nullptr;
  Watcher* watcher = nullptr;  ///< hears of what leaves no node; null: nobody does
};
extern constinit thread_local Tape tape;

/// The second operand of a node, or the number that stands in its place.
union Second {
  Node* node;
  double number;
};

Node* record_slow(Kind kind, double data, Node* a, Second second);
void release_last(Node* node) noexcept;
void retain_foreign(Node* node) noexcept;
void release_foreign(Node* node) noexcept;

inline constexpr bool address_sanitizer =
#if defined(__SANITIZE_ADDRESS__)
    true;
#elif defined(__has_feature)
    __has_feature(address_sanitizer);
#else
    false;
#endif
void unpoison(Node* node);  ///< tells AddressSanitizer that a pooled node is in use again

/// Records a node with one handle, which the caller adopts.
[[nodiscard]] inline Node* record(Kind kind, double data, Node* a, Second second) {
  Node* node = tape.next;
  if (node >= tape.limit) [[unlikely]] {
    return record_slow(kind, data, a, second);
  }
  if constexpr (address_sanitizer) unpoison(node);
  tape.next = node + 1;
  node->data = data;
  node->grad = 0.0;
  node->a = a;
  node->b = second.node;
  node->handles = 1;
  node->kind = kind;
  node->pass = 0;
  node->flags = 0;
  return node;
}

[[nodiscard]] inline Node* record_leaf(double data) {
  return record(leaf_kind, data, nullptr, {.node = nullptr});
}

/// One more handle, copied from an existing one.
inline void retain(Node* node) noexcept {
  if (Chunk::of(node)->owner == tape.graph) [[likely]] {
    ++node->handles;
  } else {
    retain_foreign(node);
  }
}

/// A handle on a node that may have none: an operand met on a walk.
inline void revive(Node* node) noexcept {
  Chunk* chunk = Chunk::of(node);
  if (chunk->owner == tape.graph && node->handles == 0) --chunk->quiet;
  retain(node);
}

inline void release(Node* node) noexcept {
  Chunk* chunk = Chunk::of(node);
  if (chunk->owner != tape.graph) [[unlikely]] {
    release_foreign(node);
  } else if (--node->handles == 0) {
    if (node + 1 == tape.next || chunk->foreign.load(std::memory_order_relaxed)) {
      release_last(node);
    } else {
      ++chunk->quiet;
    }
  }
}

}  // namespace micrograd::engine
