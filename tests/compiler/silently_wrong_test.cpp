// Every way in which a compiled function could give wrong numbers without a word: each is followed, or
// refused with a message that says what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

using Span = std::span<const Value>;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr double inf = std::numeric_limits<double>::infinity();
const double nan = std::nan("");

struct Slopes {
  std::vector<double> out, gradients;
};

/// One output; the engine's own answer for each row.
template <class F> Slopes eager(F f, const std::vector<double>& x, std::size_t inputs) {
  Slopes found;
  for (std::size_t i = 0; i < x.size(); i += inputs) {
    const std::vector<Value> leaves(x.begin() + static_cast<std::ptrdiff_t>(i),
                                    x.begin() + static_cast<std::ptrdiff_t>(i + inputs));
    const Value y = f(leaves);
    y.backward();
    found.out.push_back(y.data());
    for (const Value& leaf : leaves) found.gradients.push_back(leaf.grad());
  }
  return found;
}

void expect_same(const std::vector<double>& found, const std::vector<double>& expected, const char* what) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(found[i])) << what << " " << i << " is " << found[i];
    } else if (std::isinf(expected[i]) || expected[i] == 0) {
      EXPECT_EQ(found[i], expected[i]) << what << " " << i;
    } else {
      EXPECT_NEAR(found[i], expected[i], 1e-13 * (1 + std::abs(expected[i]))) << what << " " << i;
    }
  }
}

/// The compiled function and its gradient are the engine's on all rows.
template <class F>
Program<double> expect_as_eager(F f, const std::vector<double>& x, std::size_t inputs,
                                const CompileOptions& options = {}) {
  const auto program = compile<double>(f, {.inputs = inputs}, options);
  const std::size_t rows = x.size() / inputs;
  std::vector<double> out(rows), gradients(x.size());
  program.gradient({x.data(), rows, inputs}, out, {gradients.data(), rows, inputs});
  const Slopes expected = eager(f, x, inputs);
  expect_same(out, expected.out, "value");
  expect_same(gradients, expected.gradients, "gradient");
  return program;
}

void expect_refused(auto f, const char* words, std::size_t inputs = 1) {
  EXPECT_THAT([&] { compile<double>(f, {.inputs = inputs}); }, ThrowsMessage<UsageError>(HasSubstr(words)));
}

// ---- branches

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
  const std::vector<double> x{-1, 0, 2, nan, inf, -inf};
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

// ---- plain numbers that follow a traced value

TEST(SilentlyWrong, PlainNumbersOfATracedValueAreRefused) {
  expect_refused([](Span x) { return x[0] * std::exp(x[0].data()); }, "is being compiled");
  expect_refused([](Span x) { return x[0] * detach(x[0]).data(); }, "is being compiled");
  const Value w(2, "w");
  EXPECT_THAT(
      [&] { compile<double>([&w](Span x) { return x[0] * w.data(); }, {.inputs = 1}, {.parameters = {w}}); },
      ThrowsMessage<UsageError>(HasSubstr("the value w = 2 is being compiled")));
  const Value doubled = w * 2;
  expect_refused([&doubled](Span x) { return x[0] * doubled.data(); }, "is being compiled");
}

TEST(SilentlyWrong, GradientsThatAreNumbersAreRefused) {
  expect_refused(
      [](Span x) {
        const Value y = x[0] * x[0];
        y.backward();
        return y * x[0].grad();
      },
      "plain numbers; use grad with create_graph");
  expect_refused([](Span x) { return grad(x[0] * x[0], x[0]); }, "use grad with create_graph");
  expect_refused(
      [](Span x) {
        return x[0] * gradient([&x](Span y) { return y[0] * x[0]; }, std::vector<double>{2.0})[0];
      },
      "use grad with create_graph");
}

