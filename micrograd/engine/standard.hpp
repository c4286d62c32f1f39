// A Value where the standard library expects a number: hashing (of data, as ==) and numeric_limits.
#pragma once

#include <functional>
#include <limits>

#include <micrograd/engine/value.hpp>  // which includes this file at its end

template <>
struct std::hash<micrograd::Value> {
  std::size_t operator()(const micrograd::Value& x) const { return std::hash<double>{}(x.data()); }
};

template <>
class std::numeric_limits<micrograd::Value> : public std::numeric_limits<double> {
  using Base = std::numeric_limits<double>;

 public:
  static micrograd::Value min() { return Base::min(); }
  static micrograd::Value max() { return Base::max(); }
  static micrograd::Value lowest() { return Base::lowest(); }
  static micrograd::Value epsilon() { return Base::epsilon(); }
  static micrograd::Value round_error() { return Base::round_error(); }
  static micrograd::Value infinity() { return Base::infinity(); }
  static micrograd::Value quiet_NaN() { return Base::quiet_NaN(); }
  static micrograd::Value signaling_NaN() { return Base::signaling_NaN(); }
  static micrograd::Value denorm_min() { return Base::denorm_min(); }
};
