// What a neuron looks like after each pass, word for word, and how its programs are counted.
#include <gtest/gtest.h>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/derive.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>
#include <micrograd/engine/reductions.hpp>

#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

using Span = std::span<const Value>;

/// tanh(w0 x0 + w1 x1 + b), and its squared distance from y.
struct OneNeuron {
  Value w0{0.5, "w0"}, w1{-2, "w1"}, b{0.25, "b"};

  [[nodiscard]] Value operator()(Span x) const {
    const Value left = w0 * x[0];
    const Value right = w1 * x[1];
    Value out = tanh(left + right + b);
    out.set_label("out");
    return out;
  }
  [[nodiscard]] std::vector<Value> parameters() const { return {w0, w1, b}; }
};

TEST(Dump, OfANeuronAsTracedAndAsATrainingStep) {
  const OneNeuron neuron;
  const compiler::Code code =
      compiler::trace(compiler::wrap([&](Span x, Span y) { return square(neuron(x) - y[0]); }),
                      std::vector<double>{1, 2, 3}, {.inputs = 2, .targets = 1}, neuron.parameters());
  EXPECT_EQ(compiler::dump(code), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = input 2   # y0
%3 = parameter 0   # w0
%4 = parameter 1   # w1
%5 = parameter 2   # b
%6 = * %3 %0
%7 = * %4 %1
%8 = + %6 %7
%9 = + %8 %5
%10 = tanh %9   # out
%11 = - %10 %2
%12 = square %11
return %12
)");
  const compiler::Shape shape{.inputs = 2, .targets = 1, .parameters = 3};
  const compiler::Code step =
      compiler::simplify(compiler::derive(code, compiler::Want::backward, shape, Reduce::mean));
  EXPECT_EQ(compiler::dump(step), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = input 2   # y0
%3 = parameter 0   # w0
%4 = parameter 1   # w1
%5 = parameter 2   # b
%6 = * %3 %0
%7 = * %4 %1
%8 = + %6 %7
%9 = + %8 %5
%10 = tanh %9   # out
%11 = - %10 %2
%12 = square %11
%13 = total %12
%14 = rows
%15 = / %13 %14
%16 = 1
%17 = / %16 %14
%18 = + %11 %11
%19 = * %17 %18
%20 = * %10 %10
%21 = - %16 %20
%22 = * %19 %21
%23 = * %22 %1
%24 = * %22 %0
%25 = total %22
%26 = total %23
%27 = total %24
return %15 %27 %26 %25
)");
}

TEST(Dump, OfATrainingStepAfterEachPass) {
  const OneNeuron neuron;
  const auto program = compile<double>([&](Span x, Span y) { return pow(neuron(x) - y[0], 2); },
                                       {.inputs = 2, .targets = 1}, {.parameters = neuron.parameters()});
  EXPECT_EQ(program.dump(Stage::traced), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = input 2   # y0
%3 = parameter 0   # w0
%4 = parameter 1   # w1
%5 = parameter 2   # b
%6 = * %3 %0
%7 = * %4 %1
%8 = + %6 %7
%9 = + %8 %5
%10 = tanh %9   # out
%11 = - %10 %2
%12 = 2
%13 = pow_number %11 %12
return %13
)");
  EXPECT_EQ(program.dump(Stage::traced, Want::backward), program.dump(Stage::traced));
  EXPECT_EQ(program.dump(Stage::derived), program.dump(Stage::traced)) << "values need nothing more";
  EXPECT_EQ(program.dump(Stage::derived, Want::backward), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = input 2   # y0
%3 = parameter 0   # w0
%4 = parameter 1   # w1
%5 = parameter 2   # b
%6 = * %3 %0
%7 = * %4 %1
%8 = + %6 %7
%9 = + %8 %5
%10 = tanh %9   # out
%11 = - %10 %2
%12 = 2
%13 = pow_number %11 %12
%14 = total %13
%15 = rows
%16 = / %14 %15
%17 = 1
%18 = / %17 %15
%19 = * %17 %18
%20 = pow_number %11 %17
%21 = * %12 %20
%22 = * %19 %21
%23 = * %10 %10
%24 = - %17 %23
%25 = * %22 %24
%26 = * %25 %1
%27 = * %25 %0
%28 = total %25
%29 = total %26
%30 = total %27
return %16 %30 %29 %28
)");
  EXPECT_EQ(program.dump(Stage::simplified, Want::backward), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = input 2   # y0
%3 = parameter 0   # w0
%4 = parameter 1   # w1
%5 = parameter 2   # b
%6 = * %3 %0
%7 = * %4 %1
%8 = + %6 %7
%9 = + %8 %5
%10 = tanh %9   # out
%11 = - %10 %2
%12 = 2
%13 = * %11 %11
%14 = total %13
%15 = rows
%16 = / %14 %15
%17 = 1
%18 = / %17 %15
%19 = * %12 %11
%20 = * %18 %19
%21 = * %10 %10
%22 = - %17 %21
%23 = * %20 %22
%24 = * %23 %1
%25 = * %23 %0
%26 = total %23
%27 = total %24
%28 = total %25
return %16 %28 %27 %26
)");
  EXPECT_EQ(program.dump(Stage::scheduled, Want::backward), R"(once:
  u0 = parameter 0   # w0
  u1 = parameter 1   # w1
  u2 = parameter 2   # b
  u3 = 2
  u4 = rows
  u5 = 1
  u6 = / u5 u4
for each block of 256 rows, slots: 4:
  s0 = input 0   # x0
  s1 = input 1   # x1
  s2 = input 2   # y0
  s3 = u0 * s0 + u1 * s1 + u2
  s3 = tanh s3   # out
  s2 = s3 - s2
  u7 = total s2 * s2
  s2 = u3 * s2
  s2 = u6 * s2
  s3 = u5 - s3 * s3
  s3 = s2 * s3
  u8 = total s3 * s1
  u9 = total s3 * s0
  u10 = total s3
then once:
  u11 = / u7 u4
output 0 = u11
output 1 = u9
output 2 = u8
output 3 = u10
)");
}

