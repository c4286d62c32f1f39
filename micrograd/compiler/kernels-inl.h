// One kernel a row, number type and set of uniform operands, for the target whose file includes this.
#pragma once

#include <micrograd/compiler/row_lanes-inl.h>
#include <micrograd/compiler/kernel_table.hpp>

HWY_BEFORE_NAMESPACE();

namespace micrograd::compiler::HWY_NAMESPACE {

using simd::HWY_NAMESPACE::Lanes;

template <class Op>
inline constexpr unsigned number_operand_bit = Op::info.number_operand == NumberOperand::first    ? 1U
                                               : Op::info.number_operand == NumberOperand::second ? 2U
                                                                                                  : 0U;

template <class Op, std::size_t I, class Real>
HWY_INLINE Operand<Op, I, Lanes<Real>> operand(const Real* from) {
  if constexpr ((number_operand_bit<Op> >> I & 1U) != 0) {
    return static_cast<double>(*from);
  } else {
    return Lanes<Real>::load(from);
  }
}

template <class Op, class Real, std::size_t... I>
HWY_INLINE Lanes<Real> evaluate(const Real* const* from, std::index_sequence<I...> /*operands*/) {
  return Op::template value<Lanes<Real>>(operand<Op, I, Real>(from[I])...);
}

/// The loop behind all kernels of a row. A uniform operand is read again and again from a few copies of it;
/// what is left at the end is filled up with copies of the last numbers. So the row itself is compiled once.
template <class Op, class Real>
HWY_NOINLINE void sweep(const Real* const* operands, Real* out, std::size_t count, unsigned uniform) {
  constexpr std::size_t operand_count = arity<Op>;
  constexpr std::size_t lanes = Lanes<Real>::count;
  if (count == 0) return;
  HWY_ALIGN Real copies[operand_count][lanes];
  HWY_ALIGN Real last[lanes];
  const Real* from[operand_count];
  std::size_t step[operand_count];
  for (std::size_t i = 0; i < operand_count; ++i) {
    const bool same = (uniform >> i & 1U) != 0;
    if (same) {
      for (Real& copy : copies[i]) copy = *operands[i];
    }
    from[i] = same ? copies[i] : operands[i];
    step[i] = same ? 0 : lanes;
  }
  Real* to = out;
  for (std::size_t left = count; left > 0;) {
    const bool full = left >= lanes;
    if (HWY_UNLIKELY(!full)) {
      for (std::size_t i = 0; i < operand_count; ++i) {
        if (step[i] == 0) continue;
        for (std::size_t lane = 0; lane < lanes; ++lane)
          copies[i][lane] = from[i][lane < left ? lane : left - 1];
        from[i] = copies[i];
      }
      to = last;
    }
    evaluate<Op, Real>(from, std::make_index_sequence<operand_count>()).store(to);
    if (HWY_UNLIKELY(!full)) {
      for (std::size_t lane = 0; lane < left; ++lane) out[count - left + lane] = last[lane];
      return;
    }
    for (std::size_t i = 0; i < operand_count; ++i) from[i] += step[i];
    to += lanes;
    left -= lanes;
  }
}

template <class Op, class Real, unsigned uniform>
void run(const Real* const* operands, Real* out, std::size_t count) {
  sweep<Op, Real>(operands, out, count, uniform);
}

constexpr std::size_t forms = 8;  // sets of uniform operands among three

template <class Real>
struct Table {
  Kernel<Real> kernels[KernelOps::size][forms];
};

template <class Op, class Real, unsigned uniform>
constexpr void enter(Kernel<Real> (&row)[forms]) {
  constexpr bool exists = uniform < (1U << arity<Op>);
  if constexpr (exists && (number_operand_bit<Op> & ~uniform) == 0) row[uniform] = run<Op, Real, uniform>;
}

template <class Real>
constexpr Table<Real> make_table() {
  Table<Real> table{};
  std::size_t code = 0;
  KernelOps::for_each([&]<class Op>() {
    Kernel<Real>(&row)[forms] = table.kernels[code++];
    [&]<unsigned... uniform>(std::integer_sequence<unsigned, uniform...>) {
      (enter<Op, Real, uniform>(row), ...);
    }(std::make_integer_sequence<unsigned, forms>());
  });
  return table;
}

template <class Real>
Kernel<Real> find(std::size_t code, unsigned uniform) {
  static constexpr Table<Real> table = make_table<Real>();
  return table.kernels[code][uniform];
}

template <class Real>
HWY_ATTR void run_terms_here(const TermStep* begin, const TermStep* end, const TermTables<Real>& tables) {
  run_terms<Lanes<Real>>(begin, end, tables);
}

/// AVX-512 has 32 registers, the others have 16.
constexpr TileShape tile = HWY_TARGET <= HWY_AVX3 ? TileShape{6, 4} : TileShape{6, 2};

template <class Real>
ProductRunner<Real> product_runner_here() {
  using Pack = Lanes<Real>;
  return {.load = load_rows<Pack, Real>,
          .save = save_rows<Pack, Real>,
          .gather = gather_places<Pack, Real>,
          .sum = sum_places<Pack, Real>,
          .multiply = multiply<Pack, tile, Real>,
          .add_products = add_products<Pack, tile, Real>,
          .panel = panel_width<Pack, tile>};
}

}  // namespace micrograd::compiler::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
