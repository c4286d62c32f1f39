// Rows, numbers and names as C text.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// How the numbers of a file are written.
struct Dialect {
  bool is_float = false;
  std::string prefix;  ///< stands before the name of a function that the file brings along

  [[nodiscard]] std::string_view type() const { return is_float ? "float" : "double"; }
};

/// A number that C reads back as the same bits (a NaN as some NaN). In a float file it is rounded first.
std::string number_in_c(double number, const Dialect& dialect);

/// An operand of a row: a number, or the text of a variable.
struct CellText {
  std::optional<double> number;
  std::string name;
};

/// A row as C: statements for what its formula uses several times, then an expression.
struct RowText {
  std::vector<std::string> statements;
  std::string result;
  bool uses_digamma = false;
  bool uses_polygamma = false;
};

/// `op`: a row of the table, a comparison or special::select. `result` is the name that the caller will give
/// the result; names of statements begin with it.
RowText row_in_c(OpCode op, std::span<const CellText> operands, std::string_view result,
                 const Dialect& dialect);

/// The definitions of what is asked for, with the prefix before their names.
std::string gamma_in_c(const std::string& prefix, bool digamma, bool polygamma);

/// Throws UsageError unless C allows `name` for a function of a file that includes <math.h>.
void check_c_name(std::string_view name);

}  // namespace micrograd::compiler
