// Comparisons of Values, `select`, and the conventions where a function has no derivative: ties and kinks.
#include <micrograd/engine/condition.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();

double slope_at(Value (*function)(const Value&), double at) {
  const Value x = at;
  function(x).backward();
  return x.grad();
}

/// Every comparison of x and y, in both orders and with a number on either side, is that of the doubles.
void expect_all_six(double x, double y) {
  const Value a = x;
  const Value b = y;
  const auto expect = [&](bool truth, Condition of_values, Condition number_right, Condition number_left) {
    EXPECT_EQ(static_cast<bool>(of_values), truth) << x << " and " << y;
    EXPECT_EQ(static_cast<bool>(number_right), truth) << x << " and " << y;
    EXPECT_EQ(static_cast<bool>(number_left), truth) << x << " and " << y;
  };
  expect(x < y, a < b, a < y, x < b);
  expect(x > y, a > b, a > y, x > b);
  expect(x <= y, a <= b, a <= y, x <= b);
  expect(x >= y, a >= b, a >= y, x >= b);
  expect(x == y, a == b, a == y, x == b);
  expect(x != y, a != b, a != y, x != b);
}

TEST(Condition, all_six_comparisons_are_those_of_the_data_on_both_sides) {
  for (const double x : {-1.0, 0.0, -0.0, 2.0, kNaN, std::numeric_limits<double>::infinity()})
    for (const double y : {-1.0, 0.0, 2.0, kNaN}) expect_all_six(x, y);
}

TEST(Condition, is_what_every_comparison_returns) {
  const Value a = 1;
  static_assert(std::is_same_v<decltype(a < a), Condition> && std::is_same_v<decltype(a < 2), Condition>);
  static_assert(std::is_same_v<decltype(2 < a), Condition> && std::is_same_v<decltype(a != a), Condition>);
  static_assert(std::is_same_v<decltype(a == 2), Condition> &&
                std::is_same_v<decltype(2.5F != a), Condition>);
  static_assert(std::is_same_v<decltype(a >= 2), Condition> && std::is_same_v<decltype(2 <= a), Condition>);
}

TEST(Condition, converts_to_and_from_bool_implicitly) {
  const Value a = 1, b = 2;
  static_assert(std::is_convertible_v<Condition, bool> && std::is_convertible_v<bool, Condition>);
  const bool less = a < b;
  EXPECT_TRUE(less);
  int taken = 0;
  if (a < b) ++taken;
  if (!(a > b)) ++taken;
  while (taken < 2 || a > b) ++taken;
  EXPECT_EQ(taken, 2);
  EXPECT_TRUE((a < b) && (b > a || a == b));
  const Condition from_bool = true;
  EXPECT_EQ(select(from_bool, a, b).data(), 1);
}

TEST(Condition, recording_none_leaves_the_graph_alone) {
  const Value a = 1, b = 2;
  const Value c = a * b;
  EXPECT_TRUE(c > a);
  c.backward();
  EXPECT_EQ(a.grad(), 2);
}

TEST(Condition, works_in_the_standard_function_objects_and_algorithms) {
  const Value a = 1, b = 2, also_one = 1;
  EXPECT_TRUE(std::less<Value>{}(a, b));
  EXPECT_FALSE(std::less<>{}(b, a));
  EXPECT_TRUE(std::less<>{}(1, b));
  EXPECT_TRUE(std::equal_to<Value>{}(a, also_one));
  EXPECT_TRUE(std::not_equal_to<>{}(a, b));
  EXPECT_TRUE(std::greater_equal<>{}(b, 2));
  EXPECT_TRUE(same_node(std::max(a, b), b));
  EXPECT_TRUE(same_node(std::min(a, b), a));
  EXPECT_TRUE(same_node(std::max(a, also_one), a)) << "a tie is the first's";
  EXPECT_TRUE(same_node(std::clamp(b, a, also_one), also_one));
  std::vector<Value> values = {3, 1, 2};
  const Value smallest = values[1];
  std::sort(values.begin(), values.end());
  EXPECT_TRUE(same_node(values[0], smallest));
  EXPECT_EQ(std::max_element(values.begin(), values.end())->data(), 3);
  EXPECT_NE(std::find(values.begin(), values.end(), 2), values.end());
}

TEST(Select, takes_values_and_numbers_on_either_side) {
  const Value a = 1, b = 2;
  EXPECT_EQ(select(a < b, a, b).data(), 1);
  EXPECT_EQ(select(a > b, a, b).data(), 2);
  EXPECT_EQ(select(a < b, a, 5).data(), 1);
  EXPECT_EQ(select(a > b, a, 5).data(), 5);
  EXPECT_EQ(select(a < b, 5, b).data(), 5);
  EXPECT_EQ(select(a > b, 5, b).data(), 2);
  EXPECT_EQ(select(a < b, 5, 6).data(), 5);
  EXPECT_EQ(select(a > b, 5.0, 6.0).data(), 6);
  static_assert(std::is_same_v<decltype(select(a < b, 5.0, 6.0)), Value>);
  static_assert(std::is_same_v<decltype(select(true, 5.0, 6.0)), double>);
  static_assert(std::is_same_v<decltype(select(true, a, 6)), Value>);
}

template <class N>
concept CanSelectBetween = requires(const Value& a, N n) {
  { select(a < a, n, n) } -> std::same_as<Value>;
};

TEST(Select, takes_two_numbers_of_any_type) {
  EXPECT_TRUE(CanSelectBetween<int>);
  EXPECT_TRUE(CanSelectBetween<double>);
  EXPECT_TRUE(CanSelectBetween<float>) << "select(a < b, 1.0f, 2.0f) is ambiguous";
  EXPECT_TRUE(CanSelectBetween<long double>);
}

