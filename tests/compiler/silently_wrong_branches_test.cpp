// Branches and choices: whatever a row does, it is what the engine does for it.
#include "silently_wrong.hpp"

#include <algorithm>
#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/reductions.hpp>

namespace micrograd {
namespace {

TEST(SilentlyWrong, ABranchOnAnyRelationIsFollowed) {
  const auto f = [](Span x) -> Value {
    Value y = 0;
    if (x[0] < x[1]) y += 1 * x[0];
    if (x[0] <= x[1]) y += 10 * x[0];
    if (x[0] > x[1]) y += 100 * x[0];
    if (x[0] >= x[1]) y += 1000 * x[0];
    if (x[0] == x[1]) y += 10000 * x[0];
    if (x[0] != x[1]) y += 100000 * x[0];
    return y;
  };
  const auto program = expect_as_eager(f, {1, 2, 2, 1, 1, 1, nan, 1, 1, nan, 3, 4, 0.0, -0.0}, 2);
  EXPECT_EQ(program.stats().paths, 4U) << "less, greater, equal, unordered";
}

TEST(SilentlyWrong, BranchesHiddenInTheStandardLibraryAreFollowed) {
  const auto f = [](Span x) -> Value {
    std::vector<Value> sorted(x.begin(), x.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted[0] * 1 + sorted[1] * 10 + sorted[2] * 100;
  };
  expect_as_eager(f, {1, 2, 3, 3, 2, 1, 2, 3, 1, 5, 5, 1, 7, 7, 7}, 3);
  expect_as_eager([](Span x) { return std::max(x[0], x[1]) * x[0]; }, {1, 2, 2, 1, 3, 3}, 2);
}

TEST(SilentlyWrong, AConditionThatIsNegatedOrJoinedIsABranch) {
  const auto f = [](Span x) -> Value {
    const Condition positive = x[0] > 0, small = x[1] < 1;
    return select(positive && !small, x[0] * x[1], x[0] - x[1]);
  };
  const auto program = expect_as_eager(f, {1, 2, -1, 2, 1, 0, -1, 0}, 2);
  EXPECT_EQ(program.stats().paths, 3U);
}

TEST(SilentlyWrong, AConditionMayBeASelectAndABranchAtOnce) {
  const auto f = [](Span x) -> Value {
    const Condition positive = x[0] > 0;
    const Value y = select(positive, 2.0, x[0]);
    return positive ? y * x[0] : y - x[0] * 3;
  };
  expect_as_eager(f, {1, -1, 0, nan}, 1);
}

TEST(SilentlyWrong, TiesOfMinAndMaxGiveTheGradientToTheFirst) {
  const auto f = [](Span x) { return max(x[0], x[1]) * 3 + min(x[1], x[0]) * 5; };
  expect_as_eager(f, {1, 1, 2, 1, 1, 2, 0.0, -0.0, -0.0, 0.0}, 2, {.max_paths = 1});
}

TEST(SilentlyWrong, ABranchOnAParameterIsFollowedInBackward) {
  const Value w(1, "w");
  const auto f = [&w](Span x) -> Value { return w * x[0] > 0 ? w * w * x[0] : exp(w * x[0]); };
  for (const Reduce reduce : {Reduce::mean, Reduce::sum}) {
    const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {w}, .reduce = reduce});
    std::vector<double> x{1, -2, 3, 4, -5};
    for (const double data : {1.0, -3.0, 2.0}) {
      w.set_data(data);
      w.set_grad(0);
      std::vector<Value> rows;
      for (const double number : x) {
        const Value leaf = number;
        rows.push_back(f(std::span(&leaf, 1)));
      }
      const Value loss = reduce == Reduce::mean ? mean(rows) : sum(rows);
      loss.backward();
      const double expected = w.grad();
      w.set_grad(0);
      EXPECT_NEAR(program.backward(x), loss.data(), 1e-13 * std::abs(loss.data()));
      EXPECT_NEAR(w.grad(), expected, 1e-13 * std::abs(expected));
    }
    EXPECT_EQ(program.stats().paths, 2U);
  }
}

TEST(SilentlyWrong, MorePathsThanAllowedIsAnErrorAndNotAWrongRow) {
  const auto f = [](Span x) -> Value {
    Value y = 0;
    for (int i = 0; x[0] > i; ++i) y += i * x[0];
    return y;
  };
  const auto program = compile<double>(f, {.inputs = 1}, {.max_paths = 4});
  std::vector<double> x{1, 2, 3, 4}, out(4);
  program.run(x, out);
  expect_same(out, eager(f, x, 1).out, "value");
  std::vector<double> more{1, 2, 3, 4, 5}, out_more(5);
  EXPECT_THAT([&] { program.run(more, out_more); },
              ThrowsMessage<UsageError>(HasSubstr("run: row 4 branches otherwise at 'x0' > 4 (got 5 and 4, "
                                                  "expected that it is false)")));
  program.run(x, out);
  expect_same(out, eager(f, x, 1).out, "value after the refusal");
}

TEST(SilentlyWrong, AFunctionWithAnotherNumberOfResultsForSomeRowsIsRefused) {
  const auto program = compile<double>(
      [](Span x) { return x[0] > 0 ? std::vector<Value>{x[0]} : std::vector<Value>{x[0], x[0]}; },
      {.inputs = 1});
  std::vector<double> x{1, -1}, out(2);
  EXPECT_THAT([&] { program.run(x, out); }, ThrowsMessage<UsageError>(HasSubstr("number of results")));
}

TEST(SilentlyWrong, ARowOnTheEdgeInFloatGetsItsPathOnce) {
  const float edge = 0.1F;  // more than 0.1 as a double, and equal to it as a float
  const auto f = [](Span x) -> Value { return x[0] > 0.1 ? x[0] * 2 : x[0] * 3; };
  const auto program = compile<float>(f, {.inputs = 1}, {.max_paths = 3});
  std::vector<float> x{edge, 0, 1}, out(3);
  for (int run = 0; run < 5; ++run) {
    program.run(x, out);
    EXPECT_EQ(out[0], 3 * edge) << "in run " << run;
    EXPECT_EQ(out[2], 2);
  }
  EXPECT_EQ(program.stats().paths, 2U);
}

// ---- what is not selected

TEST(SilentlyWrong, NoNaNOfTheSideNotTakenReachesTheGradient) {
  const std::vector<double> x{-1, 0, 2, nan, infinity, -infinity};
  expect_as_eager([](Span x) { return select(x[0] > 0, sqrt(x[0]), x[0]); }, x, 1, {.max_paths = 1});
  expect_as_eager([](Span x) { return select(x[0] > 0, log(x[0]), x[0]); }, x, 1, {.max_paths = 1});
  expect_as_eager([](Span x) { return select(x[0] <= 0, 2.0, 1 / sqrt(log(x[0] + 3))); }, x, 1,
                  {.max_paths = 1});
}

TEST(SilentlyWrong, NoNaNLeaksOutOfNestedAndSharedSides) {
  const auto f = [](Span x) {
    const Value root = sqrt(x[0]);  // of the second side and of a side of its first
    const Value inner = select(x[1] > 0, root * x[1], 1 / x[1]);
    return select(x[0] > 0, inner, x[1] * x[1]) + select(x[0] > 4, root, 0.0);
  };
  expect_as_eager(f, {1, 1, -1, 1, -1, 0, 0, 0, 5, 0, 5, -1, 9, 2}, 2, {.max_paths = 1});
}

TEST(SilentlyWrong, NoNaNOfASideNotTakenByAnyRowReachesAParameter) {
  const Value w(0, "w");
  const auto f = [&w](Span x) { return select(x[0] > 0, log(w) * x[0], x[0] * w); };
  const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {w}, .reduce = Reduce::sum});
  std::vector<double> x{-1, -2};
  program.backward(x);
  EXPECT_EQ(w.grad(), -3);
  w.set_data(2);
  w.set_grad(0);
  x = {1, -2, 3};
  program.backward(x);
  EXPECT_DOUBLE_EQ(w.grad(), 0.5 * 4 - 2);
}

TEST(SilentlyWrong, NoNaNLeaksInSecondDerivatives) {
  const auto f = [](Span x) { return select(x[0] > 0, sqrt(x[0]) * x[1], x[1] * x[1] * x[0]); };
  const auto program = compile<double>(f, {.inputs = 2}, {.max_paths = 1});
  for (const std::vector<double>& x : {std::vector<double>{-1, 3}, {0, 3}, {4, 3}}) {
    std::vector<double> h(4);
    program.hessian({x.data(), 1, 2}, {h.data(), 1, 4});
    const Matrix expected = hessian(f, x);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_DOUBLE_EQ(h[i], expected(i / 2, i % 2)) << x[0] << " " << i;
  }
}

}  // namespace
}  // namespace micrograd
