// The operators every number type shares, written once: a number type derives from `Operators<itself>` and
// supplies `apply<Op>(…)` and `compare(relation, x, y)`. They are non-template friends found by
// argument-dependent lookup, so a plain number may stand on either side and keeps its place.
#pragma once

#include <functional>

#include <micrograd/ops/arithmetic.hpp>

namespace micrograd {

template <class T>
class Operators {
 public:
  friend T operator+(const T& x, const T& y) { return apply<Add>(x, y); }
  friend T operator+(const T& x, double y) { return apply<Add>(x, y); }
  friend T operator+(double x, const T& y) { return apply<Add>(x, y); }
  friend T operator-(const T& x, const T& y) { return apply<Subtract>(x, y); }
  friend T operator-(const T& x, double y) { return apply<Subtract>(x, y); }
  friend T operator-(double x, const T& y) { return apply<Subtract>(x, y); }
  friend T operator*(const T& x, const T& y) { return apply<Multiply>(x, y); }
  friend T operator*(const T& x, double y) { return apply<Multiply>(x, y); }
  friend T operator*(double x, const T& y) { return apply<Multiply>(x, y); }
  friend T operator/(const T& x, const T& y) { return apply<Divide>(x, y); }
  friend T operator/(const T& x, double y) { return apply<Divide>(x, y); }
  friend T operator/(double x, const T& y) { return apply<Divide>(x, y); }
  friend T operator-(const T& x) { return apply<Negate>(x); }
  friend T operator+(const T& x) { return x; }

  // Compound assignment rebinds the left side to a new result; whoever else held the old value keeps it.
  friend T& operator+=(T& x, const T& y) { return x = apply<Add>(x, y); }
  friend T& operator+=(T& x, double y) { return x = apply<Add>(x, y); }
  friend T& operator-=(T& x, const T& y) { return x = apply<Subtract>(x, y); }
  friend T& operator-=(T& x, double y) { return x = apply<Subtract>(x, y); }
  friend T& operator*=(T& x, const T& y) { return x = apply<Multiply>(x, y); }
  friend T& operator*=(T& x, double y) { return x = apply<Multiply>(x, y); }
  friend T& operator/=(T& x, const T& y) { return x = apply<Divide>(x, y); }
  friend T& operator/=(T& x, double y) { return x = apply<Divide>(x, y); }

  // All six are declared: C++20 would rewrite `!=` from `==` only where `==` returns bool, and for Value it
  // returns Condition.
  friend auto operator<(const T& x, const T& y) { return compare(std::less{}, x, y); }
  friend auto operator<(const T& x, double y) { return compare(std::less{}, x, y); }
  friend auto operator<(double x, const T& y) { return compare(std::less{}, x, y); }
  friend auto operator>(const T& x, const T& y) { return compare(std::greater{}, x, y); }
  friend auto operator>(const T& x, double y) { return compare(std::greater{}, x, y); }
  friend auto operator>(double x, const T& y) { return compare(std::greater{}, x, y); }
  friend auto operator<=(const T& x, const T& y) { return compare(std::less_equal{}, x, y); }
  friend auto operator<=(const T& x, double y) { return compare(std::less_equal{}, x, y); }
  friend auto operator<=(double x, const T& y) { return compare(std::less_equal{}, x, y); }
  friend auto operator>=(const T& x, const T& y) { return compare(std::greater_equal{}, x, y); }
  friend auto operator>=(const T& x, double y) { return compare(std::greater_equal{}, x, y); }
  friend auto operator>=(double x, const T& y) { return compare(std::greater_equal{}, x, y); }
  friend auto operator==(const T& x, const T& y) { return compare(std::equal_to{}, x, y); }
  friend auto operator==(const T& x, double y) { return compare(std::equal_to{}, x, y); }
  friend auto operator==(double x, const T& y) { return compare(std::equal_to{}, x, y); }
  friend auto operator!=(const T& x, const T& y) { return compare(std::not_equal_to{}, x, y); }
  friend auto operator!=(const T& x, double y) { return compare(std::not_equal_to{}, x, y); }
  friend auto operator!=(double x, const T& y) { return compare(std::not_equal_to{}, x, y); }

 private:
  // Only T may derive from Operators<T>: a wrong name in `class A : Operators<B>` does not compile.
  Operators() = default;
  friend T;
};

/// What a function would compute without any derivative: the plain number at the bottom of a number type.
constexpr double primal(double x) { return x; }

template <Number T> bool isfinite(const T& x) { return std::isfinite(primal(x)); }
template <Number T> bool isnan(const T& x) { return std::isnan(primal(x)); }
template <Number T> bool isinf(const T& x) { return std::isinf(primal(x)); }
template <Number T> bool isnormal(const T& x) { return std::isnormal(primal(x)); }
template <Number T> bool signbit(const T& x) { return std::signbit(primal(x)); }

}  // namespace micrograd
