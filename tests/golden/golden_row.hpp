// What the golden tests share: the lines of a golden file, and a row of the table evaluated at a line's
// operands.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd::testing {

/// long double, because a value's error of a unit or two in the last place would drown in a rounded
/// expectation.
using Cell = std::optional<long double>;

struct GoldenLine {
  std::string text;
  std::array<double, 3> operands{};
  Cell value;
  std::array<Cell, 3> partials;
  double terms = 0.0;  ///< size of the terms of which a partial is the difference
};

inline std::string golden_path(const std::string& file) {
  return std::string(MICROGRAD_SOURCE_DIR) + "/tests/golden/" + file;
}

/// The cells of each line that is neither comment nor header, with the whole line in front.
inline std::vector<std::vector<std::string>> golden_cells(const std::string& file) {
  std::ifstream in(golden_path(file));
  EXPECT_TRUE(in.is_open()) << golden_path(file) << " cannot be read";
  std::vector<std::vector<std::string>> lines;
  bool header = true;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.starts_with('#') || std::exchange(header, false)) continue;
    std::vector<std::string> cells{line};
    std::istringstream rest(line);
    for (std::string cell; std::getline(rest, cell, ',');) cells.push_back(cell);
    lines.push_back(std::move(cells));
  }
  return lines;
}

/// The lines of a file of columns row,x,y,z,value,dx,dy,dz and perhaps terms, by row.
inline std::map<std::string, std::vector<GoldenLine>, std::less<>> golden_lines(const std::string& file) {
  std::map<std::string, std::vector<GoldenLine>, std::less<>> lines;
  for (const std::vector<std::string>& cells : golden_cells(file)) {
    const auto cell = [&](std::size_t i) {
      return i < cells.size() && !cells[i].empty() ? Cell(std::strtold(cells[i].c_str(), nullptr)) : Cell();
    };
    GoldenLine line{
        .text = cells[0], .operands = {}, .value = cell(5), .partials = {cell(6), cell(7), cell(8)}};
    for (std::size_t i = 0; i < 3; ++i) {
      if (i + 2 < cells.size()) line.operands[i] = std::strtod(cells[i + 2].c_str(), nullptr);
    }
    line.terms = static_cast<double>(cell(9).value_or(0.0L));
    lines[cells[1]].push_back(std::move(line));
  }
  return lines;
}

/// The row's value for double, computed without any graph.
template <Row Op>
double value_of(const GoldenLine& line) {
  const auto [x, y, z] = line.operands;
  if constexpr (arity<Op> == 1) {
    return Op::template value<double>(x);
  } else if constexpr (arity<Op> == 2) {
    return Op::template value<double>(x, y);
  } else {
    return Op::template value<double>(x, y, z);
  }
}

struct Eager {
  double value = 0.0;
  std::array<double, 3> gradient{};  ///< 0 where the operand is absent or a plain number
};

/// The row applied to leaves, and the leaves' gradients after backward().
template <Row Op>
Eager eager(const GoldenLine& line) {
  constexpr NumberOperand number = Op::info.number_operand;
  const auto [x, y, z] = line.operands;
  const Value a = x, b = y, c = z;
  const Value result = [&] {
    if constexpr (arity<Op> == 1) {
      return apply<Op>(a);
    } else if constexpr (arity<Op> == 3) {
      return apply<Op>(a, b, c);
    } else if constexpr (number == NumberOperand::first) {
      return apply<Op>(x, b);
    } else if constexpr (number == NumberOperand::second) {
      return apply<Op>(a, y);
    } else {
      return apply<Op>(a, b);
    }
  }();
  result.backward();
  return {.value = result.data(), .gradient = {a.grad(), b.grad(), c.grad()}};
}

}  // namespace micrograd::testing
