// Special functions: erf, erfc, and the logarithm of the gamma function with its derivatives (Boost.Math
// beneath).
#pragma once

#include <cmath>
#include <numbers>

#include <micrograd/ops/row.hpp>

namespace micrograd {

/// ln|Γ(x)|, thread-safe (std::lgamma writes a global sign); +inf at the poles 0, -1, -2, …
double lgamma(double x);
/// ψ(x) = d lgamma(x) / dx; NaN at the poles 0, -1, -2, …
double digamma(double x);
/// The n-th derivative of ψ, for whole n >= 0; NaN for any other n and at the poles.
double polygamma(double n, double x);

struct Erf {
  static constexpr OpInfo info{
      .name = "erf", .formula = "erf x", .derivative = "2/sqrt(pi) e^(-x^2)", .ulp = 3};
  template <class T> static T value(T x) {
    using std::erf;
    return erf(x);
  }
  template <class T> static T dx(T x, T) {
    using std::exp;
    return 2.0 * std::numbers::inv_sqrtpi * exp(-(x * x));
  }
};

struct Erfc {
  static constexpr OpInfo info{
      .name = "erfc", .formula = "1 - erf x", .derivative = "-2/sqrt(pi) e^(-x^2)", .ulp = 11};
  template <class T> static T value(T x) {
    using std::erfc;
    return erfc(x);
  }
  template <class T> static T dx(T x, T) {
    using std::exp;
    return -2.0 * std::numbers::inv_sqrtpi * exp(-(x * x));
  }
};

struct Digamma {
  static constexpr OpInfo info{.name = "digamma",
                               .formula = "psi(x)",
                               .derivative = "polygamma(1, x)",
                               .domain = {Domain{0.3, 6}},
                               .ulp = 16};
  template <class T> static T value(T x) { return digamma(x); }
  template <class T> static T dx(T x, T) { return polygamma(1.0, x); }
};

struct Lgamma {
  static constexpr OpInfo info{.name = "lgamma",
                               .formula = "ln |Gamma(x)|",
                               .derivative = "digamma x",
                               .domain = {Domain{2.5, 6}},
                               .ulp = 16};
  template <class T> static T value(T x) { return lgamma(x); }
  template <class T> static T dx(T x, T) { return digamma(x); }
};

/// The first operand, the order, is a number.
struct Polygamma {
  static constexpr OpInfo info{.name = "polygamma",
                               .formula = "n-th derivative of digamma at x",
                               .derivative = "polygamma(n+1, x)",
                               .domain = {Domain{1, 1}, Domain{0.5, 6}},
                               .flat = {true, false},
                               .number_operand = NumberOperand::first,
                               .ulp = 32};
  template <class T> static T value(double n, T x) { return polygamma(n, x); }
  template <class T> static T dy(double n, T x, T) { return polygamma(n + 1.0, x); }
};

using SpecialOps = OpList<Erf, Erfc, Lgamma, Digamma, Polygamma>;

template <Number T> T erf(const T& x) { return apply<Erf>(x); }
template <Number T> T erfc(const T& x) { return apply<Erfc>(x); }
template <Number T> T lgamma(const T& x) { return apply<Lgamma>(x); }
template <Number T> T digamma(const T& x) { return apply<Digamma>(x); }
template <Number T> T polygamma(double n, const T& x) { return apply<Polygamma>(n, x); }

}  // namespace micrograd
