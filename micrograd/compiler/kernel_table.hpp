// What kernels.cpp and the files compiled for one target each have in common. It knows nothing of rows,
// because those files must include the rows as code for their own target (kernels-inl.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include <micrograd/simd/target.hpp>

namespace micrograd::compiler {
struct TermStep;
template <class Real> struct TermTables;
template <class Real> struct MatrixProduct;
template <class Real> struct AddProducts;
}  // namespace micrograd::compiler

namespace micrograd::compiler {

/// Evaluates a row on `count` rows of data. `operands` are one to three pointers, to `count` numbers each or,
/// for an operand that was asked for as uniform, to one number. `out` may be one of the operands, but not
/// overlap otherwise. Any count is allowed, alignment does not matter, and each result depends on its own
/// operands only.
template <class Real>
using Kernel = void (*)(const Real* const* operands, Real* out, std::size_t count);

/// The kernel as compiled for one target; null where a row needs a number operand to be uniform and it is
/// not.
template <simd::Target target, class Real>
Kernel<Real> kernel_in(std::size_t code, unsigned uniform);

template <> Kernel<double> kernel_in<simd::Target::sse4>(std::size_t code, unsigned uniform);
template <> Kernel<float> kernel_in<simd::Target::sse4>(std::size_t code, unsigned uniform);
template <> Kernel<double> kernel_in<simd::Target::avx2>(std::size_t code, unsigned uniform);
template <> Kernel<float> kernel_in<simd::Target::avx2>(std::size_t code, unsigned uniform);
template <> Kernel<double> kernel_in<simd::Target::avx3>(std::size_t code, unsigned uniform);
template <> Kernel<float> kernel_in<simd::Target::avx3>(std::size_t code, unsigned uniform);

/// The machine for sums of products (terms.hpp), and how many numbers its packs hold.
template <class Real>
struct TermRunner {
  void (*run)(const TermStep* begin, const TermStep* end, const TermTables<Real>& tables) = nullptr;
  std::size_t lanes = 1;
};
template <simd::Target target, class Real>
TermRunner<Real> term_runner_in();

template <> TermRunner<double> term_runner_in<simd::Target::sse4>();
template <> TermRunner<float> term_runner_in<simd::Target::sse4>();
template <> TermRunner<double> term_runner_in<simd::Target::avx2>();
template <> TermRunner<float> term_runner_in<simd::Target::avx2>();
template <> TermRunner<double> term_runner_in<simd::Target::avx3>();
template <> TermRunner<float> term_runner_in<simd::Target::avx3>();

/// What works on many slots at once (slot_rows.hpp, products.hpp).
template <class Real>
struct ProductRunner {
  void (*load)(const Real* table, const std::size_t* row_offsets, std::size_t padded, std::size_t columns,
               Real* const* slots) = nullptr;
  void (*save)(Real* table, const std::size_t* row_offsets, std::size_t count, std::size_t columns,
               const Real* const* slots) = nullptr;
  void (*gather)(const Real* list, const std::uint32_t* places, std::size_t count, Real* out) = nullptr;
  Real (*sum)(const Real* list, const std::uint32_t* x, const std::uint32_t* y, std::size_t count) = nullptr;
  void (*multiply)(const MatrixProduct<Real>& task, Real* slots, std::size_t block) = nullptr;
  void (*add_products)(const AddProducts<Real>& task, const Real* slots, std::size_t count, Real* scratch,
                       Real* sums) = nullptr;
  std::size_t panel = 0;  ///< numbers that `add_products` needs for each round

  /// How many numbers `scratch` must have for blocks of `block` rounds.
  [[nodiscard]] std::size_t scratch_for(std::size_t block) const { return panel * block; }
};
template <simd::Target target, class Real>
ProductRunner<Real> product_runner_in();

template <> ProductRunner<double> product_runner_in<simd::Target::sse4>();
template <> ProductRunner<float> product_runner_in<simd::Target::sse4>();
template <> ProductRunner<double> product_runner_in<simd::Target::avx2>();
template <> ProductRunner<float> product_runner_in<simd::Target::avx2>();
template <> ProductRunner<double> product_runner_in<simd::Target::avx3>();
template <> ProductRunner<float> product_runner_in<simd::Target::avx3>();

}  // namespace micrograd::compiler
