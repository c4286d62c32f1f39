// The activations of neural networks. Convention at the kink: relu'(0) = 0.
#pragma once

#include <cmath>
#include <numbers>

#include <micrograd/ops/row.hpp>

namespace micrograd {

inline double distance_to_zero(double x, double, double) { return std::abs(x); }

struct Relu {
  static constexpr OpInfo info{.name = "ReLU",
                               .formula = "max(0, x)",
                               .derivative = "1 where x > 0, else 0",
                               .kink_distance = distance_to_zero,
                               .ulp = 0};
  template <class T> static T value(T x) { return select(x < 0.0, T(0), x); }  // so NaN passes through
  template <class T> static T dx(T x, T) { return select(x > 0.0, T(1), T(0)); }
};

/// The slope below 0 is a number.
struct LeakyRelu {
  static constexpr OpInfo info{.name = "leaky_relu",
                               .formula = "x where x > 0, else y x",
                               .derivative = "1 where x > 0, else y",
                               .domain = {Domain{-3, 3}, Domain{0.01, 0.3}},
                               .kink_distance = distance_to_zero,
                               .flat = {false, true},
                               .number_operand = NumberOperand::second,
                               .usual_number = 0.01};
  template <class T> static T value(T x, double slope) { return select(x > 0.0, x, T(slope * x)); }
  template <class T> static T dx(T x, double slope, T) { return select(x > 0.0, T(1), T(slope)); }
};

/// The scale below 0 is a number. At the kink the left derivative is taken; with scale 1 there is no kink.
struct Elu {
  static constexpr OpInfo info{.name = "elu",
                               .formula = "x where x > 0, else y (e^x - 1)",
                               .derivative = "1 where x > 0, else r + y",
                               .domain = {Domain{-3, 3}, Domain{0.5, 1.5}},
                               .kink_distance = distance_to_zero,
                               .flat = {false, true},
                               .number_operand = NumberOperand::second,
                               .usual_number = 1.0,
                               .ulp = 3};
  template <class T> static T value(T x, double scale) {
    using std::expm1;
    return select(x > 0.0, x, T(scale * expm1(x)));
  }
  template <class T> static T dx(T x, double scale, T r) { return select(x > 0.0, T(1), T(r + scale)); }
};

struct Sigmoid {
  static constexpr OpInfo info{
      .name = "sigmoid", .formula = "1 / (1 + e^-x)", .derivative = "r (1 - r)", .ulp = 4};
  template <class T> static T value(T x) {  // the exponential of a number <= 0 cannot overflow
    using std::abs, std::exp;
    const T small = exp(-abs(x));
    return select(x < 0.0, small, T(1)) / (1.0 + small);
  }
  template <class T> static T dx(T, T r) { return r * (1.0 - r); }
};

inline double sigmoid(double x) { return Sigmoid::value(x); }

/// ln(1 + e^x) without overflow: the exponential is only taken of a negative number.
struct Softplus {
  static constexpr OpInfo info{
      .name = "softplus", .formula = "ln(1 + e^x)", .derivative = "1 / (1 + e^-x)", .ulp = 6};
  template <class T> static T value(T x) {
    using std::exp, std::log1p;
    return select(x > 0.0, x + log1p(exp(-x)), log1p(exp(x)));
  }
  template <class T> static T dx(T x, T) {
    using std::exp;
    return 1.0 / (1.0 + exp(-x));
  }
};

/// x Φ(x) with the exact normal distribution Φ (the erf form, not the tanh approximation; Hendrycks and
/// Gimpel 2016). Through erfc, so that the left tail keeps its digits.
struct Gelu {
  static constexpr OpInfo info{
      .name = "gelu", .formula = "x Phi(x)", .derivative = "Phi(x) + x phi(x)", .ulp = 24};
  template <class T> static T phi(T x) {
    using std::erfc;
    return 0.5 * erfc(x * (-1.0 / std::numbers::sqrt2));
  }
  template <class T> static T value(T x) { return x * phi(x); }
  template <class T> static T dx(T x, T) {
    using std::exp;
    constexpr double density_at_0 = std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    return phi(x) + x * (density_at_0 * exp(-0.5 * (x * x)));
  }
};

/// x sigmoid(x), also called swish.
struct Silu {
  static constexpr OpInfo info{
      .name = "silu", .formula = "x sigmoid(x)", .derivative = "s + r (1 - s), s = sigmoid x", .ulp = 6};
  template <class T> static T value(T x) { return x * sigmoid(x); }
  template <class T> static T dx(T x, T r) {
    const T s = sigmoid(x);
    return s + r * (1.0 - s);
  }
};

using ActivationOps = OpList<Relu, LeakyRelu, Elu, Sigmoid, Softplus, Gelu, Silu>;

template <Number T> T relu(const T& x) { return apply<Relu>(x); }
template <Number T> T leaky_relu(const T& x, double slope = *LeakyRelu::info.usual_number) {
  return apply<LeakyRelu>(x, slope);
}
template <Number T> T elu(const T& x, double scale = *Elu::info.usual_number) { return apply<Elu>(x, scale); }
template <Number T> T sigmoid(const T& x) { return apply<Sigmoid>(x); }
template <Number T> T softplus(const T& x) { return apply<Softplus>(x); }
template <Number T> T gelu(const T& x) { return apply<Gelu>(x); }
template <Number T> T silu(const T& x) { return apply<Silu>(x); }

}  // namespace micrograd
