// The language of `micrograd grad`: arithmetic with names, every operation of the table as a function, and
// statements that give names to results. Text becomes a list of steps; steps run on any number type.
//
//   statements   c = a * b; d = c + 1; relu(d)      the last one is the result
//   operators    + - * / and ^ or ** for powers, which bind tighter than a sign and group to the right
//   numbers      2  .5  1e-3, and by name pi, e, inf, nan unless the name is given a value
//   names        letters, digits and _; whatever is not ASCII counts as a letter, so 权重 is a name
//   functions    relu(x), pow(x, 2), fma(x, y, z): the table; sum, mean and logsumexp of as many as you like
//   choices      where(x < y, x, 2 * y), also called select; < <= > >= == != stand nowhere else
//
// What contains no name is a plain number, computed once, as `2 * 3` is a double in C++.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <micrograd/engine/dual.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include <micrograd/ops.hpp>

#include <cli/expression_functions.hpp>

namespace micrograd::command {

enum class Comparison : std::uint8_t { less, less_equal, greater, greater_equal, equal, not_equal };

/// One step. Its operands are earlier steps, so running the steps in order needs no recursion.
struct Step {
  enum class Kind : std::uint8_t { number, variable, row, comparison, choice, range };
  Kind kind;
  std::uint16_t what = 0;      ///< the row's code, the Comparison or the RangeFunction
  std::uint32_t operands = 0;  ///< where they begin in Expression::operands; for a variable, its index
  std::uint32_t count = 0;
  double number = 0.0;
};

/// What the result is differentiated by. It has a value of its own if the text gives it one: `a = 2; a * a`.
struct Variable {
  std::string name;
  std::optional<double> value;
};

/// A result that a statement named. It carries its name as a label unless it is another name of something.
struct NamedStep {
  std::string name;
  std::uint32_t step;
  bool is_alias;
};

struct Expression {
  std::vector<Step> steps;
  std::vector<std::uint32_t> operands;
  std::vector<Variable> variables;  ///< in order of appearance
  std::vector<NamedStep> named;     ///< likewise
  std::uint32_t result = 0;
};

/// How deep parentheses, signs and powers may nest.
inline constexpr std::size_t deepest_nesting = 1000;

/// Reads an expression in which the names `given` have values. Throws UsageError that shows the place.
[[nodiscard]] Expression parse_expression(std::string_view text, std::span<const std::string> given = {});

/// Whether the text is a name of the language.
[[nodiscard]] bool is_name(std::string_view text);

/// What an expression gives: its result, and the results that have names, as in `Expression::named`.
template <Number T>
struct Evaluation {
  T result;
  std::vector<T> named;
};

/// What a step gives: a plain number, or a number that carries derivatives.
template <Number T>
using Quantity = std::variant<double, T>;

template <Number T>
T lift(const Quantity<T>& x) {
  const double* number = std::get_if<double>(&x);
  return number != nullptr ? constant<T>(*number) : std::get<T>(x);
}

/// A row on operands of which one at least is a T. A number that the row wants as a number is one, since the
/// overload was chosen so.
template <Row Op, Number T>
T apply_row(std::span<const Quantity<T>> x) {
  if constexpr (arity<Op> == 1) {
    return apply<Op>(lift(x[0]));
  } else if constexpr (arity<Op> == 3) {
    return apply<Op>(lift(x[0]), lift(x[1]), lift(x[2]));
  } else {
    constexpr NumberOperand wanted = Op::info.number_operand;
    if constexpr (wanted != NumberOperand::second) {
      if (const double* left = std::get_if<double>(&x[0])) return apply<Op>(*left, lift(x[1]));
    }
    if constexpr (wanted != NumberOperand::first) {
      if (const double* right = std::get_if<double>(&x[1])) return apply<Op>(lift(x[0]), *right);
    }
    if constexpr (wanted == NumberOperand::none) return apply<Op>(lift(x[0]), lift(x[1]));
  }
  throw std::logic_error("apply_row: a number operand is not a number");
}

template <Number T>
T apply_row(std::size_t row, std::span<const Quantity<T>> operands) {
  using Function = T (*)(std::span<const Quantity<T>>);
  static constexpr auto functions = [] {
    std::array<Function, Ops::size> all{};
    for_each_op([&]<class Op>() { all[code<Op>] = apply_row<Op, T>; });
    return all;
  }();
  return functions[row](operands);
}

template <class X, class Y>
bool holds(Comparison comparison, const X& x, const Y& y) {
  switch (comparison) {
    case Comparison::less:
      return x < y;
    case Comparison::less_equal:
      return x <= y;
    case Comparison::greater:
      return x > y;
    case Comparison::greater_equal:
      return x >= y;
    case Comparison::equal:
      return x == y;
    case Comparison::not_equal:
      return x != y;
  }
  return false;
}

template <Number T>
T choose(bool condition, const Quantity<T>& x, const Quantity<T>& y) {
  return std::visit(
      [condition]<class X, class Y>(const X& a, const Y& b) -> T {
        if constexpr (std::is_same_v<X, double> && std::is_same_v<Y, double>) {
          return constant<T>(condition ? a : b);
        } else {
          return select(condition, a, b);
        }
      },
      x, y);
}

template <Number T>
T apply_range(RangeFunction function, std::span<const Quantity<T>> operands) {
  std::vector<T> x;
  x.reserve(operands.size());
  for (const Quantity<T>& operand : operands) x.push_back(lift(operand));
  switch (function) {
    case RangeFunction::sum:
      return sum(x);
    case RangeFunction::mean:
      return mean(x);
    case RangeFunction::logsumexp:
      break;
  }
  return logsumexp(x);
}

template <Number T>
Quantity<T> run_step(const Step& step, std::span<const T> variables, std::span<const Quantity<T>> operands) {
  switch (step.kind) {
    case Step::Kind::number:
      return step.number;
    case Step::Kind::variable:
      return variables[step.operands];
    case Step::Kind::row:
      return apply_row<T>(step.what, operands);
    case Step::Kind::comparison:
      return std::visit(
          [&step](const auto& x, const auto& y) {
            return Quantity<T>(holds(static_cast<Comparison>(step.what), x, y) ? 1.0 : 0.0);
          },
          operands[0], operands[1]);
    case Step::Kind::choice:
      return choose<T>(std::get<double>(operands[0]) != 0.0, operands[1], operands[2]);
    case Step::Kind::range:
      break;
  }
  return apply_range<T>(static_cast<RangeFunction>(step.what), operands);
}

/// Runs the expression on `variables`, one for each of `expression.variables`. Results with names are
/// labelled if the number type has labels. Throws UsageError for the wrong number of variables.
template <Number T>
Evaluation<T> evaluate(const Expression& expression, std::span<const T> variables) {
  if (variables.size() != expression.variables.size()) {
    throw UsageError("evaluate: wrong number of variables (got " + std::to_string(variables.size()) +
                     ", expected " + std::to_string(expression.variables.size()) + ")");
  }
  std::vector<Quantity<T>> results;
  results.reserve(expression.steps.size());
  std::vector<Quantity<T>> operands;
  for (const Step& step : expression.steps) {
    operands.clear();
    for (std::uint32_t i = 0; i < step.count; ++i) {
      operands.push_back(results[expression.operands[step.operands + i]]);
    }
    results.push_back(run_step<T>(step, variables, operands));
  }
  Evaluation<T> evaluation;
  for (const NamedStep& named : expression.named) {
    evaluation.named.push_back(lift<T>(results[named.step]));
    if constexpr (requires(const T& x) { x.set_label("name"); }) {
      if (!named.is_alias) evaluation.named.back().set_label(named.name);
    }
  }
  evaluation.result = lift<T>(results[expression.result]);
  return evaluation;
}

}  // namespace micrograd::command
