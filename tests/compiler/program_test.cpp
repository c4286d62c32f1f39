// A compiled function gives what the function gives, row by row, and so do its derivatives.
#include <micrograd/compiler/compile.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <vector>

#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>

namespace micrograd {
namespace {

using Span = std::span<const Value>;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<double> some_numbers(std::size_t count, double low = 0.2, double high = 2) {
  std::vector<double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double t = 0.5 + 0.5 * std::sin(12.9898 * static_cast<double>(i + 1));
    numbers[i] = low + (high - low) * t;
  }
  return numbers;
}

Value polynomial(Span x) { return x[0] * x[1] + 2 * x[0] - pow(x[1], 3) / 4 + exp(x[0] * 0.3) * tanh(x[2]); }

std::vector<Value> leaves_of(const double* row, std::size_t count) {
  std::vector<Value> leaves;
  for (std::size_t j = 0; j < count; ++j) leaves.emplace_back(row[j]);
  return leaves;
}

constexpr double near = 1e-13;

TEST(Program, GivesValuesAndGradientsOfAnyNumberOfRows) {
  const auto program = compile<double>(polynomial, {.inputs = 3});
  for (const std::size_t rows : {0, 1, 7, 127, 128, 129, 1000}) {
    const std::vector<double> x = some_numbers(3 * rows);
    std::vector<double> out(rows), gradients(3 * rows);
    program.gradient({x.data(), rows, 3}, out, {gradients.data(), rows, 3});
    for (std::size_t i = 0; i < rows; ++i) {
      const std::vector<Value> leaves = leaves_of(&x[3 * i], 3);
      const Value y = polynomial(leaves);
      y.backward();
      ASSERT_NEAR(out[i], y.data(), near) << "row " << i << " of " << rows;
      for (std::size_t j = 0; j < 3; ++j) ASSERT_NEAR(gradients[3 * i + j], leaves[j].grad(), near);
    }
  }
}

TEST(Program, ComputesInFloatToo) {
  const auto program = compile<float>(polynomial, {.inputs = 3});
  const std::vector<double> x = some_numbers(300);
  const std::vector<float> narrow(x.begin(), x.end());
  std::vector<float> out(100);
  program.run({narrow.data(), 100, 3}, out);
  for (std::size_t i = 0; i < 100; ++i) {
    const std::vector<double> row(narrow.begin() + 3 * i, narrow.begin() + 3 * i + 3);
    EXPECT_NEAR(out[i], polynomial(leaves_of(row.data(), 3)).data(), 2e-6);
  }
}

TEST(Program, ReadsRowsWithAStride) {
  const auto program = compile<double>([](Span x) { return x[0] - x[1]; }, {.inputs = 2});
  const std::vector<double> x{1, 2, 99, 30, 4, 99};
  std::vector<double> out{0, -1, 0, -1};
  program.run({x.data(), 2, 2, 3}, {out.data(), 2, 1, 2});
  EXPECT_EQ(out, (std::vector<double>{-1, -1, 26, -1}));
}

TEST(Program, JacobianHessianAndProductsAreThoseOfTheFunctionalFace) {
  const auto two = [](Span x) { return std::vector<Value>{x[0] * x[1] * x[2], sin(x[0]) / x[2]}; };
  const auto one = [](Span x) { return polynomial(x); };
  const std::vector<double> x = some_numbers(30), v = some_numbers(30, -1, 1), u = some_numbers(20, -1, 1);
  std::vector<double> jac(60), hes(90), forward(20), back(30);
  const auto program = compile<double>(two, {.inputs = 3});
  program.jacobian({x.data(), 10, 3}, {jac.data(), 10, 6});
  program.jvp({x.data(), 10, 3}, {v.data(), 10, 3}, {forward.data(), 10, 2});
  program.vjp({x.data(), 10, 3}, {u.data(), 10, 2}, {back.data(), 10, 3});
  compile<double>(one, {.inputs = 3}).hessian({x.data(), 10, 3}, {hes.data(), 10, 9});
  for (std::size_t i = 0; i < 10; ++i) {
    const std::span<const double> row(&x[3 * i], 3), direction(&v[3 * i], 3), seed(&u[2 * i], 2);
    const Matrix j = jacobian(two, row), h = hessian(one, row);
    const std::vector<double> f = jvp(two, row, direction), b = vjp(two, row, seed);
    for (std::size_t r = 0; r < 2; ++r) {
      EXPECT_NEAR(forward[2 * i + r], f[r], near);
      for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(jac[6 * i + 3 * r + c], j(r, c), near);
    }
    for (std::size_t r = 0; r < 3; ++r) {
      EXPECT_NEAR(back[3 * i + r], b[r], near);
      for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(hes[9 * i + 3 * r + c], h(r, c), near);
    }
  }
}

/// What the engine does for a loss of many rows: one graph, one backward.
double eager_backward(const MLP& net, const std::vector<double>& x, const std::vector<double>& y,
                      bool mean_of_rows) {
  std::vector<Value> losses;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::vector<Value> row = leaves_of(&x[2 * i], 2);
    losses.push_back(square(net(row)[0] - y[i]));
  }
  Value penalty = 0;
  for (const Value& p : net.parameters()) penalty += p * p;
  const Value loss = (mean_of_rows ? mean(losses) : sum(losses)) + 0.01 * penalty;
  loss.backward();
  return loss.data();
}

