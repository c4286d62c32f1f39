// Every operation against values and partial derivatives that mpmath computed to 60 digits: ops_golden.csv,
// written by make_ops_golden.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <string>

#include <micrograd/ops.hpp>

#include "golden_row.hpp"

namespace micrograd {
namespace {

constexpr double unit = 0x1p-53;
constexpr double smallest_normal = std::numeric_limits<double>::min();
constexpr double smallest = std::numeric_limits<double>::denorm_min();

// How far apart got and expected are; 0 for equal infinities.
long double distance(double got, long double expected) {
  if (std::isinf(expected) || std::isinf(got)) {
    return got == static_cast<double>(expected) ? 0.0L : std::numeric_limits<long double>::infinity();
  }
  return std::abs(got - expected);
}

// A row may be added without golden lines (the tests of the whole table cover it); a golden line needs its
// row.
TEST(OpsGolden, every_golden_line_has_a_row) {
  auto lines = testing::golden_lines("ops_golden.csv");
  for_each_op([&]<class Op>() {
    if (lines.erase(std::string(Op::info.name)) == 0) {
      std::cout << Op::info.name << " has no line in ops_golden.csv: consider make_ops_golden.py\n";
    }
  });
  for (const auto& [name, unused] : lines) ADD_FAILURE() << "no row is called " << name;
}

TEST(OpsGolden, every_value_is_as_exact_as_its_row_states) {
  const auto lines = testing::golden_lines("ops_golden.csv");
  for_each_op([&]<class Op>() {
    const auto found = lines.find(Op::info.name);
    if (found == lines.end()) return;
    for (const testing::GoldenLine& line : found->second) {
      const double got = testing::value_of<Op>(line);
      // Outside the domain a row may amplify the rounding of what it hands on, as gelu does in its far tail.
      bool in_domain = true;
      for (std::size_t i = 0; i < arity<Op>; ++i) {
        const Domain domain = Op::info.domain[i];
        in_domain = in_domain && line.operands[i] >= domain.low && line.operands[i] <= domain.high;
      }
      const long double ulps = in_domain ? Op::info.ulp : std::max(64.0, Op::info.ulp);
      const long double allowed = ulps * unit * std::abs(*line.value) + smallest;
      EXPECT_LE(distance(got, *line.value), allowed)
          << line.text << "\n  got " << got << ", off by "
          << distance(got, *line.value) / std::abs(*line.value) / unit
          << " units of 2^-53 where info.ulp states " << Op::info.ulp;
    }
  });
}

TEST(OpsGolden, a_recorded_operation_has_the_value_of_its_row) {
  const auto lines = testing::golden_lines("ops_golden.csv");
  for_each_op([&]<class Op>() {
    const auto found = lines.find(Op::info.name);
    if (found == lines.end()) return;
    for (const testing::GoldenLine& line : found->second) {
      EXPECT_EQ(testing::eager<Op>(line).value, testing::value_of<Op>(line)) << line.text;
    }
  });
}

// 1e-12: the formulas' own few roundings are worth some 1e-16 each, but e^(-x^2) of a rounded x^2 loses up to
// x^2 < 746 of them before it underflows, about 1e-13, and powers lose as many. Where a partial is a
// difference, the terms' few roundings stay while the digits cancel. Of numbers below the smallest normal one
// nothing is asked.
TEST(OpsGolden, every_gradient_is_the_partial_derivative) {
  constexpr double relative = 1e-12, roundings_of_terms = 16.0;
  const auto lines = testing::golden_lines("ops_golden.csv");
  for_each_op([&]<class Op>() {
    const auto found = lines.find(Op::info.name);
    if (found == lines.end()) return;
    for (const testing::GoldenLine& line : found->second) {
      const testing::Eager got = testing::eager<Op>(line);
      for (std::size_t i = 0; i < arity<Op>; ++i) {
        if (!line.partials[i]) continue;
        const long double expected = *line.partials[i];
        const long double allowed =
            relative * std::abs(expected) + roundings_of_terms * unit * line.terms + smallest_normal;
        EXPECT_LE(distance(got.gradient[i], expected), allowed)
            << line.text << "\n  the partial by " << "xyz"[i] << " is " << got.gradient[i];
      }
    }
  });
}

}  // namespace
}  // namespace micrograd
