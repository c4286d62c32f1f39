// A program as one self-contained C99 file, for machines that have a C compiler and nothing of ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/derive.hpp>

namespace micrograd::compiler {

struct CRequest {
  std::string_view name;
  Shape shape;
  CFile what;
  bool is_float = false;
  bool simplify = true;
  std::vector<double> parameters;  ///< their data, for `what.fixed_parameters`
};

/// The file for a program as traced. Throws as Program::to_c.
std::string export_c(const Code& traced, const CRequest& request);

}  // namespace micrograd::compiler
