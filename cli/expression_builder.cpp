// Steps from operands: types, overloads, and operations on plain numbers.
#include <cli/expression_builder.hpp>

#include <array>
#include <utility>

namespace micrograd::command {

namespace {

std::string several(std::size_t n, const std::string& word) {
  return std::to_string(n) + " " + word + (n == 1 ? "" : "s");
}

}  // namespace

Place from_to(Place first, Place last) {
  return {.begin = first.begin, .length = last.begin + last.length - first.begin};
}

std::uint32_t ExpressionBuilder::add(const Step& step) {
  out_.steps.push_back(step);
  return static_cast<std::uint32_t>(out_.steps.size() - 1);
}

std::uint32_t ExpressionBuilder::add(Step::Kind kind, std::size_t what, std::span<const Piece> operands) {
  const auto begin = static_cast<std::uint32_t>(out_.operands.size());
  for (const Piece& operand : operands) out_.operands.push_back(operand.step);
  return add({.kind = kind,
              .what = static_cast<std::uint16_t>(what),
              .operands = begin,
              .count = static_cast<std::uint32_t>(operands.size())});
}

std::uint32_t ExpressionBuilder::number(double number) {
  return add({.kind = Step::Kind::number, .number = number});
}

std::uint32_t ExpressionBuilder::variable(const std::string& name, std::optional<double> value) {
  out_.variables.push_back({.name = name, .value = value});
  return add(
      {.kind = Step::Kind::variable, .operands = static_cast<std::uint32_t>(out_.variables.size() - 1)});
}

void ExpressionBuilder::need_quantity(const Piece& piece) const {
  if (!piece.is_condition) return;
  complain(
      text_, piece.place,
      {.what = "a comparison is not a number", .detail = {}, .hint = "use it as where(condition, x, y)"});
}

std::optional<double> ExpressionBuilder::as_number(const Piece& piece) const {
  const Step& step = out_.steps[piece.step];
  if (step.kind != Step::Kind::number) return std::nullopt;
  return step.number;
}

std::optional<std::vector<double>> ExpressionBuilder::as_numbers(std::span<const Piece> pieces) const {
  std::vector<double> numbers;
  for (const Piece& piece : pieces) {
    const std::optional<double> number = as_number(piece);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

std::uint32_t ExpressionBuilder::call(std::string_view name, Place place, std::span<const Piece> written) {
  const std::vector<Overload>& overloads = row_functions().find(name)->second;
  std::vector<Piece> operands(written.begin(), written.end());
  if (const auto usual = overloads.front().info->usual_number; usual && operands.size() == 1) {
    operands.push_back({.step = number(*usual), .place = place});
  }
  std::vector<bool> is_number;
  for (const Piece& operand : operands) {
    need_quantity(operand);
    is_number.push_back(as_number(operand).has_value());
  }
  const OpInfo& info = *overloads.front().info;
  const Overload* overload = choose_overload(overloads, is_number);
  if (overload == nullptr && operands.size() != overloads.front().operands) {
    complain(text_, place,
             {.what = std::string(name) + " takes " + several(overloads.front().operands, "operand"),
              .detail = "got " + std::to_string(operands.size()),
              .hint = written_call(name, overloads.front()) + " is " + std::string(info.formula)});
  }
  if (overload == nullptr) {
    const bool is_first = info.number_operand == NumberOperand::first;
    complain(text_, operands[is_first ? 0 : 1].place,
             {.what = "the " + std::string(is_first ? "first" : "second") + " operand of " +
                      std::string(name) + " must be a plain number",
              .detail = "got an expression with variables",
              .hint = {}});
  }
  if (const auto numbers = as_numbers(operands)) return number(overload->on_numbers(numbers->data()));
  return add(Step::Kind::row, overload->row, operands);
}

std::uint32_t ExpressionBuilder::choice(std::string_view name, Place place, std::span<const Piece> operands) {
  if (operands.size() != 3) {
    complain(text_, place,
             {.what = std::string(name) + " takes 3 operands",
              .detail = "got " + std::to_string(operands.size()),
              .hint = "it is " + std::string(name) + "(condition, x, y)"});
  }
  if (!operands[0].is_condition) {
    complain(text_, operands[0].place,
             {.what = "expected a comparison", .detail = "got a number", .hint = "such as x < 1"});
  }
  need_quantity(operands[1]);
  need_quantity(operands[2]);
  if (const auto numbers = as_numbers(operands))
    return number((*numbers)[0] != 0.0 ? (*numbers)[1] : (*numbers)[2]);
  return add(Step::Kind::choice, 0, operands);
}

std::uint32_t ExpressionBuilder::over_range(std::string_view name, Place place,
                                            std::span<const Piece> operands) {
  const RangeFunction function = range_functions().find(name)->second;
  if (operands.empty()) {
    complain(text_, place,
             {.what = std::string(name) + " takes at least 1 operand", .detail = "got 0", .hint = {}});
  }
  for (const Piece& operand : operands) need_quantity(operand);
  if (const auto numbers = as_numbers(operands)) {
    const std::vector<Quantity<Dual<>>> quantities(numbers->begin(), numbers->end());
    return number(apply_range<Dual<>>(function, quantities).value);
  }
  return add(Step::Kind::range, static_cast<std::size_t>(function), operands);
}

Piece ExpressionBuilder::comparison(Comparison comparison, const Piece& left, const Piece& right) {
  const std::array operands{left, right};
  for (const Piece& operand : operands) need_quantity(operand);
  const auto numbers = as_numbers(operands);
  return {.step = numbers ? number(holds(comparison, (*numbers)[0], (*numbers)[1]) ? 1.0 : 0.0)
                          : add(Step::Kind::comparison, static_cast<std::size_t>(comparison), operands),
          .place = from_to(left.place, right.place),
          .is_condition = true};
}

}  // namespace micrograd::command
