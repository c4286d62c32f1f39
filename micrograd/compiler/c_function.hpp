// A program as C functions: one that is called, and static ones of limited length if it is long.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <micrograd/compiler/c_text.hpp>
#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// An array that the function writes to, and how many of the program's outputs it takes.
struct CResult {
  std::string name;
  std::size_t count = 0;
};

struct CFunction {
  std::string declaration;  ///< without the semicolon
  std::string text;
  std::size_t stack = 0;  ///< bytes of its array for results of one part that another one needs
  bool uses_digamma = false;
  bool uses_polygamma = false;
};

/// `code` is run on one row: it holds no rows, share or total. Each guard that fails makes the function
/// return 1. Throws UsageError for a user's row, and where too much stack would be needed. O(instructions).
CFunction function_in_c(const Code& code, std::string_view name, const std::vector<CResult>& results,
                        bool has_parameters, const Dialect& dialect);

}  // namespace micrograd::compiler