TEST(Program, BackwardAddsToTheParametersAndATermOverThemCountsOnce) {
  // Under stress the engine collects before every allocation, and time grows with the square of the graph.
  const std::size_t rows = std::getenv("MICROGRAD_STRESS") != nullptr ? 30 : 300;
  for (const bool mean_of_rows : {true, false}) {
    const MLP net(2, {4, 1}, {.seed = 3});
    const std::vector<Value> parameters = net.parameters();
    const auto step = compile<double>(
        [&net](Span x, Span y) {
          Value penalty = 0;
          for (const Value& p : net.parameters()) penalty += p * p;
          return square(net(x)[0] - y[0]) + 0.01 * penalty;
        },
        {.inputs = 2, .targets = 1},
        {.parameters = parameters, .reduce = mean_of_rows ? Reduce::mean : Reduce::sum});
    const std::vector<double> x = some_numbers(2 * rows, -2, 2), y = some_numbers(rows, -1, 1);
    for (int pass = 0; pass < 2; ++pass) {
      net.zero_grad();
      const double expected_loss = eager_backward(net, x, y, mean_of_rows);
      std::vector<double> expected;
      for (const Value& p : parameters) expected.push_back(p.grad());
      net.zero_grad();
      const double loss = step.backward({x.data(), rows, 2}, y);
      EXPECT_NEAR(loss, expected_loss, 1e-11 * std::abs(expected_loss));
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        EXPECT_NEAR(parameters[i].grad(), expected[i], 1e-11 * (1 + std::abs(expected[i]))) << i;
      }
      step.backward({x.data(), rows, 2}, y);
      EXPECT_NEAR(parameters[0].grad(), 2 * expected[0], 1e-11 * (1 + std::abs(expected[0]))) << "it adds";
      for (const Value& p : parameters) p.set_data(p.data() * 0.9);  // parameters are live
    }
  }
}

TEST(Program, SeedsOneARowAreWhatReduceNoneTakes) {
  const Value w(0.5, "w");
  const auto program = compile<double>([&w](Span x) { return x[0] * w * w; }, {.inputs = 1},
                                       {.parameters = {w}, .reduce = Reduce::none});
  const std::vector<double> x{1, 2, 3}, seeds{1, 0, -1};
  EXPECT_DOUBLE_EQ(program.backward_seeded(x, {}, seeds), 0.25 * (1 - 3));
  EXPECT_DOUBLE_EQ(w.grad(), 2 * 0.5 * (1 - 3));
  EXPECT_THAT([&] { program.backward(x); }, ThrowsMessage<UsageError>(HasSubstr("backward_seeded")));
}

TEST(Program, BitsDoNotDependOnTheNumberOfThreads) {
  const std::vector<double> x = some_numbers(2 * 5000, -2, 2), y = some_numbers(5000, -1, 1);
  std::vector<std::vector<double>> found;
  for (const std::size_t threads : {1, 2, 3, 4}) {
    const MLP net(2, {3, 1}, {.seed = 3});
    const auto step =
        compile<double>([&net](Span v, Span t) { return square(net(v)[0] - t[0]); },
                        {.inputs = 2, .targets = 1}, {.parameters = net.parameters(), .threads = threads});
    std::vector<double> result{step.backward({x.data(), 5000, 2}, y)};
    for (const Value& p : net.parameters()) result.push_back(p.grad());
    found.push_back(result);
  }
  for (const std::vector<double>& result : found) EXPECT_EQ(result, found[0]);
}