TEST(Select, is_a_node_with_both_operands_as_written) {
  const Value a = 1, b = 2;
  for (const bool truth : {true, false}) {
    const Value chosen = select(truth, a, b);
    ASSERT_EQ(chosen.prev().size(), 2U);
    EXPECT_TRUE(same_node(chosen.prev()[0], a));
    EXPECT_TRUE(same_node(chosen.prev()[1], b));
    const Value number = select(truth, 7, b);
    ASSERT_EQ(number.prev().size(), 2U);
    EXPECT_EQ(number.prev()[0].label(), "Cons");
    number.backward();
    EXPECT_EQ(number.prev()[0].grad(), truth ? 1 : 0);
  }
}

TEST(Select, gives_the_operand_not_taken_nothing) {
  const Value a = 1, b = 2;
  select(true, a, b).backward(3);
  EXPECT_EQ(a.grad(), 3);
  EXPECT_EQ(b.grad(), 0);
  select(false, a, b).backward(5);
  EXPECT_EQ(a.grad(), 3);
  EXPECT_EQ(b.grad(), 5);
  select(false, a, 9).backward();
  select(true, 9, b).backward();
  EXPECT_EQ(a.grad(), 3);
  EXPECT_EQ(b.grad(), 5);
}

TEST(Select, lets_no_nan_of_the_operand_not_taken_leak) {
  const Value x = -1, zero = 0;
  const Value guarded = select(x > 0, log(x), x * 2);
  guarded.backward();
  EXPECT_EQ(guarded.data(), -2);
  EXPECT_EQ(x.grad(), 2);
  const Value root = select(zero == 0, zero + 1, sqrt(zero) / zero);
  root.backward();
  EXPECT_EQ(zero.grad(), 1);
}

TEST(Select, works_when_both_operands_are_one_node) {
  const Value a = 4;
  select(true, a, a).backward();
  select(false, a, a).backward();
  EXPECT_EQ(a.grad(), 2);
}

TEST(Kinks, relu_and_abs_have_slope_zero_at_zero) {
  for (const double zero : {0.0, -0.0}) {
    EXPECT_EQ(slope_at(&relu<Value>, zero), 0);
    EXPECT_EQ(slope_at(&abs<Value>, zero), 0);
    EXPECT_EQ(slope_at(&fabs<Value>, zero), 0);
  }
  EXPECT_EQ(slope_at(&relu<Value>, 1e-300), 1);
  EXPECT_EQ(slope_at(&relu<Value>, -1e-300), 0);
  EXPECT_EQ(slope_at(&abs<Value>, -2), -1);
  EXPECT_EQ(slope_at(&abs<Value>, 2), 1);
  EXPECT_TRUE(std::isnan(relu(Value(kNaN)).data()));
}

TEST(Kinks, ties_of_min_and_max_give_everything_to_the_first) {
  const Value first = 2, second = 2;
  max(first, second).backward();
  EXPECT_EQ(first.grad(), 1);
  EXPECT_EQ(second.grad(), 0);
  min(first, second).backward();
  EXPECT_EQ(first.grad(), 2);
  EXPECT_EQ(second.grad(), 0);
  max(first, first).backward();
  EXPECT_EQ(first.grad(), 3);
  max(second, 2).backward();
  EXPECT_EQ(second.grad(), 1);
  min(2, second).backward();
  EXPECT_EQ(second.grad(), 1) << "the number comes first";
}

TEST(Kinks, min_and_max_choose_as_std_does_also_with_nan) {
  const Value nan = kNaN, one = 1;
  EXPECT_TRUE(std::isnan(max(nan, one).data()));
  EXPECT_EQ(max(one, nan).data(), 1);
  EXPECT_TRUE(std::isnan(min(nan, one).data()));
  EXPECT_EQ(min(one, nan).data(), 1);
  const Value zero = 0.0, minus_zero = -0.0;
  EXPECT_FALSE(std::signbit(max(zero, minus_zero).data()));
  EXPECT_TRUE(std::signbit(max(minus_zero, zero).data()));
}

TEST(Kinks, pow_at_zero_has_no_slope_in_the_exponent) {
  const Value x = 0, y = 2;
  pow(x, y).backward();
  EXPECT_EQ(y.grad(), 0);
  EXPECT_EQ(x.grad(), 0);
  const Value z = 0;
  pow(z, 1).backward();
  EXPECT_EQ(z.grad(), 1);
  const Value exponent = 3;
  pow(0, exponent).backward();
  EXPECT_EQ(exponent.grad(), 0);
}

TEST(Kinks, gelu_is_the_erf_form) {
  const auto gelu_of = [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); };
  for (const double x : {-3.0, -0.5, 0.0, 1.0, 4.0}) {
    EXPECT_NEAR(gelu(Value(x)).data(), gelu_of(x), 1e-15);
    EXPECT_NEAR(slope_at(&gelu<Value>, x), (gelu_of(x + 1e-6) - gelu_of(x - 1e-6)) / 2e-6, 1e-9);
  }
}

TEST(Kinks, rounding_has_no_slope_anywhere) {
  for (const double x : {-1.5, 0.0, 0.3, 2.0}) {
    EXPECT_EQ(slope_at(&floor<Value>, x), 0);
    EXPECT_EQ(slope_at(&ceil<Value>, x), 0);
    EXPECT_EQ(slope_at(&round<Value>, x), 0);
    EXPECT_EQ(slope_at(&trunc<Value>, x), 0);
  }
}

}  // namespace
}  // namespace micrograd
