// What `backward` reduces: means and sums over rows of one path or many, terms over parameters that count
// once wherever they stand, seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

using Span = std::span<const Value>;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Reduced, ATermOverParametersCountsOnceWhereverItStandsInASum) {
  const Value p(3, "p");
  const auto once = [&p] { return p * p; };
  const std::vector<std::pair<const char*, std::function<Value(Span)>>> spellings{
      {"(a + p) + b", [&](Span x) { return (p * x[0] + once()) + x[0] * x[0] * p; }},
      {"a + (p + b)", [&](Span x) { return p * x[0] + (once() + x[0] * x[0] * p); }},
      {"(a - -p) - -b", [&](Span x) { return (p * x[0] - -once()) - -(x[0] * x[0] * p); }},
      {"(2a + 2p + 2b) / 2", [&](Span x) { return ((p * x[0] * 2 + 2 * once()) + x[0] * x[0] * p * 2) / 2; }},
      {"p - (-a - b)", [&](Span x) { return once() - (-(p * x[0]) - x[0] * x[0] * p); }},
      {"half + half", [&](Span x) {
         const Value half = (p * x[0] + once() + x[0] * x[0] * p) * 0.5;
         return half + half;
       }}};
  std::vector<double> x{1, 2, -1, 0.5};
  double sum_each = 0, slope_each = 0;
  for (const double number : x) {
    sum_each += 3 * number + number * number * 3;
    slope_each += number + number * number;
  }
  for (const auto& [name, f] : spellings) {
    for (const Reduce reduce : {Reduce::sum, Reduce::mean}) {
      const double divisor = reduce == Reduce::mean ? 4 : 1;
      const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {p}, .reduce = reduce});
      p.set_grad(0);
      EXPECT_NEAR(program.backward(x), sum_each / divisor + 9, 1e-12) << name;
      EXPECT_NEAR(p.grad(), slope_each / divisor + 6, 1e-12) << name;
    }
  }
}

TEST(Reduced, TheSumOfNoRowsStillHasItsTermOverParameters) {
  const Value p(3, "p");
  for (const bool branches : {false, true}) {
    const auto f = [&](Span x) -> Value {
      if (branches && x[0] > 100) return p * p + x[0];
      return p * p + p * x[0];
    };
    const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {p}, .reduce = Reduce::sum});
    p.set_grad(0);
    EXPECT_EQ(program.backward({nullptr, 0, 1}), 9);
    EXPECT_EQ(p.grad(), 6);
    const auto averaged = compile<double>(f, {.inputs = 1}, {.parameters = {p}});
    EXPECT_THAT([&] { averaged.backward({nullptr, 0, 1}); },
                ThrowsMessage<UsageError>(HasSubstr("no mean of no rows")));
  }
}

TEST(Reduced, ALossThatNoRowEntersCountsOnce) {
  const Value p(3, "p");
  const auto program = compile<double>([&](Span /*x*/) { return p * p; }, {.inputs = 1},
                                       {.parameters = {p}, .reduce = Reduce::sum});
  std::vector<double> x{1, 2, 3};
  EXPECT_EQ(program.backward(x), 9);
  EXPECT_EQ(p.grad(), 6);
}

TEST(Reduced, BackwardOverRowsOfManyPathsIsTheEnginesWithAPenalty) {
  const Value p(0.5, "p"), q(-1, "q");
  const auto each = [&](Span x, Span y) -> Value {
    const Value z = p * x[0] + q;
    if (z > 1) return z * z - y[0];
    if (z > 0) return exp(z) * y[0];
    return -z * p;
  };
  std::vector<double> x, y;
  for (int i = 0; i < 700; ++i) {
    x.push_back(8 * std::sin(0.7 * i));
    y.push_back(std::cos(1.3 * i));
  }
  for (const Reduce reduce : {Reduce::mean, Reduce::sum}) {
    const auto program =
        compile<double>([&](Span a, Span b) -> Value { return each(a, b) + 0.25 * (p * p + q * q); },
                        {.inputs = 1, .targets = 1}, {.parameters = {p, q}, .reduce = reduce});
    std::vector<Value> rows;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const Value a = x[i], b = y[i];
      rows.push_back(each(std::span(&a, 1), std::span(&b, 1)));
    }
    const Value loss = (reduce == Reduce::mean ? mean(rows) : sum(rows)) + 0.25 * (p * p + q * q);
    p.set_grad(0);
    q.set_grad(0);
    loss.backward();
    const double dp = p.grad(), dq = q.grad();
    p.set_grad(0);
    q.set_grad(0);
    EXPECT_NEAR(program.backward(x, y), loss.data(), 1e-12 * std::abs(loss.data()));
    EXPECT_NEAR(p.grad(), dp, 1e-12 * std::abs(dp));
    EXPECT_NEAR(q.grad(), dq, 1e-12 * std::abs(dq));
    EXPECT_EQ(program.stats().paths, 3U);
  }
}

TEST(Reduced, ATermOverParametersThatOnlySomeBranchesHaveIsRefusedInASum) {
  const Value p(0, "p");
  const auto f = [&p](Span x) -> Value { return x[0] > 0 ? p * x[0] + p : p * x[0] + p * p; };
  const auto summed = compile<double>(f, {.inputs = 1}, {.parameters = {p}, .reduce = Reduce::sum});
  std::vector<double> x{1, 2, -3}, positive{1, 2};
  EXPECT_THAT([&] { summed.backward(x); },
              ThrowsMessage<UsageError>(HasSubstr("is not the same in all branches")));
  summed.backward(positive);
  EXPECT_EQ(p.grad(), 3 + 1) << "one branch alone has one meaning";
  p.set_grad(0);
  compile<double>(f, {.inputs = 1}, {.parameters = {p}}).backward(x);
  EXPECT_DOUBLE_EQ(p.grad(), (1 + 2 - 3 + 2) / 3.0) << "a mean has one meaning always";
}

TEST(Reduced, AProductWithAParameterIsNoTermOverParametersAlone) {
  const Value w(2, "w"), b(3, "b");
  const auto program = compile<double>([&](Span x) { return (w * x[0] + b) * w; }, {.inputs = 1},
                                       {.parameters = {w, b}, .reduce = Reduce::sum});
  std::vector<double> x{1, 10};
  EXPECT_EQ(program.backward(x), (2 + 3) * 2 + (20 + 3) * 2);
  EXPECT_EQ(b.grad(), 2 + 2);
  EXPECT_EQ(w.grad(), 2 * 2 * 11 + 3 * 2);
}

TEST(Reduced, SeedsStayWithTheirRowsOnManyPaths) {
  const Value p(2, "p");
  const auto f = [&](Span x) -> Value { return x[0] > 0 ? p * x[0] : p * p * x[0]; };
  const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {p}, .reduce = Reduce::none});
  std::vector<double> x{1, -2, 3, -4}, seeds{10, 100, 1000, 10000};
  EXPECT_EQ(program.backward_seeded(x, {}, seeds), 10 * 2 - 100 * 8 + 1000 * 6 - 10000 * 16);
  EXPECT_EQ(p.grad(), 10 * 1 - 100 * 8 + 1000 * 3 - 10000 * 16);
}

}  // namespace
}  // namespace micrograd