TEST(Program, RowsTakeTheirOwnWayThroughBranches) {
  const auto f = [](Span x) -> Value {
    if (x[0] > 0) {
      if (x[0] > x[1]) return x[0] * x[0];
      return 3 * x[1];
    }
    return sin(x[0]) + x[1];
  };
  const auto program = compile<double>(f, {.inputs = 2});
  const std::vector<double> x = some_numbers(400, -1, 1);
  std::vector<double> out(200), gradients(400);
  program.gradient({x.data(), 200, 2}, out, {gradients.data(), 200, 2});
  for (std::size_t i = 0; i < 200; ++i) {
    const std::vector<Value> leaves = leaves_of(&x[2 * i], 2);
    const Value y = f(leaves);
    y.backward();
    EXPECT_NEAR(out[i], y.data(), near);
    EXPECT_NEAR(gradients[2 * i], leaves[0].grad(), near);
    EXPECT_NEAR(gradients[2 * i + 1], leaves[1].grad(), near);
  }
  EXPECT_EQ(program.stats().paths, 3U);
}

TEST(Program, ALoopWhoseLengthDependsOnTheRowIsFollowed) {
  const auto f = [](Span x) {
    Value y = x[0];
    while (y < 100) y = y * y + 1;
    return y;
  };
  const auto program = compile<double>(f, {.inputs = 1});
  const std::vector<double> x{0.5, 2, 30, 1000, 0.6};
  std::vector<double> out(5);
  program.run(x, out);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(out[i], f(leaves_of(&x[i], 1)).data());
}

TEST(Program, ABranchThatIsNotAllowedIsNamed) {
  const auto program = compile<double>([](Span x) -> Value { return x[0] > 0 ? x[0] : -x[0]; }, {.inputs = 1},
                                       {.max_paths = 1});
  std::vector<double> x{1, -2}, out(2);
  EXPECT_THAT([&] { program.run(x, out); },
              ThrowsMessage<UsageError>(HasSubstr("run: row 1 branches otherwise at 'x0' > 0 (got -2 and 0, "
                                                  "expected that it is true); use select")));
}

TEST(Program, ABranchOnAParameterFollowsTheParameter) {
  const Value w(1, "w");
  const auto program = compile<double>([&w](Span x) -> Value { return w > 0 ? w * x[0] : x[0]; },
                                       {.inputs = 1}, {.parameters = {w}});
  std::vector<double> x{5}, out(1);
  program.run(x, out);
  EXPECT_EQ(out[0], 5);
  w.set_data(-3);
  program.run(x, out);
  EXPECT_EQ(out[0], 5);
  w.set_data(2);
  program.run(x, out);
  EXPECT_EQ(out[0], 10);
}

TEST(Program, SelectMinMaxReluAndAbsStayInOneProgram) {
  const auto f = [](Span x) {
    return select(x[0] < x[1], exp(x[0]), x[1] * 2) + max(x[0], x[1]) * min(x[0], 0.1) + relu(x[0]) -
           abs(x[1]);
  };
  const auto program = compile<double>(f, {.inputs = 2}, {.max_paths = 1});
  std::vector<double> x = some_numbers(400, -1, 1);
  x[0] = x[1] = 0.25;  // a tie
  std::vector<double> out(200), gradients(400);
  program.gradient({x.data(), 200, 2}, out, {gradients.data(), 200, 2});
  for (std::size_t i = 0; i < 200; ++i) {
    const std::vector<Value> leaves = leaves_of(&x[2 * i], 2);
    const Value y = f(leaves);
    y.backward();
    EXPECT_NEAR(out[i], y.data(), near);
    EXPECT_NEAR(gradients[2 * i], leaves[0].grad(), near) << i;
    EXPECT_NEAR(gradients[2 * i + 1], leaves[1].grad(), near) << i;
  }
}

