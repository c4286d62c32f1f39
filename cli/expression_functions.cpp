// From rows to functions that have a name.
#include <cli/expression_functions.hpp>

#include <algorithm>
#include <cctype>
#include <limits>
#include <numbers>
#include <ranges>
#include <utility>

#include <fmt/core.h>

#include <cli/expression_text.hpp>

namespace micrograd::command {

namespace {

using Functions = std::map<std::string, std::vector<Overload>, std::less<>>;

std::string name_in_language(const OpInfo& info) {
  std::string name(info.name);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  constexpr std::string_view before = "number_", after = "_number";
  if (info.number_operand == NumberOperand::first && name.starts_with(before)) name.erase(0, before.size());
  if (info.number_operand == NumberOperand::second && name.ends_with(after)) {
    name.erase(name.size() - after.size());
  }
  return name;
}

template <Row Op>
double on_numbers(const double* x) {
  if constexpr (arity<Op> == 1) {
    return Op::template value<double>(x[0]);
  } else if constexpr (arity<Op> == 2) {
    return Op::template value<double>(x[0], x[1]);
  } else {
    return Op::template value<double>(x[0], x[1], x[2]);
  }
}

Functions functions_of_table() {
  Functions functions;
  for_each_op([&]<class Op>() {
    // The two records of a choice are reached by select(condition, x, y), which picks one of them.
    if (std::is_same_v<Op, Select> || std::is_same_v<Op, SelectElse>) return;
    functions[name_in_language(Op::info)].push_back(
        {.row = code<Op>, .operands = arity<Op>, .info = &Op::info, .on_numbers = on_numbers<Op>});
  });
  functions["fabs"] = functions.at("abs");  // C++ has both
  return functions;
}

bool is_identifier(std::string_view name) {
  return std::isalpha(static_cast<unsigned char>(name.front())) != 0;
}

}  // namespace

const Functions& row_functions() {
  static const Functions functions = functions_of_table();
  return functions;
}

const Overload* choose_overload(std::span<const Overload> overloads, const std::vector<bool>& is_number) {
  const auto number_fits = [&](const Overload& overload) {
    return overload.info->number_operand != NumberOperand::none &&
           is_number[overload.info->number_operand == NumberOperand::first ? 0 : 1];
  };
  const bool only_numbers = std::ranges::all_of(is_number, std::identity{});
  const Overload* best = nullptr;
  for (const Overload& overload : overloads) {
    if (overload.operands != is_number.size()) continue;
    const bool general = overload.info->number_operand == NumberOperand::none;
    if (number_fits(overload) && (!only_numbers || best == nullptr)) best = &overload;
    if (general && (only_numbers || best == nullptr)) best = &overload;
  }
  return best;
}

std::string written_call(std::string_view name, const Overload& overload) {
  std::string call(name);
  if (!is_identifier(name)) return call;
  constexpr std::string_view letters = "xyz";
  for (std::size_t i = 0; i < overload.operands; ++i) {
    call += (i == 0 ? "(" : ", ") + std::string(1, letters[i]);
  }
  if (const auto usual = overload.info->usual_number) call += fmt::format(" = {}", *usual);
  return call + ")";
}

const std::map<std::string, RangeFunction, std::less<>>& range_functions() {
  static const std::map<std::string, RangeFunction, std::less<>> functions{
      {"sum", RangeFunction::sum}, {"mean", RangeFunction::mean}, {"logsumexp", RangeFunction::logsumexp}};
  return functions;
}

const std::map<std::string, double, std::less<>>& constants() {
  static const std::map<std::string, double, std::less<>> numbers{
      {"pi", std::numbers::pi},
      {"π", std::numbers::pi},
      {"e", std::numbers::e},
      {"inf", std::numeric_limits<double>::infinity()},
      {"nan", std::numeric_limits<double>::quiet_NaN()}};
  return numbers;
}

bool is_choice(std::string_view name) { return name == "select" || name == "where"; }

std::vector<std::string> function_names() {
  std::vector<std::string> names{"select", "where"};
  for (const auto& [name, overloads] : row_functions()) {
    if (is_identifier(name)) names.push_back(name);
  }
  for (const auto& [name, function] : range_functions()) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

std::string meant_function(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> other_words{
      {"ln", "log"},         {"lg", "log10"},        {"arcsin", "asin"},      {"arccos", "acos"},
      {"arctan", "atan"},    {"arctan2", "atan2"},   {"arcsinh", "asinh"},    {"arccosh", "acosh"},
      {"arctanh", "atanh"},  {"power", "pow"},       {"logistic", "sigmoid"}, {"swish", "silu"},
      {"average", "mean"},   {"minimum", "min"},     {"maximum", "max"},      {"if", "where"},
      {"gammaln", "lgamma"}, {"loggamma", "lgamma"}, {"negative", "neg"},     {"sqr", "square"}};
  if (const auto word = other_words.find(name); word != other_words.end()) return word->second;
  return nearest(name, function_names());
}

}  // namespace micrograd::command
