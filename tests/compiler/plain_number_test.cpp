// A target that a function takes as a plain number becomes a column, or the function is refused.
#include <micrograd/compiler/plain_number.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>

namespace micrograd::compiler {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Program<double> compiled(const PlainFunction& function, std::vector<double> sample = {0.5, 2},
                         CompileOptions options = {}) {
  return compile_plain<double>(
      function, {.inputs = sample.size() - 1, .targets = 1, .sample = std::move(sample)}, options);
}

PlainFunction of(const std::function<Value(const Value& x, double number)>& f) {
  return [f](Values x, Values /*targets*/, double number) { return std::vector<Value>{f(x[0], number)}; };
}

TEST(PlainNumber, IsFollowedWhereverItIsUsedAsItIs) {
  const auto program = compiled([](Values x, Values /*targets*/, double t) {
    const Value leaf = t;
    return std::vector<Value>{x[0] - t,
                              t - x[0],
                              x[0] * -t,
                              leaf * leaf,
                              squared_error(x[0], t),
                              huber(x[0], t),
                              select(x[0] < t, x[0], t)};
  });
  const std::vector<double> rows{0.25, 3, -1, -7, 2, 2, 1e6, 0};
  std::vector<double> out(4 * 7);
  program.run({rows.data(), 4, 2}, {out.data(), 4, 7});
  for (std::size_t i = 0; i < 4; ++i) {
    const double x = rows[2 * i], t = rows[2 * i + 1], e = std::abs(x - t);
    const std::vector<double> expected{
        x - t, t - x, x * -t, t * t, e * e, e < 1 ? e * e / 2 : e - 0.5, std::min(x, t)};
    for (std::size_t k = 0; k < 7; ++k) EXPECT_DOUBLE_EQ(out[7 * i + k], expected[k]) << i << " " << k;
  }
}

TEST(PlainNumber, LikeANumberOfTheSourceIsNotTakenForIt) {
  const auto program = compiled(of([](const Value& x, double t) { return 2 * x + t + 2; }), {1, 2});
  std::vector<double> out(2);
  const std::vector<double> rows{1, 2, 1, 10};
  program.run({rows.data(), 2, 2}, out);
  EXPECT_EQ(out, (std::vector<double>{6, 14}));
}

TEST(PlainNumber, IsFollowedOnEachWayThroughTheBranches) {
  const auto program = compiled(of([](const Value& x, double t) {
    const Value error = x - t;
    return error < 0 ? -3 * error : error + t;
  }));
  std::vector<double> out(3);
  const std::vector<double> rows{1, 2, 5, 2, 2, 7};
  program.run({rows.data(), 3, 2}, out);
  EXPECT_EQ(out, (std::vector<double>{3, 5, 15}));
  EXPECT_EQ(program.paths(), 2U);
}

TEST(PlainNumber, GradientsOfParametersFollowItToo) {
  const Value w(2, "w");
  const auto program = compiled(of([&](const Value& x, double t) { return squared_error(w * x, t); }), {1, 1},
                                {.parameters = {w}, .reduce = Reduce::none});
  const std::vector<double> rows{1, 5, 2, -1}, seeds{1, 10};
  program.prepare(Want::seeded);
  EXPECT_DOUBLE_EQ(program.backward_seeded({rows.data(), 2, 2}, {}, seeds), 9.0 + 10 * 25);
  EXPECT_DOUBLE_EQ(w.grad(), 2 * -3.0 + 10 * 2 * 5 * 2.0);

  // The same for numbers that stand for the parameter.
  const std::vector<double> parameters{3};
  std::vector<double> gradients{77};
  EXPECT_DOUBLE_EQ(program.backward_seeded({rows.data(), 2, 2}, {}, seeds, parameters, gradients),
                   4.0 + 10 * 49);
  EXPECT_DOUBLE_EQ(gradients[0], 2 * -2.0 + 10 * 2 * 7 * 2.0);
  EXPECT_EQ(w.data(), 2);
  EXPECT_THROW(program.backward_seeded({rows.data(), 2, 2}, {}, seeds, parameters, {}), UsageError);
}

TEST(PlainNumber, IsRefusedWhereSomethingIsCalculatedFromIt) {
  for (const auto& f : std::vector<std::function<Value(const Value&, double)>>{
           [](const Value& x, double t) { return x - 2 * t; },
           [](const Value& x, double t) { return x * std::exp(t); },
           [](const Value& x, double t) { return x + (1 - t); },
           [](const Value& x, double t) { return pow(x, t); }}) {
    EXPECT_THAT([&] { static_cast<void>(compiled(of(f))); },
                ThrowsMessage<UsageError>(HasSubstr("follows a plain number")));
  }
  // Which of the numbers it is run on is even, say.
  int runs = 0;
  EXPECT_THAT(
      [&] {
        static_cast<void>(
            compiled(of([&](const Value& x, double t) { return ++runs % 2 == 0 ? exp(x) - t : x - t; })));
      },
      ThrowsMessage<UsageError>(HasSubstr("other operations for other numbers")));
}

TEST(PlainNumber, OfABranchingFunctionIsRunWithTheParametersThatAreGiven) {
  const Value w(1, "w");
  const auto program = compiled(
      of([&](const Value& x, double t) { return w * x < 10 ? squared_error(w * x, t) : 100 * w * x; }),
      {1, 1}, {.parameters = {w}, .reduce = Reduce::none});
  const std::vector<double> rows{1, 5, 2, -1}, seeds{1, 1}, parameters{20};
  std::vector<double> gradients(1);
  EXPECT_DOUBLE_EQ(program.backward_seeded({rows.data(), 2, 2}, {}, seeds, parameters, gradients),
                   100 * 20 + 100 * 40);
  EXPECT_DOUBLE_EQ(gradients[0], 300);
}

}  // namespace
}  // namespace micrograd::compiler
