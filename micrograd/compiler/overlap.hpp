// Whether two tables share a number. Columns of one buffer lie between each other's rows without sharing any,
// so it is rows that are compared and not the stretch from the first number to the last.
#pragma once

#include <functional>

#include <micrograd/compiler/compile.hpp>

namespace micrograd::compiler {

/// Rows of one table must not overlap each other. O(rows), O(1) where one table lies wholly before the other.
template <class Real> bool overlap(const Rows<const Real>& x, const Rows<const Real>& y) {
  if (x.columns == 0 || y.columns == 0) return false;
  if (x.rows == 0 || y.rows == 0) return false;
  const std::less<const Real*> is_before;
  const auto end = [](const Rows<const Real>& table) {
    return table.data + (table.rows - 1) * table.stride + table.columns;
  };
  if (!is_before(y.data, end(x)) || !is_before(x.data, end(y))) return false;
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < x.rows && k < y.rows) {
    const Real* const row_of_x = x.data + i * x.stride;
    const Real* const row_of_y = y.data + k * y.stride;
    if (!is_before(row_of_y, row_of_x + x.columns)) {
      ++i;
    } else if (!is_before(row_of_x, row_of_y + y.columns)) {
      ++k;
    } else {
      return true;
    }
  }
  return false;
}

}  // namespace micrograd::compiler
