// What the tests of silently wrong programs share: the engine's own answer for every row.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/error.hpp>
#include "../engine/helpers.hpp"

namespace micrograd {

using Span = std::span<const Value>;
using ::testing::HasSubstr;
using testing::infinity;
using testing::nan;
using ::testing::ThrowsMessage;

struct Slopes {
  std::vector<double> out, gradients;
};

/// One output; the engine's own answer for each row.
template <class F> Slopes eager(F f, const std::vector<double>& x, std::size_t inputs) {
  Slopes found;
  for (std::size_t i = 0; i < x.size(); i += inputs) {
    const std::vector<Value> leaves(x.begin() + static_cast<std::ptrdiff_t>(i),
                                    x.begin() + static_cast<std::ptrdiff_t>(i + inputs));
    const Value y = f(leaves);
    y.backward();
    found.out.push_back(y.data());
    for (const Value& leaf : leaves) found.gradients.push_back(leaf.grad());
  }
  return found;
}

inline void expect_same(const std::vector<double>& found, const std::vector<double>& expected,
                        const char* what) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(found[i])) << what << " " << i << " is " << found[i];
    } else if (std::isinf(expected[i]) || expected[i] == 0) {
      EXPECT_EQ(found[i], expected[i]) << what << " " << i;
    } else {
      EXPECT_NEAR(found[i], expected[i], 1e-13 * (1 + std::abs(expected[i]))) << what << " " << i;
    }
  }
}

/// The compiled function and its gradient are the engine's on all rows.
template <class F>
Program<double> expect_as_eager(F f, const std::vector<double>& x, std::size_t inputs,
                                const CompileOptions& options = {}) {
  const auto program = compile<double>(f, {.inputs = inputs}, options);
  const std::size_t rows = x.size() / inputs;
  std::vector<double> out(rows), gradients(x.size());
  program.gradient({x.data(), rows, inputs}, out, {gradients.data(), rows, inputs});
  const Slopes expected = eager(f, x, inputs);
  expect_same(out, expected.out, "value");
  expect_same(gradients, expected.gradients, "gradient");
  return program;
}

void expect_refused(auto f, const char* words, std::size_t inputs = 1) {
  EXPECT_THAT([&] { compile<double>(f, {.inputs = inputs}); }, ThrowsMessage<UsageError>(HasSubstr(words)));
}

}  // namespace micrograd