TEST(SilentlyWrong, GradientsThatAreResultsAreFollowed) {
  const auto slope = [](Span x) {
    const Value y = relu(x[0]) * exp(x[0] * x[1]) + max(x[1], x[0] * x[1]) + logsumexp(x);
    return grad(y, x[0], {.create_graph = true}) + grad(y, x[1], {.create_graph = true});
  };
  expect_as_eager(slope, {1, 2, -1, 0.5, 0.3, -2}, 2);
  expect_refused(
      [](Span x) {
        const Value y = select(x[0] > 0, x[0] * x[0], x[0] * 3);
        return grad(y, x[0], {.create_graph = true});
      },
      "has another gradient on other rows");
}

TEST(SilentlyWrong, APassOverAGraphOfPlainNumbersIsFine) {
  const auto f = [](Span x) {
    const double slope = gradient([](Span y) { return y[0] * y[0]; }, std::vector<double>{2.0})[0];
    return x[0] * slope;
  };
  expect_as_eager(f, {1, 5}, 1);
}

// ---- captured Values

TEST(SilentlyWrong, DataThatTheFunctionChangesIsRefused) {
  const Value cache(1, "cache");
  expect_refused(
      [&cache](Span x) {
        cache.set_data(3);
        return x[0] * 2;
      },
      "set_data: a function that is being compiled must not change data");
  expect_refused(
      [](Span x) {
        const Value c = 1;
        Value y = x[0] * c;
        c.set_data(7);
        return y;
      },
      "must not change data");
}

TEST(SilentlyWrong, AResultComputedBeforeTheTraceFollowsItsParameter) {
  const Value w(2, "w");
  const Value square_of_w = w * w;
  const auto program =
      compile<double>([&](Span x) { return x[0] * square_of_w; }, {.inputs = 1}, {.parameters = {w}});
  w.set_data(5);
  std::vector<double> x{3}, out(1);
  program.run(x, out);
  EXPECT_EQ(out[0], 75);
  const Value stray(3, "stray");
  const Value of_stray = stray * 2;
  expect_refused([&](Span x) { return x[0] * of_stray; }, "the leaf stray = 3 is neither");
}

TEST(SilentlyWrong, AParameterThatIsReplacedIsNoParameter) {
  Value w(2, "w");
  const auto f = [&w](Span x) -> Value { return x[0] > 0 ? w * x[0] : w * 2; };
  const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {w}});
  w = Value(7, "another w");  // the program still has the old one, and its way of old
  std::vector<double> x{3}, out(1);
  program.run(x, out);
  EXPECT_EQ(out[0], 6);
  x[0] = -1;  // another way: the function is run again, and finds a leaf that it was not promised
  EXPECT_THAT(
      [&] { program.run(x, out); },
      ThrowsMessage<UsageError>(HasSubstr("the leaf another w = 7 is neither an input nor a parameter")));
}

TEST(SilentlyWrong, ParametersAndInputsMustBeLeavesOfTheirOwn) {
  const Value a(1, "a"), b(2, "b"), w(3, "w");
  const Value y = a * b * w;
  const auto graph = [&y](std::vector<Value> inputs, std::vector<Value> parameters) {
    return [&y, inputs, parameters] { compile<double>(y, inputs, {.parameters = parameters}); };
  };
  EXPECT_NO_THROW(graph({a, b}, {w})());
  EXPECT_THAT(graph({a, b, a}, {w}), ThrowsMessage<UsageError>(HasSubstr("a = 1 is given twice")));
  EXPECT_THAT(graph({a, b, w}, {w}), ThrowsMessage<UsageError>(HasSubstr("w = 3 is given twice")));
  const Value product = a * b;
  EXPECT_THAT(graph({product}, {a, b, w}), ThrowsMessage<UsageError>(HasSubstr("an input must be a leaf")));
  EXPECT_THAT(graph({a, b}, {w, product}),
              ThrowsMessage<UsageError>(HasSubstr("a parameter must be a leaf")));
  EXPECT_THAT(
      [&] {
        compile<double>([&](Span x) { return x[0] * product; }, {.inputs = 1}, {.parameters = {product}});
      },
      ThrowsMessage<UsageError>(HasSubstr("a parameter must be a leaf (got * node = 2)")));
}