TEST(Dump, OfAGradient) {
  const OneNeuron neuron;
  const auto program = compile<double>(neuron, {.inputs = 2}, {.parameters = neuron.parameters()});
  EXPECT_EQ(program.dump(Stage::simplified, Want::gradient), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = parameter 0   # w0
%3 = parameter 1   # w1
%4 = parameter 2   # b
%5 = * %2 %0
%6 = * %3 %1
%7 = + %5 %6
%8 = + %7 %4
%9 = tanh %8   # out
%10 = 1
%11 = * %9 %9
%12 = - %10 %11
%13 = * %12 %3
%14 = * %12 %2
return %9 %14 %13
)");
}

TEST(Dump, OfWhatNeedsOneOutputRefusesSeveral) {
  const auto program = compile<double>([](Span x) { return std::vector<Value>{x[0], -x[0]}; }, {.inputs = 1});
  EXPECT_EQ(
      testing::message_of<UsageError>([&] { return program.dump(Stage::derived, Want::gradient); }),
      "dump: what is wanted needs one output (got 2); of several there are the values, jacobian, jvp and "
      "vjp");
  EXPECT_EQ(program.dump(Stage::simplified, Want::jacobian), "%0 = 1\n%1 = -1\nreturn %0 %1\n");
}

TEST(Stats, CountThePathsThatRowsTook) {
  const auto program = compile<double>(
      [](Span x) -> Value {
        if (x[0] > 2) return x[0] * 3;
        return x[0];
      },
      {.inputs = 1});
  ProgramStats stats = program.stats();
  EXPECT_EQ(stats.traced, 2U) << "the comparison and the number 2";
  EXPECT_EQ(stats.simplified, 1U);
  EXPECT_EQ(stats.paths, 1U);
  const std::vector<double> x{1, 3, 5};
  std::vector<double> out(3);
  program.run(x, out);
  EXPECT_EQ(program.stats().paths, 2U);
}

TEST(Dump, OfACompiledNeuron) {
  const OneNeuron neuron;
  const auto program = compile<double>([&](Span x) { return neuron(x) * 1; }, {.inputs = 2},
                                       {.parameters = neuron.parameters()});
  EXPECT_EQ(program.dump(), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = parameter 0   # w0
%3 = parameter 1   # w1
%4 = parameter 2   # b
%5 = * %2 %0
%6 = * %3 %1
%7 = + %5 %6
%8 = + %7 %4
%9 = tanh %8   # out
return %9
)");
  const ProgramStats stats = program.stats();
  EXPECT_EQ(stats.traced, 7U) << "two products, two sums, tanh, the number 1 and the product with it";
  EXPECT_EQ(stats.simplified, 10U);
  EXPECT_EQ(stats.paths, 1U);
  EXPECT_EQ(stats.block, 256U);
}

TEST(Dump, ShowsSelectionsAndNumbers) {
  const auto program = compile<double>(
      [](Span x) -> Value {
        const Value scaled = x[0] * 0.1;
        if (scaled > 0) return select(scaled < 3, scaled, -1e300);
        return scaled;
      },
      {.inputs = 1});
  EXPECT_EQ(program.dump(), R"(%0 = input 0   # x0
%1 = 0.1
%2 = * %0 %1
%3 = 3
%4 = -1e+300
%5 = less %2 %3
%6 = where %5 %2 %4
return %6
)") << "guards are a program of their own";
}

TEST(Dump, OfALookUpAndItsTrainingStep) {
  const std::vector<Value> table{{1, "a"}, {2, "b"}};
  const auto f = [&table](Span x, std::span<const Index> i) { return pick(table, i[0]) * x[0]; };
  const compiler::Shape shape{.inputs = 1, .indices = 1, .parameters = 2};
  const compiler::Code code = compiler::trace(compiler::wrap(f), std::vector<double>{1, 0}, shape, table);
  EXPECT_EQ(compiler::dump(code), R"(%0 = input 0   # x0
%1 = input 1   # i0
%2 = parameter 0   # a
%3 = parameter 1   # b
%4 = pick %1 of %2 %3
%5 = * %4 %0
input 1 is a whole number, 0 to 2 exclusive
return %5
)");
  const compiler::Code step =
      compiler::simplify(compiler::derive(code, compiler::Want::backward, shape, Reduce::sum));
  EXPECT_EQ(compiler::dump(step), R"(%0 = input 0   # x0
%1 = input 1   # i0
%2 = parameter 0   # a
%3 = parameter 1   # b
%4 = pick %1 of %2 %3
%5 = * %4 %0
%6 = total %5
%7 = total %0 where %1 is 0
%8 = total %0 where %1 is 1
input 1 is a whole number, 0 to 2 exclusive
return %6 %7 %8
)");
}

}  // namespace
}  // namespace micrograd
