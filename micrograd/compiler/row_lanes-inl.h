// The rows of the table, compiled for one target, and the few functions that rows call and only the table
// has: sigmoid and the gamma family. Included in place of <micrograd/ops.hpp> where rows are evaluated on
// Lanes.
//
// A row is a template; compiled outside the target's region it could not call the target's instructions. So
// this must be the first to include the rows in its translation unit, and nothing of the standard library may
// be included for the first time by them, or it too would be compiled for the target and perhaps run on a
// machine without it.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <micrograd/simd/functions-inl.h>
#include <micrograd/simd/transpose-inl.h>

HWY_BEFORE_NAMESPACE();

#include <micrograd/compiler/lane_rows.hpp>
#include <micrograd/compiler/products.hpp>
#include <micrograd/compiler/slot_rows.hpp>
#include <micrograd/compiler/terms.hpp>

namespace micrograd::simd::HWY_NAMESPACE {

/// The row's own formula.
template <class Real>
HWY_INLINE Lanes<Real> sigmoid(Lanes<Real> x) {
  return Sigmoid::value(x);
}

/// Lane by lane as ops/special.cpp, in double.
template <class Real>
HWY_INLINE Lanes<Real> digamma(Lanes<Real> x) {
  return each([](Real number) { return static_cast<Real>(micrograd::digamma(number)); }, x);
}

/// Lane by lane as ops/special.cpp, in double.
template <class Real>
HWY_INLINE Lanes<Real> polygamma(double n, Lanes<Real> x) {
  return each([n](Real number) { return static_cast<Real>(micrograd::polygamma(n, number)); }, x);
}

}  // namespace micrograd::simd::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
