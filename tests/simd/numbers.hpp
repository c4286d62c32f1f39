// Numbers to try functions on, and how far two numbers are apart.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

namespace micrograd::simd::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(NDEBUG)
constexpr std::size_t thinning = 20;  // unoptimised code is slow
#else
constexpr std::size_t thinning = 1;
#endif

template <class Real>
using Bits = std::conditional_t<sizeof(Real) == 8, std::uint64_t, std::uint32_t>;

template <class Real>
Bits<Real> bits(Real x) {
  return std::bit_cast<Bits<Real>>(x);
}

/// The same bits; one NaN is as good as another.
template <class Real>
bool same_bits(Real a, Real b) {
  return (std::isnan(a) && std::isnan(b)) || bits(a) == bits(b);
}

/// Distance of `got` from `exact` in units in the last place of `exact`, or infinity where NaN, an infinity
/// or the sign of an exact zero is missed.
template <class Real>
double ulps(Real got, long double exact) {
  using Limits = std::numeric_limits<Real>;
  constexpr double missed = std::numeric_limits<double>::infinity();
  if (std::isnan(exact)) return std::isnan(got) ? 0 : missed;
  const Real rounded = static_cast<Real>(exact);
  if (std::isinf(rounded)) return got == rounded ? 0 : missed;
  if (!std::isfinite(got)) return missed;
  if (exact == 0) return same_bits(got, rounded) ? 0 : missed;
  int exponent = 0;
  std::frexp(rounded, &exponent);
  if (rounded == 0 || exponent < Limits::min_exponent) exponent = Limits::min_exponent;
  return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) /
                             std::ldexp(1.0L, exponent - Limits::digits));
}

/// Where conventions rule: zeros, infinities, NaN, ends of the ranges, whole numbers and halves.
template <class Real>
std::vector<Real> special_numbers() {
  using Limits = std::numeric_limits<Real>;
  const std::vector<Real> positive{0,
                                   1,
                                   Real(0.5),
                                   Real(1.5),
                                   2,
                                   Real(2.5),
                                   3,
                                   10,
                                   Real(0.49999999999999994),
                                   Real(0.1),
                                   Limits::infinity(),
                                   Limits::max(),
                                   Limits::min(),
                                   Limits::denorm_min(),
                                   Limits::min() / 8,
                                   1 / Limits::epsilon() - Real(0.5),
                                   2 / Limits::epsilon() + 1,
                                   Real(1e9),
                                   Real(1e30)};
  std::vector<Real> numbers{Limits::quiet_NaN()};
  for (const Real x : positive) {
    numbers.push_back(x);
    numbers.push_back(-x);
  }
  return numbers;
}

/// Any bits: all magnitudes, subnormal numbers and NaN too.
template <class Real>
Real random_bits(std::mt19937_64& random) {
  return std::bit_cast<Real>(static_cast<Bits<Real>>(random()));
}

/// Either sign, magnitude between 2^low and 2^high, all magnitudes alike.
template <class Real>
Real random_magnitude(std::mt19937_64& random, double low, double high) {
  const double exponent = std::uniform_real_distribution(low, high)(random);
  return static_cast<Real>((random() & 1U) != 0 ? std::exp2(exponent) : -std::exp2(exponent));
}

}  // namespace micrograd::simd::testing
