// Trigonometric and hyperbolic functions and their inverses.
#pragma once

#include <cmath>

#include <micrograd/ops/row.hpp>

namespace micrograd {

struct Sin {
  static constexpr OpInfo info{.name = "sin", .formula = "sin x", .derivative = "cos x", .ulp = 2};
  template <class T> static T value(T x) {
    using std::sin;
    return sin(x);
  }
  template <class T> static T dx(T x, T) {
    using std::cos;
    return cos(x);
  }
};

struct Cos {
  static constexpr OpInfo info{.name = "cos", .formula = "cos x", .derivative = "-sin x", .ulp = 2};
  template <class T> static T value(T x) {
    using std::cos;
    return cos(x);
  }
  template <class T> static T dx(T x, T) {
    using std::sin;
    return -sin(x);
  }
};

struct Tan {
  static constexpr OpInfo info{
      .name = "tan", .formula = "tan x", .derivative = "1 + r^2", .domain = {Domain{-1.3, 1.3}}, .ulp = 2};
  template <class T> static T value(T x) {
    using std::tan;
    return tan(x);
  }
  template <class T> static T dx(T, T r) { return 1.0 + r * r; }
};

struct Asin {
  static constexpr OpInfo info{.name = "asin",
                               .formula = "asin x",
                               .derivative = "1 / sqrt(1 - x^2)",
                               .domain = {Domain{-0.9, 0.9}},
                               .ulp = 2};
  template <class T> static T value(T x) {
    using std::asin;
    return asin(x);
  }
  template <class T> static T dx(T x, T) {
    using std::sqrt;
    return 1.0 / sqrt((1.0 - x) * (1.0 + x));
  }
};

struct Acos {
  static constexpr OpInfo info{.name = "acos",
                               .formula = "acos x",
                               .derivative = "-1 / sqrt(1 - x^2)",
                               .domain = {Domain{-0.9, 0.9}},
                               .ulp = 2};
  template <class T> static T value(T x) {
    using std::acos;
    return acos(x);
  }
  template <class T> static T dx(T x, T) {
    using std::sqrt;
    return -1.0 / sqrt((1.0 - x) * (1.0 + x));
  }
};

struct Atan {
  static constexpr OpInfo info{.name = "atan", .formula = "atan x", .derivative = "1 / (1 + x^2)", .ulp = 2};
  template <class T> static T value(T x) {
    using std::atan;
    return atan(x);
  }
  template <class T> static T dx(T x, T) { return 1.0 / (1.0 + x * x); }
};

/// The angle of the point (y, x), operands in the order of std::atan2: first the ordinate.
struct Atan2 {
  static constexpr OpInfo info{.name = "atan2",
                               .formula = "angle of (y, x), called with x the ordinate",
                               .derivative = "y/(x^2+y^2), -x/(x^2+y^2)",
                               .domain = {Domain{0.3, 3}, Domain{-3, 3}},
                               .ulp = 2};
  template <class T> static T value(T x, T y) {
    using std::atan2;
    return atan2(x, y);
  }
  template <class T> static T dx(T x, T y, T) {  // divided twice, since the square could overflow
    using std::hypot;
    T length = hypot(x, y);
    return y / length / length;
  }
  template <class T> static T dy(T x, T y, T) {
    using std::hypot;
    T length = hypot(x, y);
    return -x / length / length;
  }
};

struct Sinh {
  static constexpr OpInfo info{.name = "sinh", .formula = "sinh x", .derivative = "cosh x", .ulp = 4};
  template <class T> static T value(T x) {
    using std::sinh;
    return sinh(x);
  }
  template <class T> static T dx(T x, T) {
    using std::cosh;
    return cosh(x);
  }
};

struct Cosh {
  static constexpr OpInfo info{.name = "cosh", .formula = "cosh x", .derivative = "sinh x", .ulp = 4};
  template <class T> static T value(T x) {
    using std::cosh;
    return cosh(x);
  }
  template <class T> static T dx(T x, T) {
    using std::sinh;
    return sinh(x);
  }
};

struct Tanh {
  static constexpr OpInfo info{.name = "tanh", .formula = "tanh x", .derivative = "1 - r^2", .ulp = 4};
  template <class T> static T value(T x) {
    using std::tanh;
    return tanh(x);
  }
  template <class T> static T dx(T, T r) { return 1.0 - r * r; }
};

struct Asinh {
  static constexpr OpInfo info{
      .name = "asinh", .formula = "asinh x", .derivative = "1 / sqrt(1 + x^2)", .ulp = 4};
  template <class T> static T value(T x) {
    using std::asinh;
    return asinh(x);
  }
  template <class T> static T dx(T x, T) {
    using std::hypot;
    return 1.0 / hypot(x, 1.0);
  }
};

struct Acosh {
  static constexpr OpInfo info{.name = "acosh",
                               .formula = "acosh x",
                               .derivative = "1 / sqrt(x^2 - 1)",
                               .domain = {Domain{1.2, 4}},
                               .ulp = 4};
  template <class T> static T value(T x) {
    using std::acosh;
    return acosh(x);
  }
  template <class T> static T dx(T x, T) {
    using std::sqrt;
    return 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0));
  }
};

struct Atanh {
  static constexpr OpInfo info{.name = "atanh",
                               .formula = "atanh x",
                               .derivative = "1 / (1 - x^2)",
                               .domain = {Domain{-0.9, 0.9}},
                               .ulp = 4};
  template <class T> static T value(T x) {
    using std::atanh;
    return atanh(x);
  }
  template <class T> static T dx(T x, T) { return 1.0 / ((1.0 - x) * (1.0 + x)); }
};

using TrigonometricOps =
    OpList<Sin, Cos, Tan, Asin, Acos, Atan, Atan2, Sinh, Cosh, Tanh, Asinh, Acosh, Atanh>;

template <Number T> T sin(const T& x) { return apply<Sin>(x); }
template <Number T> T cos(const T& x) { return apply<Cos>(x); }
template <Number T> T tan(const T& x) { return apply<Tan>(x); }
template <Number T> T asin(const T& x) { return apply<Asin>(x); }
template <Number T> T acos(const T& x) { return apply<Acos>(x); }
template <Number T> T atan(const T& x) { return apply<Atan>(x); }
template <Number T> T atan2(const T& x, const T& y) { return apply<Atan2>(x, y); }
template <Number T> T atan2(const T& x, double y) { return apply<Atan2>(x, y); }
template <Number T> T atan2(double x, const T& y) { return apply<Atan2>(x, y); }
template <Number T> T sinh(const T& x) { return apply<Sinh>(x); }
template <Number T> T cosh(const T& x) { return apply<Cosh>(x); }
template <Number T> T tanh(const T& x) { return apply<Tanh>(x); }
template <Number T> T asinh(const T& x) { return apply<Asinh>(x); }
template <Number T> T acosh(const T& x) { return apply<Acosh>(x); }
template <Number T> T atanh(const T& x) { return apply<Atanh>(x); }

}  // namespace micrograd
