// What a neuron looks like after each pass, word for word, and how its programs are counted.
#include <gtest/gtest.h>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/derive.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>
#include <micrograd/engine/reductions.hpp>

namespace micrograd {
namespace {

using Span = std::span<const Value>;

/// tanh(w0 x0 + w1 x1 + b), and its squared distance from y.
struct Neuron {
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
  const Neuron neuron;
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

TEST(Dump, OfACompiledNeuron) {
  const Neuron neuron;
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
