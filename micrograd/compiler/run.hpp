// Replays a program: once what is the same for all rounds, and loops as sweeps over blocks of rounds, shared
// by threads.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <micrograd/compiler/run_vectors.hpp>
#include <micrograd/compiler/sweep.hpp>

namespace micrograd::compiler {

/// Where outputs go that are the same for all rows; nowhere if both are empty. Those that vary leave a 0.
template <class Real>
struct Found {
  std::span<Real> first;  ///< the first output, or nothing
  std::span<Real> others;

  [[nodiscard]] bool wanted() const { return !first.empty() || !others.empty(); }
  /// From this output on.
  Real* at(std::size_t output) const {
    return output < first.size() ? &first[output] : &others[output - first.size()];
  }
};

/// A program made ready to run. Holds no state of a run, so several threads may run it at once.
template <class Real>
class Plan {
 public:
  /// `target` must be one of simd::targets(). `side_by_side`: as for make_schedule.
  explicit Plan(Code code, simd::Target target = simd::best_target(), bool side_by_side = true);

  /// The results are stored by row. The bits do not depend on the number of threads. Threads share stripes of
  /// rounds whose boundaries follow from the program and the number of rounds alone.
  void run(const Batch<Real>& batch, const Found<Real>& found) const;
  /// Returns what is the same for all rows.
  [[nodiscard]] std::vector<Real> run(const Batch<Real>& batch) const;

  [[nodiscard]] const Code& code() const { return program_->code; }
  [[nodiscard]] const Schedule& schedule() const { return program_->schedule; }
  /// Rounds that go through each sweep together, in order of phases and sweeps.
  [[nodiscard]] std::vector<std::size_t> blocks() const;

 private:
  class Run;

  void find_outputs();

  /// What sweeps refer to; stays where it is when the plan moves.
  struct Scheduled {
    Code code;
    Schedule schedule;
  };
  struct Part {
    std::vector<Kernel<Real>> once;  ///< null where a step is not of the table
    VectorPlan<Real> vectors;
    std::vector<SweepPlan<Real>> sweeps;
  };

  /// Lists that no run uses, with the numbers that never change in place.
  struct Lists {
    std::vector<Real> uniforms;
    std::vector<double> sums;  ///< of a sweep
  };
  struct SpareLists {
    std::mutex mutex;
    std::vector<Lists> kept;
  };

  /// Outputs one after the other, that are the same for all rows, and where they are in the list.
  struct Outputs {
    std::size_t first = 0;
    std::vector<std::uint32_t> places;
  };

  std::unique_ptr<const Scheduled> program_;
  std::vector<Outputs> uniform_outputs_;
  bool all_are_uniform_ = true;  ///< no output varies from row to row
  std::vector<Part> phases_;
  ProductRunner<Real> runner_;
  std::unique_ptr<SpareLists> spare_ = std::make_unique<SpareLists>();
};

extern template class Plan<float>;
extern template class Plan<double>;

}  // namespace micrograd::compiler
