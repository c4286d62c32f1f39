// Kernels: a row of the table evaluated on many rows of data at once, by the widest instructions that the
// machine has. Every row of the table has one, and so has a row that only the user knows (`kernel_of`).
//
// What they compute is the row's own formula on simd/ lanes: + - * /, sqrt, fma and what selects or rounds to
// whole numbers to the bit as eager code, the functions within the ulps of simd/accuracy.hpp. A result
// depends on its operands only, so neither block lengths nor threads change a bit; another target may change
// the last ones.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <micrograd/compiler/kernel_table.hpp>
#include <micrograd/compiler/lane_rows.hpp>
#include <micrograd/simd/target.hpp>

namespace micrograd::compiler {

/// The kernel of row `code` (`kernel_code<Op>`; for rows of the table that is `code<Op>`). Bit i of `uniform`
/// says that operand i is one number for all rows of data. A row's number operand (the exponent of
/// `pow_number`) is an operand like the others, fast if it is uniform. `target` must be one of
/// simd::targets().
template <class Real>
Kernel<Real> kernel(std::size_t code, unsigned uniform = 0, simd::Target target = simd::best_target());

/// How far a kernel's result may be from what eager code computes, rounded to `Real`, while the operands lie
/// in the row's `info.domain`: in units in the last place of the result. 0 where they are equal to the bit.
template <class Real>
double kernel_ulp(std::size_t code);

/// The machine for sums of products on a target.
template <class Real>
TermRunner<Real> term_runner(simd::Target target = simd::best_target());

/// What works on many slots at once on a target.
template <class Real>
ProductRunner<Real> product_runner(simd::Target target = simd::best_target());

// ---- plain loops: rows that are not in the table, and machines without lanes
// ------------------------------------

namespace plain {

/// A row's value as eager code has it. In double for floats too, then rounded: rows are written with doubles,
/// so this is what `float` operands would give. fma is the exception, being the one where rounding twice
/// shows.
template <class Op, class Real, std::size_t... I>
Real evaluate(const Real* const* operands, const std::size_t* place, std::index_sequence<I...> /*operands*/) {
  using T = std::conditional_t<std::is_same_v<Op, Fma>, Real, double>;
  return static_cast<Real>(Op::template value<T>(operands[I][place[I]]...));
}

template <class Op, class Real, unsigned uniform>
void run(const Real* const* operands, Real* out, std::size_t count) {
  constexpr std::size_t operand_count = arity<Op>;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t place[operand_count];
    for (std::size_t k = 0; k < operand_count; ++k) place[k] = (uniform >> k & 1U) != 0 ? 0 : i;
    out[i] = evaluate<Op, Real>(operands, place, std::make_index_sequence<operand_count>());
  }
}

}  // namespace plain

/// The kernel of any row, in the table or not: a plain loop over its scalar formula, compiled where it is
/// asked for. `uniform` as for `kernel`, below 2^operands.
template <Row Op, class Real>
Kernel<Real> kernel_of(unsigned uniform = 0) {
  static constexpr auto forms = []<unsigned... set>(std::integer_sequence<unsigned, set...>) {
    return std::array<Kernel<Real>, sizeof...(set)>{plain::run<Op, Real, set>...};
  }(std::make_integer_sequence<unsigned, (1U << arity<Op>)>());
  return forms.at(uniform);
}

}  // namespace micrograd::compiler
