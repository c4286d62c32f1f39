// What becomes one sum of products, and what does not.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/functional.hpp>

#include "../ops/table_walk.hpp"

namespace micrograd {
namespace {

using Span = std::span<const Value>;

std::string collected(const Program<double>& program, Want want = Want::values) {
  const std::string all = program.dump(Stage::collected, want);
  return all.substr(all.find("%3"));
}

TEST(Collect, AScaledResultBecomesPartOfAllSumsThatUseIt) {
  const auto f = [](Span x) {
    const Value scaled = -(x[0] * 3);
    return std::vector<Value>{scaled + x[1], x[2] - scaled * x[1] * 2};
  };
  EXPECT_EQ(collected(compile<double>(f, {.inputs = 3})), R"(%3 = 3
%4 = -%3 * %0 + %1
%5 = 2
%6 = 6
%7 = %2 + %6 * (%0 * %1)
return %4 %7
)");
}

TEST(Collect, AScaledResultThatIsNeededItselfStays) {
  const auto f = [](Span x) {
    const Value scaled = x[0] * 3;
    return std::vector<Value>{scaled + x[1], exp(scaled) + x[2]};
  };
  EXPECT_EQ(collected(compile<double>(f, {.inputs = 3})), R"(%3 = 3
%4 = %3 * %0
%5 = %4 + %1
%6 = exp %4
%7 = %6 + %2
return %5 %7
)");
}

TEST(Collect, ASumOfSquaresIsTornApartAndOneThatMayCancelIsNot) {
  const auto squares = [](Span x) { return x[0] + (3 * (x[1] * x[1]) + x[2] * x[2]); };
  EXPECT_EQ(collected(compile<double>(squares, {.inputs = 3})), R"(%3 = 3
%4 = %0 + %3 * (%1 * %1) + %2 * %2
return %4
)");
  const auto others = [](Span x) { return x[0] + (x[1] * x[1] - x[2] * x[2]); };
  EXPECT_EQ(collected(compile<double>(others, {.inputs = 3})), R"(%3 = %1 * %1 - %2 * %2
%4 = %0 + %3
return %4
)");
}

TEST(Collect, NumbersTooLargeStayWhereTheyAre) {
  const auto f = [](Span x) {
    const Value large = x[0] * 1e200;
    return std::vector<Value>{large * x[1], large + x[2]};
  };
  const auto program = compile<double>(f, {.inputs = 3});
  const std::vector<double> row{1e-200, 1e200, 1};
  std::vector<double> out(2);
  program.run({row.data(), 1, 3}, {out.data(), 1, 2});
  EXPECT_DOUBLE_EQ(out[0], 1e200);
  EXPECT_DOUBLE_EQ(out[1], 2);
}

TEST(Collect, ALongChainOfNumbersTakesNoTimeToSpeakOf) {
  const int length = table_walk::in_a_hurry() ? 4000 : 200'000;
  const auto f = [length](Span x) {
    Value y = x[0];
    for (int i = 0; i < length; ++i) y = y * (i % 2 == 0 ? 1.0625 : 0.9375);
    return y + x[1];
  };
  const std::vector<double> row{1, 2};
  double out = 0;
  compile<double>(f, {.inputs = 2}).run({row.data(), 1, 2}, {&out, 1, 1});
  const std::vector<Value> x{1, 2};
  EXPECT_NEAR(out, f(x).data(), 1e-9);
}

TEST(Collect, TheGradientOfSquaresIsTheEnginesAndTakesOneSumAnInput) {
  const auto f = [](Span x) {
    Value total = 0;
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      const Value valley = x[i + 1] - x[i] * x[i];
      const Value left = 1 - x[i];
      total += 100 * (valley * valley) + left * left;
    }
    return total;
  };
  const auto program = compile<double>(f, {.inputs = 3});
  EXPECT_EQ(collected(program, Want::gradient), R"(%3 = 0
%4 = %1 - %0 * %0
%5 = 1
%6 = %5 - %0
%7 = 100
%8 = %2 - %1 * %1
%9 = %5 - %1
%10 = %3 + %7 * (%4 * %4) + %6 * %6 + %7 * (%8 * %8) + %9 * %9
%11 = 2
%12 = 200
%13 = %12 * %8
%14 = -%11 * %9 - %11 * (%13 * %1) + %12 * %4
%15 = 400
%16 = -%11 * %6 - %15 * (%4 * %0)
return %10 %16 %14 %13
)");
  const std::vector<double> row{0.3, -1.2, 0.7};
  double out = 0;
  std::vector<double> found(3);
  program.gradient({row.data(), 1, 3}, {&out, 1, 1}, {found.data(), 1, 3});
  const std::vector<double> expected = gradient(f, row);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(found[k], expected[k], 1e-12 * std::abs(expected[k]));
}

}  // namespace
}  // namespace micrograd
