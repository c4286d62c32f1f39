// A row of your own: a struct shaped like those of the table, defined anywhere, applied with `apply<MyRow>(a,
// b)`. It works like a built-in operation: printing, backward, higher order.
#pragma once

#include <string>

#include <micrograd/engine/custom_rule.hpp>
#include <micrograd/engine/value.hpp>  // which includes this file at its end
#include <micrograd/error.hpp>

namespace micrograd::engine {

/// Evaluates `f` on the operands of `Op` spread out, the number (if any) put in its place.
template <class Op, class T, class F>
auto spread(std::span<const T> operands, double number, F&& f) {
  if constexpr (arity<Op> == 1) {
    return f(operands[0]);
  } else if constexpr (arity<Op> == 3) {
    return f(operands[0], operands[1], operands[2]);
  } else if constexpr (Op::info.number_operand == NumberOperand::first) {
    return f(number, operands[0]);
  } else if constexpr (Op::info.number_operand == NumberOperand::second) {
    return f(operands[0], number);
  } else {
    return f(operands[0], operands[1]);
  }
}

/// The partial of `Op` by the `i`-th operand that is a node.
template <class Op, class T>
T partial_by(std::span<const T> operands, double number, const T& result, std::size_t i) {
  const std::size_t place = Op::info.number_operand == NumberOperand::first ? i + 1 : i;
  return spread<Op, T>(operands, number, [&](const auto&... x) -> T {
    const auto at = [&]<std::size_t I>() -> T {
      if constexpr (I < arity<Op>) {
        if constexpr (!Op::info.flat[I]) return partial<Op, I, T>(x..., result);
      }
      return T(0);
    };
    return place == 0   ? at.template operator()<0>()
           : place == 1 ? at.template operator()<1>()
                        : at.template operator()<2>();
  });
}

template <class Op>
inline constexpr Rule rule_of{
    .partial = [](std::span<const double> operands, double number, double result,
                  std::size_t i) { return partial_by<Op, double>(operands, number, result, i); },
    .partial_value = [](std::span<const Value> operands, double number, const Value& result,
                        std::size_t i) { return partial_by<Op, Value>(operands, number, result, i); },
    .flat =
        [] {
          std::array<bool, 3> flat = Op::info.flat;
          if (Op::info.number_operand == NumberOperand::first) flat = {flat[1], flat[2], false};
          return flat;
        }(),
};

template <class Op, class... Operands>
Value apply_user_row(const Operands&... operands) {
  Custom custom{.name = std::string(Op::info.name), .operands = {}, .closure = {}, .rule = &rule_of<Op>};
  std::vector<double> data;
  std::size_t place = 0;
  const auto add = [&]<class T>(const T& operand) {
    constexpr bool is_number = std::is_same_v<T, double>;
    const bool stays_number = (Op::info.number_operand == NumberOperand::first && place == 0) ||
                              (Op::info.number_operand == NumberOperand::second && place == 1);
    ++place;
    if constexpr (is_number) {
      if (stays_number) {
        custom.number = operand;
        return Value();
      }
    }
    Value value(operand);
    if constexpr (is_number) value.node()->flags |= Flag::constant;
    custom.operands.push_back(engine::operand(value));
    data.push_back(value.data());
    return value;  // holds the operand until it is recorded
  };
  const std::array<Value, sizeof...(Operands)> held{add(operands)...};
  const double result = spread<Op, double>(std::span<const double>(data), custom.number,
                                           [](const auto&... x) { return Op::template value<double>(x...); });
  return record_custom(result, std::move(custom));
}

}  // namespace micrograd::engine
