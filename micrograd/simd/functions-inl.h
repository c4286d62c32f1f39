// The mathematical functions on Lanes, found by argument-dependent lookup where a row calls `exp(x)`. Each
// says which library computes it and for which numbers; lanes beyond these are computed one by one by the C++
// library, so every function is defined for every number, with NaN, infinities and signs of zero as in scalar
// code. How far each may be off is in accuracy.hpp, and the tests measure it.
//
// A lane's result depends on its own operands only: not on its neighbours, its place, or the number of
// threads. It may differ in the last bits between targets: those without fused multiply-add round more often.
#pragma once

#include <cmath>
#include <limits>

#include <micrograd/simd/lanes-inl.h>
#include <micrograd/simd/sleef-inl.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();

namespace micrograd::simd::HWY_NAMESPACE {

/// A bound that depends on the range of the type.
template <class Real>
constexpr double limit(double of_double, double of_float) {
  return std::is_same_v<Real, double> ? of_double : of_float;
}
template <class Real>
inline constexpr double largest = std::numeric_limits<Real>::max();

/// NaN where x is NaN.
template <class Real>
HWY_INLINE Lanes<Real> keep_nan(Lanes<Real> x, Lanes<Real> result) {
  return select(x == x, result, x);
}

// ---- exponentials and logarithms
// -------------------------------------------------------------------------------

/// Highway, everywhere. Its reduction fails far above the overflow only, so a large operand is cut down
/// first.
template <class Real>
HWY_INLINE Lanes<Real> exp(Lanes<Real> x) {
  const Lanes<Real> cut = min(x, limit<Real>(1000, 150));
  return keep_nan(x, Lanes<Real>(hn::Exp(typename Lanes<Real>::Tag(), cut.raw)));
}

/// SLEEF, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> exp2(Lanes<Real> x) {
  return sleef::exp2(x);
}

/// Highway, everywhere, cut like exp; the sign is that of x, for -0 too.
template <class Real>
HWY_INLINE Lanes<Real> expm1(Lanes<Real> x) {
  const Lanes<Real> cut = min(x, limit<Real>(1000, 150));
  return keep_nan(x, copysign(Lanes<Real>(hn::Expm1(typename Lanes<Real>::Tag(), cut.raw)), x));
}

/// The domain of the logarithms: positive and finite, subnormal numbers included.
template <class Real>
HWY_INLINE Mask<Real> positive_finite(Lanes<Real> x) {
  return x > 0.0 && x <= largest<Real>;
}

/// Highway for positive finite numbers.
template <class Real>
HWY_INLINE Lanes<Real> log(Lanes<Real> x) {
  const Lanes<Real> result(hn::Log(typename Lanes<Real>::Tag(), x.raw));
  return repaired([](Real number) { return std::log(number); }, positive_finite(x), result, x);
}

/// Highway for positive finite numbers.
template <class Real>
HWY_INLINE Lanes<Real> log2(Lanes<Real> x) {
  const Lanes<Real> result(hn::Log2(typename Lanes<Real>::Tag(), x.raw));
  return repaired([](Real number) { return std::log2(number); }, positive_finite(x), result, x);
}

/// Highway for positive finite numbers.
template <class Real>
HWY_INLINE Lanes<Real> log10(Lanes<Real> x) {
  const Lanes<Real> result(hn::Log10(typename Lanes<Real>::Tag(), x.raw));
  return repaired([](Real number) { return std::log10(number); }, positive_finite(x), result, x);
}

/// Highway for finite numbers above -1.
template <class Real>
HWY_INLINE Lanes<Real> log1p(Lanes<Real> x) {
  const Lanes<Real> result(hn::Log1p(typename Lanes<Real>::Tag(), x.raw));
  return repaired([](Real number) { return std::log1p(number); }, x > -1.0 && x <= largest<Real>, result, x);
}

// ---- trigonometric functions
// -----------------------------------------------------------------------------------

/// SLEEF, everywhere: it reduces large angles exactly.
template <class Real>
HWY_INLINE Lanes<Real> sin(Lanes<Real> x) {
  return sleef::sin(x);
}

/// SLEEF, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> cos(Lanes<Real> x) {
  return sleef::cos(x);
}

/// SLEEF, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> tan(Lanes<Real> x) {
  return sleef::tan(x);
}

/// Highway, everywhere; NaN beyond [-1, 1].
template <class Real>
HWY_INLINE Lanes<Real> asin(Lanes<Real> x) {
  return Lanes<Real>(hn::Asin(typename Lanes<Real>::Tag(), x.raw));
}

/// Highway, everywhere; NaN beyond [-1, 1].
template <class Real>
HWY_INLINE Lanes<Real> acos(Lanes<Real> x) {
  return Lanes<Real>(hn::Acos(typename Lanes<Real>::Tag(), x.raw));
}

/// Highway, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> atan(Lanes<Real> x) {
  return Lanes<Real>(hn::Atan(typename Lanes<Real>::Tag(), x.raw));
}

// ---- hyperbolic functions
// --------------------------------------------------------------------------------------

/// Highway up to where e^|x| overflows, which is a little before sinh does.
template <class Real>
HWY_INLINE Lanes<Real> sinh(Lanes<Real> x) {
  const Lanes<Real> result(hn::Sinh(typename Lanes<Real>::Tag(), x.raw));
  return repaired([](Real number) { return std::sinh(number); }, abs(x) <= limit<Real>(709, 88), result, x);
}

