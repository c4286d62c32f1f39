// Functions of one row, written once for every number type, and what a person would write by hand to evaluate
// them on many rows: plain loops on double compiled with -O3 -march=native, and a loop on vectors.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "../objectives.hpp"

namespace bench {

/// The price of a call option by Black and Scholes: strike 100, rate 0.03.
template <class T>
T black_scholes(const T& spot, const T& volatility, const T& years) {
  using std::erfc, std::exp, std::log, std::sqrt;
  constexpr double strike = 100, rate = 0.03, root_half = 0.70710678118654752;
  const T spread = volatility * sqrt(years);
  const T above = (log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / spread;
  const T below = above - spread;
  return spot * (0.5 * erfc(-root_half * above)) -
         strike * exp(-rate * years) * (0.5 * erfc(-root_half * below));
}

/// Σ 100 (x[i + 1] - x[i]²)² + (1 - x[i])².
template <class T>
T rosenbrock(std::span<const T> x) {
  T total = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    const T valley = x[i + 1] - x[i] * x[i];
    const T left = 1 - x[i];
    total += 100 * (valley * valley) + left * left;
  }
  return total;
}

/// Prey and predators of Lotka and Volterra after 100 steps of the classical Runge-Kutta method, 10 time
/// units, from 10 and 5; their sum.
template <class T>
T lotka_volterra(std::span<const T> rates) {
  using State = std::array<T, 2>;
  const auto slope = [&rates](const State& s) {
    return State{rates[0] * s[0] - rates[1] * s[0] * s[1], rates[3] * s[0] * s[1] - rates[2] * s[1]};
  };
  const auto moved = [](const State& s, double time, const State& d) {
    return State{s[0] + time * d[0], s[1] + time * d[1]};
  };
  constexpr double step = 0.1;
  State s{T(10), T(5)};
  for (int i = 0; i < 100; ++i) {
    const State k1 = slope(s);
    const State k2 = slope(moved(s, step / 2, k1));
    const State k3 = slope(moved(s, step / 2, k2));
    const State k4 = slope(moved(s, step, k3));
    for (std::size_t n = 0; n < 2; ++n) s[n] += step / 6 * (k1[n] + 2 * k2[n] + 2 * k3[n] + k4[n]);
  }
  return s[0] + s[1];
}

namespace native {

// Each evaluates its function on all rows of `x`, writes the values to `out`, and returns nothing else.
void black_scholes_loop(std::span<const double> x, std::span<double> out);
void black_scholes_lanes(std::span<const double> x, std::span<double> out);
void rosenbrock_loop(std::span<const double> x, std::size_t columns, std::span<double> out);
void lotka_volterra_loop(std::span<const double> x, std::span<double> out);

// Whole objectives, as written.
double value_of(const objectives::Mixture& f, std::span<const double> x);
double value_of(const objectives::LeastSquares& f, std::span<const double> x);
double value_of(const objectives::LogSumExp& f, std::span<const double> x);
double value_of(const objectives::BundleAdjustment& f, std::span<const double> x);
double value_of(const objectives::KMeans& f, std::span<const double> x);
double value_of(const objectives::Lstm& f, std::span<const double> x);
double value_of(const objectives::Determinant& f, std::span<const double> x);

}  // namespace native
}  // namespace bench
