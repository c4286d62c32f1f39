// Carries out what is laid side by side: each step reads and writes the one list.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <micrograd/compiler/kernels.hpp>
#include <micrograd/compiler/products.hpp>
#include <micrograd/compiler/schedule.hpp>
#include <micrograd/compiler/terms.hpp>

namespace micrograd::compiler {

/// So many numbers behind the list are read, and may be anything.
inline constexpr std::size_t behind_list = 64;

/// A phase's vectors made ready to run.
template <class Real>
class VectorPlan {
 public:
  VectorPlan(const Vectors& vectors, simd::Target target);

  [[nodiscard]] bool empty() const { return vectors_.steps.empty(); }
  /// `run_once(number)`: carries out that step of the phase's `once`.
  template <class RunOnce>
  void run(Real* list, std::span<const Real> parameters, const RunOnce& run_once) const {
    for (std::size_t s = 0; s < vectors_.steps.size(); ++s) {
      const VectorStep& step = vectors_.steps[s];
      step.kind == VectorStep::Kind::once ? run_once(step.operands[0]) : run_step(s, list, parameters);
    }
  }

 private:
  /// Where the rows of a product lie in the list.
  struct Product {
    std::vector<std::uint32_t> b, out;
  };

  void run_step(std::size_t s, Real* list, std::span<const Real> parameters) const;
  void prepare_product(const ListProduct& product, std::uint32_t out);
  void multiply(const VectorStep& step, Real* list) const;
  void add_up(const VectorStep& step, Real* list) const;
  void pick(const VectorStep& step, Real* list) const;
  void find_extremes(const VectorStep& step, Real* list) const;

  const Vectors& vectors_;
  TermRunner<Real> machine_;
  ProductRunner<Real> runner_;
  std::vector<Kernel<Real>> kernels_;  ///< by step; null for those of other kinds
  std::vector<Product> products_;
};

extern template class VectorPlan<float>;
extern template class VectorPlan<double>;

}  // namespace micrograd::compiler
