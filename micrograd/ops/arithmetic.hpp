// The four operations and their relatives: + - * / negation, fma, square, sqrt, cbrt, hypot.
#pragma once

#include <cmath>

#include <micrograd/ops/row.hpp>

namespace micrograd {

struct Add {
  static constexpr OpInfo info{.name = "+", .formula = "x + y", .derivative = "1, 1"};
  template <class T> static T value(T x, T y) { return x + y; }
  template <class T> static double dx(T, T, T) { return 1.0; }
  template <class T> static double dy(T, T, T) { return 1.0; }
};

struct Subtract {
  static constexpr OpInfo info{.name = "-", .formula = "x - y", .derivative = "1, -1"};
  template <class T> static T value(T x, T y) { return x - y; }
  template <class T> static double dx(T, T, T) { return 1.0; }
  template <class T> static double dy(T, T, T) { return -1.0; }
};

struct Multiply {
  static constexpr OpInfo info{.name = "*", .formula = "x * y", .derivative = "y, x"};
  template <class T> static T value(T x, T y) { return x * y; }
  template <class T> static T dx(T, T y, T) { return y; }
  template <class T> static T dy(T x, T, T) { return x; }
};

struct Divide {
  static constexpr OpInfo info{
      .name = "/", .formula = "x / y", .derivative = "1/y, -r/y", .domain = {Domain{-3, 3}, Domain{0.4, 3}}};
  template <class T> static T value(T x, T y) { return x / y; }
  template <class T> static T dx(T, T y, T) { return 1.0 / y; }
  template <class T> static T dy(T, T y, T r) { return -r / y; }
};

struct Negate {
  static constexpr OpInfo info{.name = "neg", .formula = "-x", .derivative = "-1", .ulp = 0};
  template <class T> static T value(T x) { return -x; }
  template <class T> static double dx(T, T) { return -1.0; }
};

struct Fma {
  static constexpr OpInfo info{.name = "fma", .formula = "x * y + z, rounded once", .derivative = "y, x, 1"};
  template <class T> static T value(T x, T y, T z) {
    using std::fma;
    return fma(x, y, z);
  }
  template <class T> static T dx(T, T y, T, T) { return y; }
  template <class T> static T dy(T x, T, T, T) { return x; }
  template <class T> static double dz(T, T, T, T) { return 1.0; }
};

struct Square {
  static constexpr OpInfo info{.name = "square", .formula = "x * x", .derivative = "2 x"};
  template <class T> static T value(T x) { return x * x; }
  template <class T> static T dx(T x, T) { return x + x; }
};

struct Sqrt {
  static constexpr OpInfo info{
      .name = "sqrt", .formula = "sqrt x", .derivative = "1 / (2 r)", .domain = {Domain{0.1, 4}}};
  template <class T> static T value(T x) {
    using std::sqrt;
    return sqrt(x);
  }
  template <class T> static T dx(T, T r) { return 0.5 / r; }
};

struct Cbrt {
  static constexpr OpInfo info{
      .name = "cbrt", .formula = "cbrt x", .derivative = "1 / (3 r^2)", .domain = {Domain{0.1, 4}}, .ulp = 8};
  template <class T> static T value(T x) {
    using std::cbrt;
    return cbrt(x);
  }
  template <class T> static T dx(T, T r) { return 1.0 / (3.0 * (r * r)); }
};

/// The norm of (x, y), safe from overflow. At the origin, where no direction is steepest, the gradient is 0.
struct Hypot {
  static constexpr OpInfo info{.name = "hypot",
                               .formula = "sqrt(x^2 + y^2)",
                               .derivative = "x/r, y/r",
                               .domain = {Domain{0.3, 3}, Domain{-3, 3}},
                               .ulp = 4};
  template <class T> static T value(T x, T y) {
    using std::hypot;
    return hypot(x, y);
  }
  template <class T> static T dx(T x, T, T r) { return select(r == 0.0, T(0), x / r); }
  template <class T> static T dy(T, T y, T r) { return select(r == 0.0, T(0), y / r); }
};

using ArithmeticOps = OpList<Add, Subtract, Multiply, Divide, Negate, Fma, Square, Sqrt, Cbrt, Hypot>;

template <Number T> T fma(const T& x, const T& y, const T& z) { return apply<Fma>(x, y, z); }
template <Number T> T fma(const T& x, const T& y, double z) { return apply<Fma>(x, y, constant<T>(z)); }
template <Number T> T fma(const T& x, double y, const T& z) { return apply<Fma>(x, constant<T>(y), z); }
template <Number T> T fma(double x, const T& y, const T& z) { return apply<Fma>(constant<T>(x), y, z); }
template <Number T> T fma(const T& x, double y, double z) {
  return apply<Fma>(x, constant<T>(y), constant<T>(z));
}
template <Number T> T fma(double x, const T& y, double z) {
  return apply<Fma>(constant<T>(x), y, constant<T>(z));
}
template <Number T> T fma(double x, double y, const T& z) {
  return apply<Fma>(constant<T>(x), constant<T>(y), z);
}
template <Number T> T square(const T& x) { return apply<Square>(x); }
template <Number T> T sqrt(const T& x) { return apply<Sqrt>(x); }
template <Number T> T cbrt(const T& x) { return apply<Cbrt>(x); }
template <Number T> T hypot(const T& x, const T& y) { return apply<Hypot>(x, y); }
template <Number T> T hypot(const T& x, double y) { return apply<Hypot>(x, y); }
template <Number T> T hypot(double x, const T& y) { return apply<Hypot>(x, y); }

}  // namespace micrograd
