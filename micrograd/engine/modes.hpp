// Switches of the calling thread's graph, each on while its guard object lives; and what the graph holds.
#pragma once

#include <cstddef>
#include <cstdint>

namespace micrograd {

namespace engine {
class Graph;
/// Counts one more user of a mode while it lives.
class ModeGuard {
 public:
  ModeGuard(const ModeGuard&) = delete;
  ModeGuard& operator=(const ModeGuard&) = delete;

 protected:
  explicit ModeGuard(int Graph::* users);
  ~ModeGuard();

 private:
  int Graph::* users_;
};

/// While it lives, operations are recorded, be it within no_grad: for who needs a graph of their own.
class Recording {
 public:
  Recording();
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  int no_grad_before_;
};
}  // namespace engine

/// While it lives, operations of this thread compute data only: results are leaves without operands.
struct NoGrad : engine::ModeGuard {
  NoGrad();
};

/// Runs `f` without recording and returns its result.
template <class F>
decltype(auto) no_grad(F&& f) {
  NoGrad guard;
  return static_cast<F&&>(f)();
}

/// While it lives, the first operation of this thread to produce a NaN or an infinity, forward or in a
/// backward pass, throws an Error that names it: operation, label, operands. Costs nothing when off.
struct AnomalyMode : engine::ModeGuard {
  AnomalyMode();
};

/// What the calling thread's graph holds.
struct GraphStats {
  std::size_t nodes;         ///< stored, dead ones that share a chunk with live ones included
  std::size_t chunks;        ///< of 64 KiB in use
  std::size_t spare_chunks;  ///< kept for reuse
  std::uint64_t collections;
};
[[nodiscard]] GraphStats graph_stats();

/// Collects now, and gives memory that no node occupies back to the system. O(nodes).
void trim_graph();

}  // namespace micrograd