// ---- modes and threads

TEST(SilentlyWrong, NoGradAroundTheProgramChangesNothing) {
  const auto f = [](Span x) -> Value { return x[0] > 0 ? x[0] * x[0] : x[0] * 3; };
  const std::vector<double> x{2, -2};
  std::vector<double> out(2), gradients(2);
  no_grad([&] {
    const auto program = compile<double>(f, {.inputs = 1});
    program.gradient(x, out, gradients);  // another path is traced here
    return 0;
  });
  EXPECT_EQ(out, (std::vector<double>{4, -6}));
  EXPECT_EQ(gradients, (std::vector<double>{4, 3}));
  const Value after = no_grad([&] {
    compile<double>(f, {.inputs = 1});
    return Value(2) * 3;
  });
  EXPECT_TRUE(after.prev().empty()) << "no_grad is still on after compile";
}

TEST(SilentlyWrong, AThreadThatDoesNotOwnTheParametersMayRunButNotTrace) {
  const Value w(2, "w");
  const auto f = [&w](Span x) -> Value { return x[0] > 0 ? w * x[0] : w - x[0]; };
  const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {w}});
  std::vector<double> known{1}, unknown{-1}, out(1);
  std::string message;
  std::thread other([&] {
    program.run(known, out);
    try {
      std::vector<double> unused(1);
      program.run(unknown, unused);
    } catch (const UsageError& error) {
      message = error.what();
    }
  });
  other.join();
  EXPECT_EQ(out[0], 2);
  EXPECT_THAT(message, HasSubstr("w = 2 belongs to another thread"));
  program.run(unknown, out);
  EXPECT_EQ(out[0], 3);
}

// ---- rows of the user

struct Clip {
  static constexpr OpInfo info{.name = "clip", .formula = "x up to 1", .derivative = "1 up to 1"};
  template <class T> static T value(T x) { return select(x < T(1), x, T(1)); }
  template <class T> static T dx(T x, T /*result*/) { return select(x < T(1), T(1), T(0)); }
};

struct Scaled {
  static constexpr OpInfo info{.name = "scaled",
                               .formula = "x^2 n",
                               .derivative = "2 x n",
                               .flat = {false, true},
                               .number_operand = NumberOperand::second};
  template <class T> static T value(T x, double n) { return x * x * n; }
  template <class T> static T dx(T x, double n, T /*result*/) { return 2.0 * n * x; }
};

struct Branching {
  static constexpr OpInfo info{.name = "branching", .formula = "|x|", .derivative = "sign x"};
  template <class T> static T value(T x) {
    using std::abs;
    return abs(x);
  }
  template <class T> static T dx(T x, T /*result*/) { return x < T(0) ? T(-1) : T(1); }
};

TEST(SilentlyWrong, ARowOfTheUserWithAKinkHasItsOwnSlopeOnEveryRow) {
  const auto f = [](Span x) { return apply<Clip>(x[0] * x[0]) * x[1]; };
  expect_as_eager(f, {0.5, 3, 2, 3, 1, 3, -2, 1, nan, 1}, 2, {.max_paths = 1});
}

TEST(SilentlyWrong, ARowOfTheUserKeepsItsPlainNumber) {
  const auto f = [](Span x) { return apply<Scaled>(x[0], 3.0) + apply<Scaled>(x[0], -2.0); };
  expect_as_eager(f, {0.5, 2, -3}, 1);
  no_grad([&] {  // the partials are recorded all the same
    expect_refused([](Span x) { return no_grad([&] { return x[0] * 2; }); }, "no_grad");
    const auto program = compile<double>([](Span x) { return apply<Scaled>(x[0], 3.0); }, {.inputs = 1});
    std::vector<double> x{5}, out(1), slope(1);
    program.gradient(x, out, slope);
    EXPECT_EQ(slope[0], 30);
    return 0;
  });
}

