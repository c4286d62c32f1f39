// A row of your own: a struct shaped like those of the table, defined anywhere, applied with `apply<MyRow>(a,
// b)`. It works like a built-in operation: printing, backward, higher order.
#pragma once

#include <string>

#include <micrograd/engine/custom_rule.hpp>
#include <micrograd/engine/value.hpp>  // which includes this file at its end
#include <micrograd/error.hpp>

namespace micrograd::engine {

/// Evaluates `f` on the operands of `Op` spread out; the one that is always a number, if any, as a number.
template <class Op, class T, class F> auto spread(std::span<const T> operands, F&& f) {
  return [&]<std::size_t... I>(std::index_sequence<I...> /*operands*/) {
    const auto operand = [&]<std::size_t i>() -> Operand<Op, i, T> {
      if constexpr (std::is_same_v<Operand<Op, i, T>, double>) {
        return primal(operands[i]);
      } else {
        return operands[i];
      }
    };
    return f(operand.template operator()<I>()...);
  }(std::make_index_sequence<arity<Op>>());
}

/// The partial of `Op` by its operand `i`; 0 where the row is flat.
template <class Op, class T> T partial_by(std::span<const T> operands, const T& result, std::size_t i) {
  return spread<Op, T>(operands, [&](const auto&... x) -> T {
    const auto at = [&]<std::size_t I>() -> T {
      if constexpr (I < arity<Op>) {
        if constexpr (!Op::info.flat[I]) return partial<Op, I, T>(x..., result);
      }
      return T(0);
    };
    return i == 0   ? at.template operator()<0>()
           : i == 1 ? at.template operator()<1>()
                    : at.template operator()<2>();
  });
}

template <class Op> double value_of(std::span<const double> operands) {
  return spread<Op, double>(operands, [](const auto&... x) { return Op::template value<double>(x...); });
}

template <class Op> inline constexpr Rule rule_of{.value = value_of<Op>,
                                                  .partial = partial_by<Op, double>,
                                                  .partial_value = partial_by<Op, Value>,
                                                  .flat = Op::info.flat};

template <class Op, class... Operands> Value apply_user_row(const Operands&... operands) {
  const auto as_value = []<class T>(const T& operand) {
    if constexpr (std::is_arithmetic_v<T>) {
      return Value::constant(static_cast<double>(operand));
    } else {
      return operand;
    }
  };
  const std::array<Value, sizeof...(Operands)> held{as_value(operands)...};
  Custom custom{.name = std::string(Op::info.name), .operands = {}, .closure = {}, .rule = &rule_of<Op>};
  std::vector<double> data;
  for (const Value& operand : held) {
    custom.operands.push_back(engine::operand(operand));
    data.push_back(operand.node()->data);
  }
  return record_custom(value_of<Op>(data), std::move(custom));
}

}  // namespace micrograd::engine
