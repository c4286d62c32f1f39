// Rows of the table and numbers, written as C, are what they are in eager code.
#include "c_library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <micrograd/compiler/compile.hpp>

namespace micrograd {
namespace {

using Span = std::span<const Value>;
using ::testing::HasSubstr;
using ::testing::Not;

/// |a - b| in units of the last place of the larger; 0 for two NaN and for equal numbers.
template <class Real>
double ulps_between(Real a, Real b) {
  if ((std::isnan(a) && std::isnan(b)) || a == b) return 0;
  if (!std::isfinite(a) || !std::isfinite(b)) return infinity;
  const Real larger = std::max(std::abs(a), std::abs(b));
  return static_cast<double>(std::abs(a - b) / (larger - std::nextafter(larger, Real{0})));
}

/// The row as a function of its operands that are not plain numbers; the plain one lies in its domain.
template <class Op>
Value apply_row(Span x) {
  if constexpr (arity<Op> == 1) {
    return apply<Op>(x[0]);
  } else if constexpr (arity<Op> == 3) {
    return apply<Op>(x[0], x[1], x[2]);
  } else if constexpr (Op::info.number_operand == NumberOperand::first) {
    return apply<Op>(Op::info.domain[0].low + 0.25 * (Op::info.domain[0].high - Op::info.domain[0].low),
                     x[0]);
  } else if constexpr (Op::info.number_operand == NumberOperand::second) {
    return apply<Op>(x[0],
                     Op::info.domain[1].low + 0.75 * (Op::info.domain[1].high - Op::info.domain[1].low));
  } else {
    return apply<Op>(x[0], x[1]);
  }
}

template <class Op> constexpr std::size_t width =
    arity<Op> - (Op::info.number_operand != NumberOperand::none);

/// Rows of numbers from the domain of the row.
template <class Op>
std::vector<std::vector<double>> points(std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<std::vector<double>> rows(count, std::vector<double>(width<Op>));
  for (std::vector<double>& row : rows) {
    for (std::size_t j = 0; j < width<Op>; ++j) {
      const Domain domain = Op::info.domain[j + (Op::info.number_operand == NumberOperand::first ? 1 : 0)];
      row[j] = std::uniform_real_distribution(domain.low, domain.high)(random);
    }
  }
  return rows;
}

template <class Op>
std::string name_of_row() {
  return "row" + std::to_string(code<Op>);
}

template <class Real>
std::string file_of_all_rows() {
  std::string text;
  for_each_op([&]<class Op>() {
    const auto program = compile<Real>(apply_row<Op>, {.inputs = width<Op>});
    text += program.to_c(name_of_row<Op>(), {.gradient = true});
  });
  return text;
}

TEST(ExportC, EveryRowGivesWhatEagerCodeGives) {
  const Library library(file_of_all_rows<double>());
  std::size_t rows = 0;
  for_each_op([&]<class Op>() {
    std::vector<std::vector<double>> all = points<Op>(40);
    for (const double special : {0.0, -0.0, 1.0, -1.0, infinity, -infinity, nan, 1e-310, -1e300, 2.5}) {
      all.emplace_back(width<Op>, special);
      all.push_back({special, 0.75, 2.0});
      all.push_back({0.75, special, 0.0});
    }
    for (const std::vector<double>& given : all) {
      const std::vector<Value> x = leaves_of(std::span(given).first(width<Op>));
      const Value y = apply_row<Op>(x);
      y.backward();
      double out = 0;
      std::vector<double> gradient(width<Op>);
      ASSERT_EQ(library.call(name_of_row<Op>() + "_gradient", given.data(), &out, gradient.data()), 0);
      EXPECT_LE(ulps_between(out, y.data()), 4) << Op::info.name << " of " << ::testing::PrintToString(given);
      double again = 0;
      ASSERT_EQ(library.call(name_of_row<Op>(), given.data(), &again), 0);
      EXPECT_EQ(ulps_between(out, again), 0);
      for (std::size_t j = 0; j < width<Op>; ++j) {
        EXPECT_LE(ulps_between(gradient[j], x[j].grad()), 4)
            << Op::info.name << " by operand " << j << " of " << ::testing::PrintToString(given) << ": "
            << gradient[j] << " and " << x[j].grad();
      }
    }
    ++rows;
  });
  EXPECT_EQ(rows, Ops::size);
}

TEST(ExportC, EveryRowInFloat) {
  const Library library(file_of_all_rows<float>());
  constexpr double near = 64 * std::numeric_limits<float>::epsilon();
  for_each_op([&]<class Op>() {
    for (const std::vector<double>& point : points<Op>(40)) {
      const std::vector<float> given(point.begin(), point.end());
      const std::vector<Value> x(given.begin(), given.end());
      const Value y = apply_row<Op>(x);
      y.backward();
      float out = 0;
      std::vector<float> gradient(width<Op>);
      ASSERT_EQ(library.call(name_of_row<Op>() + "_gradient", given.data(), &out, gradient.data()), 0);
      EXPECT_NEAR(out, y.data(), near * (1 + std::abs(y.data()))) << Op::info.name;
      for (std::size_t j = 0; j < width<Op>; ++j) {
        EXPECT_NEAR(gradient[j], x[j].grad(), near * (1 + std::abs(x[j].grad()))) << Op::info.name;
      }
    }
  });
}

TEST(ExportC, DigammaAndPolygammaAreWrittenOutWhereUsed) {
  const auto plain = compile<double>([](Span x) { return lgamma(x[0]); }, {.inputs = 1});
  EXPECT_THAT(plain.to_c("f"), Not(HasSubstr("digamma")));
  EXPECT_THAT(plain.to_c("f", {.gradient = true}), HasSubstr("static double f_digamma(double x)"));
  EXPECT_THAT(plain.to_c("f", {.gradient = true}), Not(HasSubstr("polygamma")));

  const std::vector<int> orders{0, 1, 2, 3, 5, 10, 30};
  std::string text;
  for (const int n : orders) {
    const auto program = compile<double>([n](Span x) { return polygamma(n, x[0]); }, {.inputs = 1});
    text += program.to_c("order" + std::to_string(n));
  }
  const auto none = compile<double>([](Span x) { return x[0] + polygamma(0.5, x[0]); }, {.inputs = 1});
  const Library library(text + none.to_c("none"));
  std::vector<double> numbers{
      1.4616321449683622, 1.46163214496836, 1.4616, 1.5, 1, 2, -0.5, -1.25, -7.75, -100.3};
  for (double x = 1e-300; x < 1e300; x *= 37) numbers.push_back(x);
  for (double x = 0.05; x < 60; x += 0.731) numbers.push_back(x);
  for (const int n : orders) {
    for (const double x : numbers) {
      const double expected = micrograd::polygamma(n, x);
      double out = 0;
      library.call("order" + std::to_string(n), &x, &out);
      if (std::abs(expected) < 1e-290) continue;  // fewer digits are left
      if (std::isinf(expected)) {
        EXPECT_EQ(out, expected) << n << ", " << x;
        continue;
      }
      // Both sides round, at each of n steps; below 0 large terms are subtracted.
      const double part = x - std::round(x);
      const double terms = x > 0 ? 0 : std::tgamma(n + 1) / std::pow(std::abs(part), n + 1);
      const double unit = std::numeric_limits<double>::epsilon() * (std::abs(expected) + terms);
      EXPECT_LE(std::abs(out - expected), (4 + 10 * n) * unit)
          << n << ", " << x << ": " << out << " and " << expected;
    }
  }
  double x = 1, out = 0;
  library.call("none", &x, &out);
  EXPECT_TRUE(std::isnan(out));
}

template <class Real>
void check_numbers(const std::vector<double>& numbers) {
  const auto constants = [&numbers](Span x) {
    std::vector<Value> results{x[0]};
    for (const double number : numbers) {
      results.push_back(freeze(Value(number)));  // as a result
      results.push_back(x[0] * number);          // as an operand
    }
    return results;
  };
  const auto program = compile<Real>(constants, {.inputs = 1});
  const Library library(program.to_c("constants"));
  const Real one = 1;
  std::vector<Real> out(1 + 2 * numbers.size());
  ASSERT_EQ(library.call("constants", &one, out.data()), 0);
  for (std::size_t i = 1; i < out.size(); ++i) {
    const auto number = static_cast<Real>(numbers[(i - 1) / 2]);
    EXPECT_EQ(std::isnan(out[i]), std::isnan(number));
    if (std::isnan(number)) continue;
    EXPECT_EQ(out[i], number);
    EXPECT_EQ(std::signbit(out[i]), std::signbit(number));
  }
}

TEST(ExportC, NumbersReadBackToTheSameBits) {
  using Limits = std::numeric_limits<double>;
  using Narrow = std::numeric_limits<float>;
  std::vector<double> numbers{0.0,           -0.0,          1.0,
                              -2.0,          0.1,           1.0 / 3,
                              1e22,          1e23,          123456789012345680.0,
                              infinity,      -infinity,     nan,
                              Narrow::max(), Narrow::min(), Narrow::denorm_min(),
                              -1e-40};
  std::mt19937_64 random(3);
  for (int i = 0; i < 50; ++i) numbers.push_back(std::ldexp(static_cast<double>(random()), -80));
  check_numbers<float>(numbers);
  for (const double x : {Limits::max(), Limits::min(), Limits::denorm_min(), -1e-310}) numbers.push_back(x);
  check_numbers<double>(numbers);
}

}  // namespace
}  // namespace micrograd
