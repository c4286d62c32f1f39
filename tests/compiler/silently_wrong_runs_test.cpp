// Modes, threads, exceptions, runs within runs, and rows of the user.
#include "silently_wrong.hpp"

#include <array>
#include <micrograd/engine/modes.hpp>
#include <stdexcept>
#include <thread>

namespace micrograd {
namespace {

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

// ---- runs within runs, and runs that fail

TEST(SilentlyWrong, AConditionOfAnotherRunIsRefused) {
  std::vector<Condition> kept;
  const auto f = [&kept](Span x) -> Value {
    kept.push_back(x[0] > 0);
    return kept[0] ? x[0] * 2 : x[0] * 3;
  };
  const auto program = compile<double>(f, {.inputs = 1});
  std::vector<double> x{1, -1}, out(2);
  EXPECT_THAT([&] { program.run(x, out); },
              ThrowsMessage<UsageError>(HasSubstr("the function uses a comparison of another run")));
  kept.clear();
  const auto chosen = [&kept](Span x) -> Value {
    kept.push_back(x[0] > 0);
    if (x[0] > 10) return x[0];
    return select(kept[0], x[0] * 2, x[0] * 3);
  };
  const auto other = compile<double>(chosen, {.inputs = 1});
  x[0] = 11;
  EXPECT_NO_THROW(other.run(x, out)) << "not used on this way";
  EXPECT_EQ(out, (std::vector<double>{11, -3}));
}

TEST(SilentlyWrong, AProgramMayBeCompiledAndRunInsideAFunctionThatIsCompiled) {
  const auto f = [](Span x) -> Value {
    const auto inner =
        compile<double>([](Span y) -> Value { return y[0] > 0 ? y[0] * y[0] : y[0] * 3; }, {.inputs = 1});
    std::vector<double> at{2, -2}, out(2);
    inner.run(at, out);
    if (x[0] > 1) return x[0] * out[0];
    return x[0] * out[1];
  };
  expect_as_eager(f, {1, 5}, 1);
  expect_refused(
      [](Span x) {
        const Value outer = x[0];
        const auto inner = compile<double>([&outer](Span y) { return y[0] * outer; }, {.inputs = 1});
        return x[0];
      },
      "the leaf x0 = 1 is neither an input nor a parameter");
  expect_refused(
      [](Span x) {
        const Condition positive = x[0] > 0;
        const auto inner =
            compile<double>([&](Span y) -> Value { return positive ? y[0] : y[0] * 2; }, {.inputs = 1});
        return x[0];
      },
      "a comparison of another run");
  expect_refused(
      [](Span x) {
        const Value outer = x[0];
        const auto inner = compile<double>([&outer](Span y) { return y[0] * outer.data(); }, {.inputs = 1});
        return x[0];
      },
      "the leaf x0 = 1 is neither an input nor a parameter");
}

TEST(SilentlyWrong, AFunctionThatThrowsLeavesTheEngineAndTheProgramAsTheyWere) {
  bool fails = true;
  const auto f = [&fails](Span x) -> Value {
    if (x[0] > 0) return x[0] * 2;
    const Value y = exp(x[0]);
    if (fails) throw std::runtime_error("not now");
    return y;
  };
  const auto program = compile<double>(f, {.inputs = 1});
  std::vector<double> x{1, 0}, out{5, 5};
  EXPECT_THROW(program.run(x, out), std::runtime_error);
  EXPECT_EQ(out, (std::vector<double>{5, 5})) << "nothing is written before all rows have their path";
  const Value a = 3;
  EXPECT_EQ((a * 2).data(), 6) << "nobody watches any more";
  a.set_data(4);
  fails = false;
  program.run(x, out);
  EXPECT_EQ(out, (std::vector<double>{2, 1}));
}

TEST(SilentlyWrong, AProgramThatCannotBeMadeForOnePathWritesNothing) {
  const auto f = [](Span x) -> Value { return x[0] > 0 ? x[0] * 2 : apply<Branching>(x[0]); };
  const auto program = compile<double>(f, {.inputs = 1});
  std::vector<double> x{1, -1}, out{5, 5}, slopes{5, 5};
  EXPECT_THROW(program.gradient(x, out, slopes), UsageError);
  EXPECT_EQ(out, (std::vector<double>{5, 5}));
  EXPECT_EQ(slopes, (std::vector<double>{5, 5}));
}

TEST(SilentlyWrong, TheSumOfNoRowsFollowsABranchOnAParameter) {
  const Value w(3, "w");
  const auto f = [&w](Span x) -> Value {
    if (w > 0) return w * w + w * x[0];
    return w * 5 + w * x[0];
  };
  const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {w}, .reduce = Reduce::sum});
  const std::vector<std::array<double, 3>> data_sum_slope{{3, 9, 6}, {-2, -10, 5}, {4, 16, 8}, {-1, -5, 5}};
  for (const auto& [data, sum, slope] : data_sum_slope) {
    w.set_data(data);
    w.set_grad(0);
    EXPECT_EQ(program.backward({nullptr, 0, 1}), sum);
    EXPECT_EQ(w.grad(), slope);
  }
  const auto strict =
      compile<double>(f, {.inputs = 1}, {.parameters = {w}, .reduce = Reduce::sum, .max_paths = 1});
  w.set_data(1);
  EXPECT_THAT([&] { strict.backward({nullptr, 0, 1}); },
              ThrowsMessage<UsageError>(HasSubstr("the parameters branch otherwise")));
}

// ---- graphs that stand

TEST(SilentlyWrong, ASelectInAGraphThatStandsIsRefused) {
  const Value a(2, "a");
  const std::vector<Value> inputs{a};
  const Value y = select(a > 1, a * a, a * 3);
  EXPECT_THAT([&] { compile<double>(y, inputs); },
              ThrowsMessage<UsageError>(HasSubstr("does not know by which comparison")));
  EXPECT_NO_THROW(compile<double>(relu(a) + max(a, 1) * abs(a), inputs));
}

}  // namespace
}  // namespace micrograd
