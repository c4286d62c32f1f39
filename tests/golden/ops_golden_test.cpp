// Every operation against values and partial derivatives that mpmath computed to 60 digits: ops_golden.csv,
// written by make_ops_golden.py.
#include <gtest/gtest.h>

#include <cmath>
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

TEST(OpsGolden, every_row_of_the_table_has_golden_lines_and_every_golden_line_a_row) {
  auto lines = testing::golden_lines("ops_golden.csv");
  for_each_op([&]<class Op>() {
    EXPECT_EQ(lines.erase(std::string(Op::info.name)), 1U)
        << Op::info.name << " has no line in ops_golden.csv: add it to make_ops_golden.py";
  });
  for (const auto& [name, unused] : lines) ADD_FAILURE() << "no row is called " << name;
}

TEST(OpsGolden, every_value_is_as_exact_as_its_row_states) {
  const auto lines = testing::golden_lines("ops_golden.csv");
  for_each_op([&]<class Op>() {
    const auto found = lines.find(Op::info.name);
    if (found == lines.end()) return;  // reported above
    for (const testing::GoldenLine& line : found->second) {
      const double got = testing::value_of<Op>(line);
      const long double allowed = Op::info.ulp * unit * std::abs(*line.value) + smallest;
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