/// SLEEF up to where e^|x| overflows.
template <class Real>
HWY_INLINE Lanes<Real> cosh(Lanes<Real> x) {
  return repaired([](Real number) { return std::cosh(number); }, abs(x) <= limit<Real>(709, 88),
                  sleef::cosh(x), x);
}

/// Highway, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> tanh(Lanes<Real> x) {
  return Lanes<Real>(hn::Tanh(typename Lanes<Real>::Tag(), x.raw));
}

/// Highway for finite numbers.
template <class Real>
HWY_INLINE Lanes<Real> asinh(Lanes<Real> x) {
  const Lanes<Real> result(hn::Asinh(typename Lanes<Real>::Tag(), x.raw));
  return repaired([](Real number) { return std::asinh(number); }, abs(x) <= largest<Real>, result, x);
}

/// Highway for finite numbers from 1.
template <class Real>
HWY_INLINE Lanes<Real> acosh(Lanes<Real> x) {
  const Lanes<Real> result(hn::Acosh(typename Lanes<Real>::Tag(), x.raw));
  return repaired([](Real number) { return std::acosh(number); }, x >= 1.0 && x <= largest<Real>, result, x);
}

/// Highway between -1 and 1.
template <class Real>
HWY_INLINE Lanes<Real> atanh(Lanes<Real> x) {
  const Lanes<Real> result(hn::Atanh(typename Lanes<Real>::Tag(), x.raw));
  return repaired([](Real number) { return std::atanh(number); }, abs(x) < 1.0, result, x);
}

// ---- roots and special functions
// -------------------------------------------------------------------------------

/// SLEEF, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> cbrt(Lanes<Real> x) {
  return sleef::cbrt(x);
}

/// SLEEF, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> erf(Lanes<Real> x) {
  return sleef::erf(x);
}

/// SLEEF, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> erfc(Lanes<Real> x) {
  return sleef::erfc(x);
}

/// The C library, lane by lane, always in double: SLEEF's loses most digits below 0.
template <class Real>
HWY_INLINE Lanes<Real> lgamma(Lanes<Real> x) {
  const auto scalar = [](Real number) {
    int sign = 0;
    return static_cast<Real>(::lgamma_r(number, &sign));
  };
  return each(scalar, x);
}

// ---- functions of two and three numbers; a plain number may stand for each
// -------------------------------------

template <class Real>
concept Plain = std::is_arithmetic_v<Real>;

/// Rounded once. One instruction where the target has it, the C++ library lane by lane where not (SSE4).
template <class Real>
HWY_INLINE Lanes<Real> fma(Lanes<Real> x, std::type_identity_t<Lanes<Real>> y,
                           std::type_identity_t<Lanes<Real>> z) {
#if HWY_NATIVE_FMA
  return Lanes<Real>(hn::MulAdd(x.raw, y.raw, z.raw));
#else
  return each([](Real a, Real b, Real c) { return std::fma(a, b, c); }, x, y, z);
#endif
}
template <Plain N, class Real>
HWY_INLINE Lanes<Real> fma(N x, Lanes<Real> y, std::type_identity_t<Lanes<Real>> z) {
  return fma(Lanes<Real>(x), y, z);
}
template <Plain N, Plain M, class Real>
HWY_INLINE Lanes<Real> fma(N x, M y, Lanes<Real> z) {
  return fma(Lanes<Real>(x), y, z);
}

/// SLEEF, with C99's special cases, where the result is not infinite; it calls the last numbers before the
/// overflow infinite too.
template <class Real>
HWY_INLINE Lanes<Real> pow(Lanes<Real> x, Lanes<Real> y) {
  const Lanes<Real> result = sleef::pow(x, y);
  const Mask<Real> good = abs(result) != std::numeric_limits<double>::infinity();
  if (HWY_LIKELY(all(good))) return result;
  return redo([](Real a, Real b) { return std::pow(a, b); }, good, result, x, y);
}
/// As with lanes, except that the powers 1, 2, 3 and -1 are products and quotients: within 1 ulp, and faster.
template <class Real>
HWY_INLINE Lanes<Real> pow(Lanes<Real> x, double n) {
  if (n == 1.0) return x;
  if (n == 2.0) return x * x;
  if (n == 3.0) return x * x * x;
  if (n == -1.0) return 1.0 / x;
  return pow(x, Lanes<Real>(n));
}
template <Plain N, class Real>
HWY_INLINE Lanes<Real> pow(N b, Lanes<Real> x) {
  return pow(Lanes<Real>(b), x);
}

/// SLEEF, everywhere.
template <class Real>
HWY_INLINE Lanes<Real> atan2(Lanes<Real> y, std::type_identity_t<Lanes<Real>> x) {
  return sleef::atan2(y, x);
}
template <Plain N, class Real>
HWY_INLINE Lanes<Real> atan2(N y, Lanes<Real> x) {
  return sleef::atan2(Lanes<Real>(y), x);
}

/// SLEEF, everywhere; an infinite leg wins over NaN.
template <class Real>
HWY_INLINE Lanes<Real> hypot(Lanes<Real> x, std::type_identity_t<Lanes<Real>> y) {
  return sleef::hypot(x, y);
}
template <Plain N, class Real>
HWY_INLINE Lanes<Real> hypot(N x, Lanes<Real> y) {
  return sleef::hypot(Lanes<Real>(x), y);
}

}  // namespace micrograd::simd::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
