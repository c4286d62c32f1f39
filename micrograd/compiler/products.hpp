// Matrix products over slots: plain loops, for the time being.
#pragma once
#include <cstddef>
#include <cstdint>
namespace micrograd::compiler {
template <class Real> struct Weights {
  const Real* from = nullptr;
  std::size_t row_step = 0;
  std::size_t column_step = 0;
};
template <class Real> struct Multiply_ {
  Weights<Real> weights;
  Weights<Real> start;
  const std::uint32_t* x;
  std::size_t terms;
  const std::uint32_t* out;
  std::size_t rows;
};
template <class Real> struct AddProducts_ {
  const std::uint32_t* g;
  std::size_t rows;
  const std::uint32_t* x;
  std::size_t columns;
};
template <class Real> struct ProductRunner {
  void multiply(const Multiply_<Real>& m, Real* slots, std::size_t block) const {
    for (std::size_t r = 0; r < m.rows; ++r)
      for (std::size_t i = 0; i < block; ++i) {
        Real s = m.start.from ? m.start.from[r * m.start.row_step] : Real{0};
        for (std::size_t k = 0; k < m.terms; ++k)
          s += m.weights.from[r * m.weights.row_step + k * m.weights.column_step] * slots[m.x[k] + i];
        slots[m.out[r] + i] = s;
      }
  }
  void add_products(const AddProducts_<Real>& m, const Real* slots, std::size_t count, Real*,
                    Real* sums) const {
    for (std::size_t r = 0; r < m.rows; ++r)
      for (std::size_t c = 0; c < m.columns; ++c)
        for (std::size_t i = 0; i < count; ++i)
          sums[r * m.columns + c] += slots[m.g[r] + i] * slots[m.x[c] + i];
  }
  std::size_t scratch_for(std::size_t, std::size_t) const { return 0; }
};
template <class Real> ProductRunner<Real> product_runner(int) { return {}; }
}  // namespace micrograd::compiler
