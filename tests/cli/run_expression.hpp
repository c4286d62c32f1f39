// Reads and runs an expression for tests.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <cli/expression.hpp>
#include <micrograd/error.hpp>

namespace micrograd::command {

/// Values for names, as the command line gives them.
using Given = std::map<std::string, double>;

struct Evaluated {
  Value result;
  std::map<std::string, Value> variables;
  std::map<std::string, Value> named;
};

inline Expression parse_given(std::string_view text, const Given& given) {
  std::vector<std::string> names;
  for (const auto& [name, value] : given) names.push_back(name);
  return parse_expression(text, names);
}

inline double value_of(const Variable& variable, const Given& given) {
  return variable.value ? *variable.value : given.at(variable.name);
}

inline Evaluated run(std::string_view text, const Given& given = {}) {
  const Expression expression = parse_given(text, given);
  Evaluated evaluated;
  std::vector<Value> variables;
  for (const Variable& variable : expression.variables) {
    variables.emplace_back(value_of(variable, given), variable.name);
    evaluated.variables[variable.name] = variables.back();
  }
  const Evaluation<Value> evaluation = evaluate<Value>(expression, variables);
  evaluated.result = evaluation.result;
  for (std::size_t i = 0; i < expression.named.size(); ++i) {
    evaluated.named[expression.named[i].name] = evaluation.named[i];
  }
  return evaluated;
}

inline double number(std::string_view text, const Given& given = {}) {
  return run(text, given).result.data();
}

inline std::string error_of(std::string_view text, const Given& given = {}) {
  try {
    run(text, given);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

}  // namespace micrograd::command