TEST(Program, ANaNOnTheSideNotTakenDoesNotLeak) {
  const auto program = compile<double>([](Span x) { return select(x[0] > 0, log(x[0]), x[0]); },
                                       {.inputs = 1}, {.max_paths = 1});
  std::vector<double> x{-1, 2}, out(2), gradients(2);
  program.gradient(x, out, gradients);
  EXPECT_EQ(out[0], -1);
  EXPECT_EQ(gradients, (std::vector<double>{1, 0.5}));
}

TEST(Program, DetachStopsTheGradientAndStillFollowsTheRow) {
  const auto program = compile<double>([](Span x) { return x[0] * detach(x[0]); }, {.inputs = 1});
  std::vector<double> x{3}, out(1), gradients(1);
  program.gradient(x, out, gradients);
  EXPECT_EQ(out[0], 9);
  EXPECT_EQ(gradients[0], 3);
}

TEST(Program, LogsumexpAndSoftmaxStayStableForEveryRow) {
  const auto program =
      compile<double>([](Span x) { return logsumexp(x) + softmax(x)[0]; }, {.inputs = 2}, {.max_paths = 1});
  std::vector<double> x{1000, 1001, -1000, -1002, 1, 2}, out(3);
  program.run({x.data(), 3, 2}, out);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::vector<Value> leaves = leaves_of(&x[2 * i], 2);
    EXPECT_NEAR(out[i], (logsumexp(leaves) + softmax(leaves)[0]).data(), 1e-12);
  }
}

struct UnlistedCube {
  static constexpr OpInfo info{.name = "cube", .formula = "x^3", .derivative = "3 x^2"};
  template <class T> static T value(T x) { return x * x * x; }
  template <class T> static T dx(T x, T /*result*/) { return 3.0 * x * x; }
};

TEST(Program, RowsOfTheUserWorkAlsoTwiceDifferentiated) {
  const auto program =
      compile<double>([](Span x) { return apply<UnlistedCube>(x[0]) * x[1]; }, {.inputs = 2});
  std::vector<double> x{2, 5}, out(1), gradients(2), h(4);
  program.gradient({x.data(), 1, 2}, out, {gradients.data(), 1, 2});
  program.hessian({x.data(), 1, 2}, {h.data(), 1, 4});
  EXPECT_EQ(out[0], 40);
  EXPECT_EQ(gradients, (std::vector<double>{60, 8}));
  EXPECT_EQ(h, (std::vector<double>{60, 12, 12, 0}));
}

struct Ramp {
  static constexpr OpInfo info{.name = "ramp",
                               .formula = "x where x > 0, else y x",
                               .derivative = "1 or y",
                               .flat = {false, true},
                               .number_operand = NumberOperand::second};
  template <class T> static T value(T x, double slope) { return select(x > 0.0, x, slope * x); }
  template <class T> static T dx(T x, double slope, T) { return select(x > 0.0, T(1), T(slope)); }
};

TEST(Program, ARowOfTheUserChoosesItsPartialForEachRow) {
  const auto program = compile<double>([](Span x) { return apply<Ramp>(x[0], 0.25); }, {.inputs = 1});
  std::vector<double> x{2, -2, 3}, out(3), gradients(3);
  program.gradient(x, out, gradients);
  EXPECT_EQ(out, (std::vector<double>{2, -0.5, 3}));
  EXPECT_EQ(gradients, (std::vector<double>{1, 0.25, 1}));
}

struct Jump {
  static constexpr OpInfo info{.name = "jump", .formula = "x", .derivative = "1"};
  template <class T> static T value(T x) { return x; }
  template <class T> static T dx(T x, T) { return x > 0.0 ? T(1) : T(2); }
};

TEST(Program, ARowOfTheUserThatBranchesIsNamed) {
  const auto program = compile<double>([](Span x) { return apply<Jump>(x[0]); }, {.inputs = 1});
  std::vector<double> x{2}, out(1), gradients(1);
  EXPECT_THAT([&] { program.gradient(x, out, gradients); },
              ThrowsMessage<UsageError>(HasSubstr("the row 'jump' branches on")));
}

