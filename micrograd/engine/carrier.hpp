// What Dual and Bounded share: numbers that carry something beside their value. Such a type says in
// `evaluate` what an operation does to both parts; operands, comparisons and select are the same for all.
#pragma once

#include <concepts>

#include <micrograd/ops.hpp>

namespace micrograd {

/// A class with a `value`, and with `evaluate<Op>(operands…)` for operands that are its own or plain numbers.
template <class T>
concept Carrier = Number<T> && requires(const T& x) {
  x.value;
  T::template evaluate<Add>(x, 1.0);
};

template <Row Op, Carrier T> T apply(const T& x) { return T::template evaluate<Op>(x); }
template <Row Op, Carrier T> T apply(const T& x, const T& y) { return T::template evaluate<Op>(x, y); }
template <Row Op, Carrier T> T apply(const T& x, double y) { return T::template evaluate<Op>(x, y); }
template <Row Op, Carrier T> T apply(double x, const T& y) { return T::template evaluate<Op>(x, y); }
template <Row Op, Carrier T> T apply(const T& x, const T& y, const T& z) {
  return T::template evaluate<Op>(x, y, z);
}

template <class Relation, Carrier T> bool compare(Relation relation, const T& x, const T& y) {
  return relation(primal(x), primal(y));
}
template <class Relation, Carrier T> bool compare(Relation relation, const T& x, double y) {
  return relation(primal(x), y);
}
template <class Relation, Carrier T> bool compare(Relation relation, double x, const T& y) {
  return relation(x, primal(y));
}

template <Carrier T> T select(bool condition, const T& x, const T& y) { return condition ? x : y; }
template <Carrier T> T select(bool condition, const T& x, double y) { return condition ? x : T(y); }
template <Carrier T> T select(bool condition, double x, const T& y) { return condition ? T(x) : y; }

}  // namespace micrograd
