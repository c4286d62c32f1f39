// Rows with numbers to predict, and lists of numbers that are nearly the same.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <micrograd/nn/random.hpp>
#include <micrograd/train/dataset.hpp>

namespace micrograd::testing {

/// Rows of two numbers, each with a number to predict.
inline Dataset numbered(std::size_t rows, std::uint64_t seed) {
  Random random(seed);
  Dataset data{.columns = 2};
  for (std::size_t i = 0; i < rows; ++i) {
    const double x = random.uniform(-2, 2), y = random.uniform(-2, 2);
    data.values.insert(data.values.end(), {x, y});
    data.targets.push_back(std::sin(x) * y + 0.1 * random.normal());
  }
  return data;
}

/// Small numbers as if they were 0.01.
inline void expect_near(const std::vector<double>& found, const std::vector<double>& expected,
                        double relative) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], relative * std::max(1e-2, std::abs(expected[i]))) << "at " << i;
  }
}

}  // namespace micrograd::testing
