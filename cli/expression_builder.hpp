// Puts steps together for the parser: checks operands, chooses rows, and carries out at once what needs no
// variable.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <cli/expression.hpp>
#include <cli/expression_text.hpp>

namespace micrograd::command {

/// What a piece of the text came to.
struct Piece {
  std::uint32_t step = 0;
  Place place;
  bool is_condition = false;
};

/// The place that begins with one and ends with the other.
[[nodiscard]] Place from_to(Place first, Place last);

/// Every member that takes pieces throws UsageError, with the place, if they do not fit.
class ExpressionBuilder {
 public:
  /// The text is for messages; it must outlive the builder.
  explicit ExpressionBuilder(std::string_view text) : text_(text) {}

  std::uint32_t number(double number);
  std::uint32_t variable(const std::string& name, std::optional<double> value);
  /// A function that is a row, which must exist; its second operand may be left out if that has a usual
  /// value.
  std::uint32_t call(std::string_view name, Place place, std::span<const Piece> written);
  std::uint32_t choice(std::string_view name, Place place, std::span<const Piece> operands);
  std::uint32_t over_range(std::string_view name, Place place, std::span<const Piece> operands);
  Piece comparison(Comparison comparison, const Piece& left, const Piece& right);

  /// A comparison is no number.
  void need_quantity(const Piece& piece) const;
  /// The number that a piece is, if it contains no variable.
  [[nodiscard]] std::optional<double> as_number(const Piece& piece) const;

  [[nodiscard]] Expression& expression() { return out_; }

 private:
  std::uint32_t add(const Step& step);
  std::uint32_t add(Step::Kind kind, std::size_t what, std::span<const Piece> operands);
  /// All of the pieces as numbers; nothing if one of them has a variable.
  [[nodiscard]] std::optional<std::vector<double>> as_numbers(std::span<const Piece> pieces) const;

  std::string_view text_;
  Expression out_;
};

}  // namespace micrograd::command
