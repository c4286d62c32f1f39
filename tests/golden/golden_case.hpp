// What the tests against PyTorch share: golden files of named cases, each of them lists of numbers by
// quantity.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include <micrograd/engine/value.hpp>

#include "golden_row.hpp"

namespace micrograd::testing {

using Case = std::map<std::string, std::vector<double>>;  // numbers by quantity
using Cases = std::map<std::string, Case>;

inline Cases golden_cases(const std::string& file) {
  Cases read;
  for (const std::vector<std::string>& cells : golden_cells(file)) {
    read[cells.at(1)][cells.at(2)].push_back(std::strtod(cells.at(4).c_str(), nullptr));
  }
  return read;
}

/// Sums come in another order there and each partial in another form, so numbers are some roundings apart, of
/// the size of `scale` or their own.
inline void expect_near(const std::vector<double>& got, const std::vector<double>& expected,
                        const std::string& what, double scale = 1.0) {
  ASSERT_EQ(got.size(), expected.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], expected[i], 4e-15 * std::max(scale, std::abs(expected[i]))) << what << " " << i;
  }
}

inline std::vector<Value> leaves(const std::vector<double>& numbers) {
  return {numbers.begin(), numbers.end()};
}

inline std::vector<double> gradients(const std::vector<Value>& values) {
  std::vector<double> numbers;
  for (const Value& value : values) numbers.push_back(value.grad());
  return numbers;
}

}  // namespace micrograd::testing
