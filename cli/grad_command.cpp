// Reads the arguments and computes the report.
#include <cli/grad_command.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/gradcheck.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include <micrograd/graph/explain.hpp>
#include <micrograd/graph/render.hpp>

#include <cli/expression.hpp>
#include <cli/expression_text.hpp>
#include <cli/grad_report.hpp>

namespace micrograd::command {

namespace {

/// The number that `text` is, which may be written as an expression: `-pi/2`; nothing if it is none.
std::optional<double> number_in(std::string_view text) {
  try {
    const Expression expression = parse_expression(text);
    const Step& result = expression.steps[expression.result];
    return result.kind == Step::Kind::number ? std::optional(result.number) : std::nullopt;
  } catch (const UsageError&) {
    return std::nullopt;  // the caller words the mistake in terms of the assignment
  }
}

struct Assignments {
  std::vector<std::string> names;
  std::unordered_map<std::string, double> values;
};

Assignments read_assignments(const std::vector<std::string>& texts) {
  Assignments assignments;
  for (const std::string& text : texts) {
    const std::size_t sign = text.find('=');
    const std::string name = text.substr(0, sign);
    if (sign == std::string::npos) {
      const std::string hint =
          is_name(text) ? "give it a value: " + text + "=…" : "put the whole expression into quotes";
      throw UsageError("grad: what follows the expression gives values (got " + in_quotes(text) +
                       ", expected name=number); " + hint);
    }
    if (!is_name(name)) {
      throw UsageError("grad: a value needs a name (got " + in_quotes(text) +
                       ", expected name=number); a name has letters, digits and _");
    }
    const std::string_view written = std::string_view(text).substr(sign + 1);
    const std::optional<double> value = number_in(written);
    if (!value) {
      throw UsageError("grad: the value of " + in_quotes(name) + " is not a number (got " +
                       in_quotes(written) + ", expected one such as 2, -1e-3 or pi/2)");
    }
    if (!assignments.values.emplace(name, *value).second) {
      throw UsageError("grad: " + in_quotes(name) + " is given a value twice (the second time by " +
                       in_quotes(text) + ")");
    }
    assignments.names.push_back(name);
  }
  return assignments;
}

/// A value that is not used is most likely a slip of the keyboard, so it is an error.
void check_all_used(const Assignments& assignments, const Expression& expression) {
  std::set<std::string> used;
  std::string list;
  for (const Variable& variable : expression.variables) {
    if (used.size() < 10) list += (used.empty() ? "" : ", ") + in_quotes(variable.name);
    used.insert(variable.name);
  }
  if (used.size() > 10) list += ", …";
  for (const std::string& name : assignments.names) {
    if (used.contains(name)) continue;
    throw UsageError("grad: " + in_quotes(name) +
                     " is given a value but the expression does not use it (it uses " +
                     (used.empty() ? "no variable" : list) + "); leave it out or look for a misspelt name");
  }
}

/// Steps for the differences; the small ones are for points close to the end of a domain, such as log at
/// 1e-5.
constexpr std::array<double, 4> difference_steps{1e-2, 1e-4, 1e-6, 1e-8};

GradReport::CheckedEntry check_variable(const Expression& expression, std::span<const double> point,
                                        std::size_t i, double analytic) {
  const auto along = [&](const auto& x) {
    using T = std::remove_cvref_t<decltype(x)>;
    std::vector<T> moved(point.begin(), point.end());
    moved[i] = x;
    return evaluate<T>(expression, moved).result;
  };
  const auto value_along = [&](std::span<const Value> x) { return along(x[0]); };
  const auto number_along = [&](double x) { return along(Dual<>(x)).value; };
  GradReport::CheckedEntry entry{.name = expression.variables[i].name,
                                 .analytic = analytic,
                                 .numeric = 0,
                                 .verdict = GradReport::Verdict::differs};
  for (const double step : difference_steps) {
    const GradcheckResult result = gradcheck(value_along, {Value(point[i], entry.name)}, {.step = step});
    const double numeric = numeric_slope(number_along, point[i], step).value;
    if (step == difference_steps.front() || result.passed || !std::isfinite(entry.numeric))
      entry.numeric = numeric;
    if (result.passed) {
      entry.verdict = GradReport::Verdict::ok;
      return entry;
    }
  }
  const double distance = difference_steps.back() * std::max(1.0, std::abs(point[i]));
  const double above = number_along(point[i] + distance), below = number_along(point[i] - distance);
  const bool exists = !std::isnan(analytic) && !std::isnan(above) && !std::isnan(below);
  if (exists && (std::isinf(above) || std::isinf(below))) entry.verdict = GradReport::Verdict::overflows;
  return entry;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

GradReport compute(const Expression& expression, std::span<const double> point,
                   const GradArguments& arguments) {
  GradReport report;
  std::vector<Value> variables;
  variables.reserve(point.size());
  for (std::size_t i = 0; i < point.size(); ++i)
    variables.emplace_back(point[i], expression.variables[i].name);
  const Evaluation<Value> evaluation = evaluate<Value>(expression, variables);
  if (arguments.explain) report.explanation = lines_of(to_text(explain(evaluation.result)));
  evaluation.result.backward();
  report.value = evaluation.result.data();
  for (std::size_t i = 0; i < point.size(); ++i) {
    report.variables.push_back({expression.variables[i].name, point[i], variables[i].grad()});
  }
  for (std::size_t i = 0; i < expression.named.size(); ++i) {
    const Value& result = evaluation.named[i];
    report.results.push_back({expression.named[i].name, result.data(), result.grad()});
  }
  if (arguments.check) {
    report.check.emplace();
    for (std::size_t i = 0; i < point.size(); ++i) {
      report.check->push_back(check_variable(expression, point, i, variables[i].grad()));
    }
  }
  if (arguments.hessian) {
    report.hessian = hessian(
        [&expression](std::span<const Value> x) { return evaluate<Value>(expression, x).result; }, point);
  }
  if (!arguments.svg.empty()) {  // last, so that a file is written only if all else went well
    save_picture(evaluation.result, arguments.svg);
    report.picture = arguments.svg;
  }
  return report;
}

constexpr std::string_view help_footer = R"help(Examples:
  micrograd grad "a*b + relu(c)" a=2 b=-3 c=10
  micrograd grad "c = a*b; d = c + e; tanh(d)" a=2 b=-3 e=10 --explain
  micrograd grad "log(1 + exp(x))" x=0.5 --check --hessian
  micrograd grad "where(x < 0, -x, x^2)" x=3 --json
  micrograd grad "sigmoid(w*x + b)" w=0.3 x=1 b=-pi/2 --svg neuron.svg

The language:
  + - * / and parentheses; ^ or ** is power, so -x^2 is -(x^2) and 2^3^2 is 2^(3^2)
  name = …; gives a name to a result, or to a number: "a = 2; b = 3; a*b" needs no values after it
  pi, e, inf and nan are numbers, unless you give these names other values
  Put the expression into quotes, or your shell will take * and ( for itself.

--functions lists all functions. Exit code 1 says that --check failed, 2 that the arguments are wrong.)help";

/// An expression that begins with a sign, `-x^2`, looks like an option to the parser of the command line,
/// which then takes the first value for the expression.
void take_leading_sign(std::vector<std::string> unknown, GradArguments& arguments) {
  std::erase(unknown, "--");  // the end of the options; what stood behind it is in its place
  if (unknown.empty()) return;
  const bool only_values =
      arguments.expression.empty() || arguments.expression.find('=') != std::string::npos;
  const std::string& first = unknown.front();
  if (unknown.size() > 1 || first.starts_with("--") || !only_values) {
    throw UsageError("grad: unknown option " + in_quotes(first) +
                     "; micrograd grad --help lists the options");
  }
  if (!arguments.expression.empty()) {
    arguments.assignments.insert(arguments.assignments.begin(), arguments.expression);
  }
  arguments.expression = first;
}

}  // namespace

int run_grad(const GradArguments& arguments, std::ostream& out) {
  if (arguments.digits < 1 || arguments.digits > 17) {
    throw UsageError("grad: cannot print so many digits (got " + std::to_string(arguments.digits) +
                     ", expected 1 to 17)");
  }
  if (arguments.functions) {
    print_functions(out);
    return 0;
  }
  const Assignments assignments = read_assignments(arguments.assignments);
  const Expression expression = parse_expression(arguments.expression, assignments.names);
  check_all_used(assignments, expression);
  std::vector<double> point;
  point.reserve(expression.variables.size());
  for (const Variable& variable : expression.variables) {
    point.push_back(variable.value ? *variable.value : assignments.values.at(variable.name));
  }
  const GradReport report = compute(expression, point, arguments);
  if (arguments.json) {
    print_json(report, out);
  } else {
    print_text(report, arguments.digits, out);
  }
  return report.check_failed() ? 1 : 0;
}

void add_grad_command(CLI::App& app, std::ostream& out, int& exit_code) {
  const auto arguments = std::make_shared<GradArguments>();
  CLI::App* command = app.add_subcommand("grad", "The value of an expression and its derivatives");
  command->add_option("expression", arguments->expression, "What to compute, in quotes: \"a*b + relu(c)\"");
  command->add_option("values", arguments->assignments, "A value for every name in it: a=2 b=-3 c=10");
  command->add_flag("--explain", arguments->explain, "Tell the backward pass step by step");
  command->add_flag("--check", arguments->check,
                    "Compare with slopes by differences; exit code 1 if they differ");
  command->add_flag("--hessian", arguments->hessian, "Second derivatives too");
  command->add_option("--svg", arguments->svg, "Draw the graph into this file (.svg, .png, .dot or .json)")
      ->type_name("FILE");
  command->add_flag("--json", arguments->json, "Print one JSON object, with all digits");
  command->add_option("--digits", arguments->digits, "Digits of a number in a table")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--functions", arguments->functions, "List the functions that an expression may use");
  command->footer(std::string(help_footer));
  command->allow_extras();
  command->callback([command, arguments, &out, &exit_code] {
    take_leading_sign(command->remaining(), *arguments);
    if (arguments->expression.empty() && !arguments->functions) {
      throw UsageError(
          "grad: no expression is given; write one in quotes, as in micrograd grad \"a*b\" a=2 b=-3");
    }
    exit_code = run_grad(*arguments, out);
  });
}

}  // namespace micrograd::command
