// Replays a program over rows of data: blocks of rows go through it one instruction after the other, each a
// kernel over the whole block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <micrograd/compiler/kernels.hpp>
#include <micrograd/compiler/schedule.hpp>

namespace micrograd::compiler {

/// One number of every row: `data[row * stride]`.
template <class Real>
struct Column {
  Real* data = nullptr;
  std::size_t stride = 1;
};

/// What one run works on.
template <class Real>
struct Batch {
  std::vector<Column<const Real>> inputs;
  std::size_t rows = 0;
  std::span<const std::uint32_t> picked;  ///< the rows to take, in order; empty: all of them
  std::span<const double> parameters;
  std::vector<Column<Real>> outputs;  ///< where results go, by row; `data` null: nowhere
  std::size_t threads = 1;
};

/// A program made ready to run. Holds no state of a run, so several threads may run it at once.
template <class Real>
class Plan {
 public:
  /// `target` must be one of simd::targets().
  explicit Plan(Code code, simd::Target target = simd::best_target());

  /// The results are stored by row; those that are the same for all rows are also returned, at their places
  /// (others are 0). The bits do not depend on the number of threads. Threads share stripes of rows whose
  /// boundaries follow from the program and the number of rows alone.
  std::vector<double> run(const Batch<Real>& batch) const;

  [[nodiscard]] const Code& code() const { return code_; }
  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  /// Rows that go through the program together.
  [[nodiscard]] std::size_t block() const { return block_; }

 private:
  class Run;

  Code code_;
  Schedule schedule_;
  std::size_t block_ = 0;
  std::vector<Kernel<Real>> before_, rows_, after_;  ///< null where a step is not of the table
};

extern template class Plan<float>;
extern template class Plan<double>;

}  // namespace micrograd::compiler
