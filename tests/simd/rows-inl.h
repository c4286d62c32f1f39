// Instantiates value and partial derivatives of every row of the table on lanes of one target.
#pragma once

#include <micrograd/compiler/row_lanes-inl.h>

#include "row_evaluators.hpp"

HWY_BEFORE_NAMESPACE();

namespace micrograd::simd::testing::HWY_NAMESPACE {

using simd::HWY_NAMESPACE::Lanes;

template <class Op, std::size_t I, class Real>
HWY_INLINE auto given(const Real* const* from, std::size_t place) {
  if constexpr (I < arity<Op> && std::is_same_v<Operand<Op, I, Lanes<Real>>, double>) {
    return static_cast<double>(*from[I]);
  } else {
    return Lanes<Real>::load(from[I] + place);
  }
}

template <class Op, class Real, std::size_t... I>
HWY_INLINE Lanes<Real> value_at(const Real* const* from, std::size_t place,
                                std::index_sequence<I...> /*operands*/) {
  return Op::template value<Lanes<Real>>(given<Op, I>(from, place)...);
}

template <class Op, std::size_t by, class Real, std::size_t... I>
HWY_INLINE Lanes<Real> partial_at(const Real* const* from, std::size_t place,
                                  std::index_sequence<I...> /*operands*/) {
  return Lanes<Real>(partial<Op, by, Lanes<Real>>(given<Op, I>(from, place)...));
}

template <class Op, class Real>
void value(const Real* const* from, Real* out, std::size_t count) {
  for (std::size_t place = 0; place < count; place += Lanes<Real>::count) {
    value_at<Op>(from, place, std::make_index_sequence<arity<Op>>()).store(out + place);
  }
}

template <class Op, std::size_t by, class Real>
void partial_by(const Real* const* from, Real* out, std::size_t count) {
  for (std::size_t place = 0; place < count; place += Lanes<Real>::count) {
    partial_at<Op, by>(from, place, std::make_index_sequence<arity<Op> + 1>()).store(out + place);
  }
}

template <class Op, std::size_t by, class Real>
Evaluate<Real> evaluate_partial() {
  if constexpr (by < arity<Op>) {
    if constexpr (!Op::info.flat[by]) return partial_by<Op, by, Real>;
  }
  return nullptr;
}

template <class Real>
const std::vector<RowEvaluators<Real>>& rows() {
  static const std::vector<RowEvaluators<Real>> list = [] {
    std::vector<RowEvaluators<Real>> rows;
    compiler::KernelOps::for_each([&]<class Op>() {
      rows.push_back({Op::info.name,
                      arity<Op>,
                      value<Op, Real>,
                      {evaluate_partial<Op, 0, Real>(), evaluate_partial<Op, 1, Real>(),
                       evaluate_partial<Op, 2, Real>()}});
    });
    return rows;
  }();
  return list;
}

}  // namespace micrograd::simd::testing::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
