// Every operation at zeros, infinities, NaN, poles and kinks, where conventions rule: special_values.csv.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <string>

#include <micrograd/ops.hpp>

#include "golden_row.hpp"

namespace micrograd {
namespace {

// NaN equals NaN and zeros have signs; what is neither 0 nor infinite may be a few units in the last place
// off.
bool same(double got, double expected) {
  if (std::isnan(expected)) return std::isnan(got);
  if (expected == 0.0) return got == 0.0 && std::signbit(got) == std::signbit(expected);
  if (std::isinf(expected)) return got == expected;
  return std::abs(got - expected) <= 1e-15 * std::abs(expected);
}

TEST(SpecialValues, every_line_has_a_row) {
  auto lines = testing::golden_lines("special_values.csv");
  for_each_op([&]<class Op>() {
    if (lines.erase(std::string(Op::info.name)) == 0) {
      std::cout << Op::info.name << " has no line in special_values.csv\n";
    }
  });
  for (const auto& [name, unused] : lines) ADD_FAILURE() << "no row is called " << name;
}

TEST(SpecialValues, every_value_is_the_one_that_the_standards_give) {
  const auto lines = testing::golden_lines("special_values.csv");
  for_each_op([&]<class Op>() {
    const auto found = lines.find(Op::info.name);
    if (found == lines.end()) return;
    for (const testing::GoldenLine& line : found->second) {
      if (!line.value) continue;
      const double got = testing::value_of<Op>(line);
      EXPECT_TRUE(same(got, static_cast<double>(*line.value))) << line.text << "\n  the value is " << got;
    }
  });
}

// The gradient of a leaf starts at +0, and adding -0 to it leaves +0: the partial's own sign shows only
// through the step 0 + partial, so a zero's sign is not asked of gradients.
TEST(SpecialValues, every_gradient_is_the_limit_or_the_convention) {
  const auto lines = testing::golden_lines("special_values.csv");
  for_each_op([&]<class Op>() {
    const auto found = lines.find(Op::info.name);
    if (found == lines.end()) return;
    for (const testing::GoldenLine& line : found->second) {
      const testing::Eager got = testing::eager<Op>(line);
      for (std::size_t i = 0; i < arity<Op>; ++i) {
        if (!line.partials[i]) continue;
        const double expected = static_cast<double>(*line.partials[i]);
        EXPECT_TRUE(same(got.gradient[i], expected) || (expected == 0.0 && got.gradient[i] == 0.0))
            << line.text << "\n  the partial by " << "xyz"[i] << " is " << got.gradient[i];
      }
    }
  });
}

}  // namespace
}  // namespace micrograd