TEST(Program, WhatCouldGoWrongSilentlyIsRefused) {
  const Value stray(2, "stray");
  const auto refused = [](auto f, const char* words) {
    EXPECT_THAT([&f] { compile<double>(f, {.inputs = 1}); }, ThrowsMessage<UsageError>(HasSubstr(words)));
  };
  refused([&stray](Span x) { return x[0] * stray; }, "stray = 2 is neither an input nor a parameter");
  refused([](Span x) { return x[0] * x[0].data(); }, "data: the value x0 = 1 is being compiled");
  refused([](Span x) { return x[0] * (x[0] * 2).data(); }, "is being compiled");
  refused([](Span x) { return no_grad([&] { return x[0] * 2; }); }, "no_grad");
  refused([](Span x) { return isnan(x[0]) ? x[0] : 2 * x[0]; }, "is being compiled");
  refused([](Span x) { return x[0] * freeze(x[0]); }, "is being compiled");
  refused([](Span x) { return Value::custom(1, {x[0]}, "mine", [](const Value&) {}); },
          "the operation 'mine' has a closure");
}

TEST(Program, FrozenLeavesAreConstants) {
  const Value w(2, "w");
  const auto program = compile<double>([&w](Span x) { return x[0] * freeze(w); }, {.inputs = 1});
  w.set_data(100);
  std::vector<double> x{3}, out(1);
  program.run(x, out);
  EXPECT_EQ(out[0], 6);
}

TEST(Program, VerifyReportsNumbersThatFollowTheInputs) {
  int runs = 0;
  const auto changing = [&runs](Span x) { return x[0] * (++runs); };
  EXPECT_THAT([&] { compile<double>(changing, {.inputs = 1}, {.verify = true}); },
              ThrowsMessage<UsageError>(HasSubstr("got 1 and then 2")));
  EXPECT_NO_THROW(compile<double>([](Span x) { return x[0] * 3; }, {.inputs = 1}, {.verify = true}));
  int turns = 0;
  const auto growing = [&turns](Span x) {
    Value y = x[0];
    ++turns;
    for (int i = 0; i < turns; ++i) y = y * x[0];
    return y;
  };
  EXPECT_THAT([&] { compile<double>(growing, {.inputs = 1}, {.verify = true}); },
              ThrowsMessage<UsageError>(HasSubstr("something else at its second run")));
  turns = 0;
  EXPECT_NO_THROW(compile<double>([](Span x) -> Value { return x[0] > 1.1 ? exp(x[0]) : 2 * x[0]; },
                                  {.inputs = 1}, {.verify = true}));
}

TEST(Program, AGraphThatStandsCanBeCompiled) {
  const Value a(2, "a"), b(3, "b"), w(0.5, "w");
  const Value y = a * b + w * sin(a) + 1;
  const std::vector<Value> inputs{a, b};
  const auto program = compile<double>(y, inputs, {.parameters = {w}});
  std::vector<double> x{2, 3, 4, 5}, out(2), gradients(4);
  program.gradient({x.data(), 2, 2}, out, {gradients.data(), 2, 2});
  EXPECT_NEAR(out[0], y.data(), near);
  EXPECT_NEAR(out[1], 20 + 0.5 * std::sin(4.0) + 1, near);
  EXPECT_NEAR(gradients[2], 5 + 0.5 * std::cos(4.0), near);
  EXPECT_THAT([&] { compile<double>(y, inputs); }, ThrowsMessage<UsageError>(HasSubstr("w = 0.5")));
}

TEST(Program, SizesAreChecked) {
  const auto program = compile<double>(polynomial, {.inputs = 3});
  std::vector<double> x(6), out(2);
  EXPECT_THAT(
      [&] { program.run({x.data(), 3, 2}, out); },
      ThrowsMessage<UsageError>(HasSubstr("run: x has another size (got 3 rows of 2 numbers, expected 3 rows "
                                          "of 3)")));
  EXPECT_THROW(program.run({x.data(), 1, 3}, out), UsageError);
}

TEST(Program, NaNInAComparisonIsAnswerNo) {
  const auto f = [](Span x) -> Value { return x[0] < 1 ? x[0] * 2 : x[0] * 3; };
  const auto program = compile<double>(f, {.inputs = 1});
  std::vector<double> x{std::nan(""), 0.5, 2}, out(3);
  program.run(x, out);
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_EQ(out[1], 1);
  EXPECT_EQ(out[2], 6);
}

}  // namespace
}  // namespace micrograd
