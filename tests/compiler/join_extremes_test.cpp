// Long chains of max and min as one operation: the same values and slopes as eager code, ties, NaN and all.
#include <gmock/gmock.h>

#include <limits>

#include <micrograd/compiler/join_extremes.hpp>

#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// One max, or min, after the other, from left to right.
Value greatest(Span x) {
  Value found = x[0];
  for (std::size_t i = 1; i < x.size(); ++i) found = max(found, x[i]);
  return found;
}
Value least(Span x) {
  Value found = x[0];
  for (std::size_t i = 1; i < x.size(); ++i) found = min(found, x[i]);
  return found;
}

/// Same numbers, a NaN being like any other.
void expect_same(const Numbers& found, const Numbers& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const bool both_nan = std::isnan(found[i]) && std::isnan(expected[i]);
    EXPECT_TRUE(both_nan || (found[i] == expected[i] && std::signbit(found[i]) == std::signbit(expected[i])))
        << "number " << i << ": got " << found[i] << ", expected " << expected[i];
  }
}

template <class F>
void expect_as_eager(const Numbers& at, F f) {
  std::vector<Value> parameters(at.begin(), at.end());
  const Value loss = f(Span(parameters));
  loss.backward();
  Numbers expected{loss.data()};
  for (const Value& p : parameters) expected.push_back(p.grad());
  for (const bool roll : {true, false}) {
    const auto program =
        compile<double>([&] { return f(Span(parameters)); }, {}, {.parameters = parameters, .roll = roll});
    Numbers found(1 + at.size());
    found[0] = program.backward({nullptr, 1, 0}, {}, at, std::span(found).subspan(1));
    SCOPED_TRACE(roll ? "joined" : "as it is");
    expect_same(found, expected);
  }
}

TEST(JoinExtremes, AChainIsOneOperationAndNothingElseChanges) {
  const Traced traced(numbers(6), [](Span x) { return greatest(x.first(5)) * x[5] + x[0]; });
  const auto joined = join_extremes(traced.code);
  ASSERT_TRUE(joined);
  EXPECT_THAT(dump(*joined), HasSubstr("greatest of %0 %1 %2 %3 %4"));
  EXPECT_THAT(dump(*joined), Not(HasSubstr("max")));
  EXPECT_EQ(outputs_of(*joined, traced.data()), outputs_of(traced.code, traced.data()));
}

TEST(JoinExtremes, APartThatSomethingElseUsesStaysAPart) {
  const Traced traced(numbers(8), [](Span x) {
    const Value part = greatest(x.first(4));
    return max(max(max(part, x[4]), x[5]), x[6]) - part;
  });
  const auto joined = join_extremes(traced.code);
  ASSERT_TRUE(joined);
  EXPECT_THAT(dump(*joined), HasSubstr("greatest of %0 %1 %2 %3\n"));
  EXPECT_THAT(dump(*joined), HasSubstr(" %4 %5 %6\n"));
  EXPECT_EQ(outputs_of(*joined, traced.data()), outputs_of(traced.code, traced.data()));
}

TEST(JoinExtremes, ShortOnesAndOtherOperationsAreLeftAlone) {
  const Traced pair(numbers(4), [](Span x) { return max(x[0], x[1]) + min(max(x[2], x[3]), x[0]); });
  EXPECT_FALSE(join_extremes(pair.code));
  const Traced sum(numbers(4), [](Span x) { return x[0] + x[1] + x[2] + x[3]; });
  EXPECT_FALSE(join_extremes(sum.code));
}

TEST(JoinExtremes, TheFirstOfEqualOnesTakesTheWholeSlope) {
  for (const auto f : {greatest, least}) {
    expect_as_eager({1, 3, 3, 2, 3, -1, -1}, f);
    expect_as_eager({0.0, -0.0, 0.0, -0.0, 0.0}, f);
    expect_as_eager({-0.0, 0.0, -0.0, 0.0, -0.0}, f);
    expect_as_eager({2, 2, 2, 2}, f);
  }
}

TEST(JoinExtremes, NaNAndInfinityGoWhereAChainPutsThem) {
  for (const auto f : {greatest, least}) {
    expect_as_eager({nan, 1, 2, 3, 4}, f);
    expect_as_eager({1, nan, 2, nan, 3}, f);
    expect_as_eager({nan, nan, nan, nan}, f);
    expect_as_eager({-infinity, -infinity, -infinity, -infinity}, f);
    expect_as_eager({infinity, 1, -infinity, infinity}, f);
    expect_as_eager({-infinity, nan, infinity, nan}, f);
    // What goes up is infinite or NaN, and eager code multiplies it with 0 for those that are not taken.
    expect_as_eager({1, 2, 3, 4}, [f](Span x) { return f(x) * infinity; });
    expect_as_eager({1, 2, 3, 4}, [f](Span x) { return f(x) * nan; });
  }
}

TEST(JoinExtremes, ListsOfAllLengthsAreLikeEagerCode) {
  for (std::size_t length = 2; length < 70; ++length) {
    for (std::size_t from = 0; from < 3; ++from) {
      for (const auto f : {greatest, least}) expect_as_eager(numbers(length, 100 * from), f);
    }
  }
}

TEST(JoinExtremes, TheSlopesOfALogarithmOfASumOfPowersAreSharesOfIt) {
  const Numbers at = numbers(300);
  const std::vector<Value> x(at.begin(), at.end());
  const auto f = [&] {
    const Value most = greatest(Span(x));
    Value sum = 0;
    for (const Value& one : x) sum += exp(one - most);
    return log(sum) + most;
  };
  const auto program = compile<double>(f, {}, {.parameters = x});
  Numbers found(at.size());
  const double value = program.backward({nullptr, 1, 0}, {}, at, found);
  Numbers expected;
  double sum = 0;
  for (const double number : at) sum += std::exp(number);
  for (const double number : at) expected.push_back(std::exp(number) / sum);
  EXPECT_NEAR(value, std::log(sum), 1e-14);
  expect_near(found, expected, 1e-14);
}

TEST(JoinExtremes, ArraysMustHaveANumberForEachParameter) {
  const std::vector<Value> x{1, 2, 3};
  const auto program = compile<double>([&] { return greatest(Span(x)); }, {}, {.parameters = x});
  Numbers two(2), three(3);
  EXPECT_THROW(program.backward({nullptr, 1, 0}, {}, two, three), UsageError);
  EXPECT_THROW(program.backward({nullptr, 1, 0}, {}, three, two), UsageError);
}

}  // namespace
}  // namespace micrograd::compiler