TEST(SilentlyWrong, ARowOfTheUserWhosePartialBranchesIsNamed) {
  const auto program = compile<double>([](Span x) { return apply<Branching>(x[0]); }, {.inputs = 1});
  std::vector<double> x{-5}, out(1), slope(1);
  program.run(x, out);
  EXPECT_EQ(out[0], 5);
  EXPECT_THAT([&] { program.gradient(x, out, slope); },
              ThrowsMessage<UsageError>(HasSubstr("the row 'branching' branches on")));
}

// ---- sizes

TEST(SilentlyWrong, EverySizeIsChecked) {
  const Value w(1, "w");
  const auto program = compile<double>([&](Span x, Span y) { return x[0] * w * x[1] - y[0]; },
                                       {.inputs = 2, .targets = 1}, {.parameters = {w}});
  std::vector<double> numbers(60);
  const auto table = [&numbers](std::size_t rows, std::size_t columns) {
    return Rows<double>(numbers.data(), rows, columns);
  };
  const auto refused = [](auto call, const char* words) {
    EXPECT_THAT(call, ThrowsMessage<UsageError>(HasSubstr(words)));
  };
  refused([&] { program.run(table(4, 2), table(4, 1)); }, "run: x has another size");
  refused([&] { program.run(table(4, 3), table(4, 2)); }, "run: out has another size");
  refused([&] { program.run(table(4, 3), table(3, 1)); }, "run: out has another size");
  refused([&] { program.gradient(table(4, 3), table(4, 1), table(4, 3)); },
          "gradient: gradients has another");
  refused([&] { program.jacobian(table(4, 3), table(4, 3)); }, "jacobian: out has another size");
  refused([&] { program.hessian(table(4, 3), table(4, 2)); }, "hessian: out has another size");
  refused([&] { program.jvp(table(4, 3), table(4, 3), table(4, 1)); }, "jvp: directions has another size");
  refused([&] { program.vjp(table(4, 3), table(4, 2), table(4, 2)); }, "vjp: seeds has another size");
  refused([&] { program.backward(table(4, 2), table(3, 1)); }, "backward: targets has another size");
  refused([&] { program.backward(table(4, 2)); }, "backward: x has another size");
  refused([&] { program.run({numbers.data(), 4, 3, 2}, table(4, 1)); },
          "the rows of x overlap (got the stride 2");
  refused([&] { compile<double>([](Span x) { return x[0]; }, {.inputs = 1, .sample = {1, 2}}); },
          "the sample has another size (got 2 numbers, expected 1)");
  refused([&] { compile<double>([](Span) { return std::vector<Value>{}; }, {.inputs = 1}); }, "no result");
}

TEST(SilentlyWrong, AStrideTooShortIsNamed) {
  const auto program = compile<double>([](Span x) { return x[0] * x[1]; }, {.inputs = 2});
  std::vector<double> numbers(8), out(4);
  EXPECT_THAT([&] { program.run({numbers.data(), 4, 2, 1}, out); },
              ThrowsMessage<UsageError>(HasSubstr("stride")));
}

TEST(SilentlyWrong, OutputsMayBeInputsNumbersParametersOrTheSameTwice) {
  const Value w(4, "w");
  const auto program = compile<double>(
      [&](Span x) {
        const Value y = x[0] * 2;
        return std::vector<Value>{y, x[1], w, 3, y, Value()};
      },
      {.inputs = 2}, {.parameters = {w}});
  std::vector<double> x{1, 2, 3, 4}, out(12), jac(24);
  program.run({x.data(), 2, 2}, {out.data(), 2, 6});
  EXPECT_EQ(out, (std::vector<double>{2, 2, 4, 3, 2, 0, 6, 4, 4, 3, 6, 0}));
  program.jacobian({x.data(), 2, 2}, {jac.data(), 2, 12});
  const std::vector<double> row{2, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0};
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(jac[i], row[i % 12]) << i;
}

}  // namespace
}  // namespace micrograd
