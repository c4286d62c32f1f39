// Walks the table of operations for tests that name no operation: evaluates any row on any number type.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <span>

#include <micrograd/micrograd.hpp>

namespace table_walk {

using Point = std::array<double, 3>;

/// True under MICROGRAD_STRESS, where a collection before every allocation makes everything slow.
inline bool in_a_hurry() { return std::getenv("MICROGRAD_STRESS") != nullptr; }

/// How many of so many random trials to make: an eighth under the address sanitizer, where each is slow.
constexpr std::uint64_t trials(std::uint64_t count) {
  return micrograd::engine::address_sanitizer ? count / 8 : count;
}

/// Whether operand `i` of `Op` is always a plain number.
template <class Op>
constexpr bool is_number(std::size_t i) {
  using micrograd::NumberOperand;
  return (i == 0 && Op::info.number_operand == NumberOperand::first) ||
         (i == 1 && Op::info.number_operand == NumberOperand::second);
}

/// The row applied to `x`, of which operands that are numbers by nature are taken from `at`.
template <class Op, class T>
T apply_row(std::span<const T> x, const Point& at) {
  using micrograd::NumberOperand;
  if constexpr (micrograd::arity<Op> == 1) {
    return apply<Op>(x[0]);
  } else if constexpr (micrograd::arity<Op> == 3) {
    return apply<Op>(x[0], x[1], x[2]);
  } else if constexpr (Op::info.number_operand == NumberOperand::first) {
    return apply<Op>(at[0], x[1]);
  } else if constexpr (Op::info.number_operand == NumberOperand::second) {
    return apply<Op>(x[0], at[1]);
  } else {
    return apply<Op>(x[0], x[1]);
  }
}

/// The row's plain value.
template <class Op>
double plain_value(const Point& x) {
  if constexpr (micrograd::arity<Op> == 1) {
    return Op::template value<double>(x[0]);
  } else if constexpr (micrograd::arity<Op> == 2) {
    return Op::template value<double>(x[0], x[1]);
  } else {
    return Op::template value<double>(x[0], x[1], x[2]);
  }
}

/// A point of the row's domain that keeps a distance from its kinks.
template <class Op, class Generator>
Point draw(Generator& generator, double distance = 0.1) {
  Point x{};
  do {
    for (std::size_t i = 0; i < micrograd::arity<Op>; ++i) {
      const micrograd::Domain domain = Op::info.domain[i];
      x[i] =
          domain.low + (domain.high - domain.low) * std::ldexp(static_cast<double>(generator() >> 11U), -53);
    }
  } while (Op::info.kink_distance != nullptr && Op::info.kink_distance(x[0], x[1], x[2]) < distance);
  return x;
}

}  // namespace table_walk
