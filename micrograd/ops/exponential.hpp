// Exponentials, logarithms and powers.
#pragma once

#include <cmath>
#include <numbers>

#include <micrograd/ops/row.hpp>

namespace micrograd {

struct Exp {
  static constexpr OpInfo info{.name = "exp", .formula = "e^x", .derivative = "r", .ulp = 2};
  template <class T> static T value(T x) {
    using std::exp;
    return exp(x);
  }
  template <class T> static T dx(T, T r) { return r; }
};

struct Exp2 {
  static constexpr OpInfo info{.name = "exp2", .formula = "2^x", .derivative = "r ln 2", .ulp = 2};
  template <class T> static T value(T x) {
    using std::exp2;
    return exp2(x);
  }
  template <class T> static T dx(T, T r) { return r * std::numbers::ln2; }
};

struct Expm1 {
  static constexpr OpInfo info{.name = "expm1", .formula = "e^x - 1", .derivative = "r + 1", .ulp = 2};
  template <class T> static T value(T x) {
    using std::expm1;
    return expm1(x);
  }
  template <class T> static T dx(T, T r) { return r + 1.0; }
};

struct Log {
  static constexpr OpInfo info{
      .name = "log", .formula = "ln x", .derivative = "1/x", .domain = {Domain{0.1, 4}}, .ulp = 2};
  template <class T> static T value(T x) {
    using std::log;
    return log(x);
  }
  template <class T> static T dx(T x, T) { return 1.0 / x; }
};

struct Log1p {
  static constexpr OpInfo info{.name = "log1p",
                               .formula = "ln(1 + x)",
                               .derivative = "1 / (1 + x)",
                               .domain = {Domain{-0.8, 4}},
                               .ulp = 2};
  template <class T> static T value(T x) {
    using std::log1p;
    return log1p(x);
  }
  template <class T> static T dx(T x, T) { return 1.0 / (1.0 + x); }
};

struct Log2 {
  static constexpr OpInfo info{.name = "log2",
                               .formula = "log2 x",
                               .derivative = "1 / (x ln 2)",
                               .domain = {Domain{0.1, 4}},
                               .ulp = 2};
  template <class T> static T value(T x) {
    using std::log2;
    return log2(x);
  }
  template <class T> static T dx(T x, T) { return 1.0 / (x * std::numbers::ln2); }
};

struct Log10 {
  static constexpr OpInfo info{.name = "log10",
                               .formula = "log10 x",
                               .derivative = "1 / (x ln 10)",
                               .domain = {Domain{0.1, 4}},
                               .ulp = 4};
  template <class T> static T value(T x) {
    using std::log10;
    return log10(x);
  }
  template <class T> static T dx(T x, T) { return 1.0 / (x * std::numbers::ln10); }
};

/// A power with a number as exponent: defined for negative x too, and no logarithm is ever taken.
struct PowNumber {
  static constexpr OpInfo info{.name = "pow_number",
                               .formula = "x^n, n a number",
                               .derivative = "n x^(n-1)",
                               .domain = {Domain{0.3, 3}, Domain{-2, 3}},
                               .flat = {false, true},
                               .number_operand = NumberOperand::second,
                               .ulp = 2};
  template <class T> static T value(T x, double n) {
    using std::pow;
    return pow(x, n);
  }
  template <class T> static T dx(T x, double n, T) {
    using std::pow;
    return n == 0.0 ? T(0)
                    : T(n * pow(x, n - 1.0));  // x^0 is 1 everywhere, so 0 * inf must not arise at x = 0
  }
};

/// A power with a number as base.
struct NumberPow {
  static constexpr OpInfo info{.name = "number_pow",
                               .formula = "b^x, b a number",
                               .derivative = "r ln b",
                               .domain = {Domain{0.3, 3}, Domain{-2, 3}},
                               .flat = {true, false},
                               .number_operand = NumberOperand::first,
                               .ulp = 2};
  template <class T> static T value(double b, T x) {
    using std::pow;
    return pow(b, x);
  }
  template <class T> static T dy(double b, T, T r) { return b == 0.0 ? T(0) : T(r * std::log(b)); }
};

/// A power of two variables. At x = 0 the partial by the exponent is 0, the limit for y > 0.
struct Pow {
  static constexpr OpInfo info{.name = "pow",
                               .formula = "x^y",
                               .derivative = "y x^(y-1), r ln x (0 at x = 0)",
                               .domain = {Domain{0.3, 3}, Domain{-2, 3}},
                               .ulp = 2};
  template <class T> static T value(T x, T y) {
    using std::pow;
    return pow(x, y);
  }
  template <class T> static T dx(T x, T y, T) {
    using std::pow;
    return select(y == 0.0, T(0), T(y * pow(x, y - 1.0)));
  }
  template <class T> static T dy(T x, T, T r) {
    using std::log;
    return select(x == 0.0, T(0), r * log(x));
  }
};

using ExponentialOps = OpList<Exp, Exp2, Expm1, Log, Log1p, Log2, Log10, PowNumber, NumberPow, Pow>;

template <Number T> T exp(const T& x) { return apply<Exp>(x); }
template <Number T> T exp2(const T& x) { return apply<Exp2>(x); }
template <Number T> T expm1(const T& x) { return apply<Expm1>(x); }
template <Number T> T log(const T& x) { return apply<Log>(x); }
template <Number T> T log1p(const T& x) { return apply<Log1p>(x); }
template <Number T> T log2(const T& x) { return apply<Log2>(x); }
template <Number T> T log10(const T& x) { return apply<Log10>(x); }
template <Number T> T pow(const T& x, double n) { return apply<PowNumber>(x, n); }
template <Number T> T pow(double b, const T& x) { return apply<NumberPow>(b, x); }
template <Number T> T pow(const T& x, const T& y) { return apply<Pow>(x, y); }

}  // namespace micrograd
