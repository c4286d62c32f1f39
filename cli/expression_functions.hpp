// The functions of the expression language. Those with a fixed number of operands are the rows of the table
// of operations: a row that is added there is a function here, without a change to this file.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <micrograd/ops.hpp>

namespace micrograd::command {

/// A row as something to call. Several rows may share a function: `pow` has one for a plain number as
/// exponent, one for a plain number as base, and one for two variables.
struct Overload {
  std::size_t row;
  std::size_t operands;
  const OpInfo* info;
  double (*on_numbers)(const double* operands);
};

/// Every function that is a row, by its name in the language, operators under their sign. The name is the C++
/// function's: the row's own, in small letters ("ReLU" is relu), without the mark of a number operand
/// ("pow_number" and "number_pow" are pow).
[[nodiscard]] const std::map<std::string, std::vector<Overload>, std::less<>>& row_functions();

/// The overload that C++ would choose for operands of which some are plain numbers; null if none fits.
[[nodiscard]] const Overload* choose_overload(std::span<const Overload> overloads,
                                              const std::vector<bool>& is_number);

/// A call as formulas speak of it, with the operands x, y and z: `fma(x, y, z)`, `elu(x, y = 1)`; a sign
/// stays as it is.
[[nodiscard]] std::string written_call(std::string_view name, const Overload& overload);

/// Functions of one operand or more.
enum class RangeFunction : std::uint8_t { sum, mean, logsumexp };
[[nodiscard]] const std::map<std::string, RangeFunction, std::less<>>& range_functions();

/// Numbers that have a name, unless the caller gives that name a value.
[[nodiscard]] const std::map<std::string, double, std::less<>>& constants();

/// Whether a name is that of `select(condition, x, y)`.
[[nodiscard]] bool is_choice(std::string_view name);

/// What can be called by name, in alphabetical order.
[[nodiscard]] std::vector<std::string> function_names();

/// The function that was probably meant by an unknown name, "" if there is none.
[[nodiscard]] std::string meant_function(std::string_view name);

}  // namespace micrograd::command
