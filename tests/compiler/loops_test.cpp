// Programs with loops beside the rows, written by hand: each loop has its own rounds, in every pass.
#include <limits>

#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

using ::testing::ElementsAre;

/// A loop with a column for its numbers, and what is computed with them.
class Written {
 public:
  explicit Written(std::size_t parameters) {
    for (Id i = 0; i < parameters; ++i) code.append({.op = special::parameter, .a = i});
  }

  Reference parameter(Id i) { return {code, i}; }
  Reference column(LoopNumber loop, Numbers of_rounds) {
    return {code, code.append({.op = special::column, .a = code.column(std::move(of_rounds)), .b = loop})};
  }
  LoopNumber loop(std::size_t rounds) {
    code.loops.push_back({.rounds = rounds});
    return static_cast<LoopNumber>(code.loops.size() - 1 + first_found_loop);
  }
  Reference pick(const std::vector<Reference>& from, const Reference& index) {
    std::vector<Id> list;
    for (const Reference& one : from) list.push_back(one.in(code));
    return {code, code.append({.op = special::pick, .a = code.list(list), .b = index.in(code)})};
  }
  Reference total(const Reference& x, LoopNumber loop = 0) {
    return {code, code.append({.op = special::total, .a = x.in(code), .b = loop})};
  }
  /// The value and the derivatives by all parameters.
  Numbers slopes(const Reference& result, const Numbers& parameters) {
    const Code before = code;
    code.outputs = {result.in(code)};
    code = derive(code, Want::backward, {.parameters = parameters.size()}, Reduce::sum);
    const Numbers found = outputs_of(code, parameters);
    expect_near(outputs_of(simplify(code), parameters), found);
    code = before;
    return found;
  }

  Code code;
};

TEST(Loops, EachHasItsOwnRounds) {
  Written w(0);
  const LoopNumber two = w.loop(3), three = w.loop(5);
  const Reference x = w.column(two, {1, 2, 3}), y = w.column(three, {1, 1, 1, 1, 2});
  const Reference sum = w.total(x * x) * w.total(y);
  w.code.outputs = {sum.in(w.code)};
  EXPECT_EQ(w.code.varying[x.in(w.code)], two);
  EXPECT_EQ(w.code.varying[(y * 2.0).in(w.code)], three);
  EXPECT_EQ(w.code.varying[sum.in(w.code)], 0);
  const Interpreted found = interpret(w.code, std::vector<Numbers>(7), {});
  EXPECT_EQ(found.uniform[0], 14 * 6);
  EXPECT_EQ(found.rows.size(), 7U);
}

TEST(Loops, ATotalOfWhatDoesNotVaryCountsEveryRoundOfItsLoop) {
  Written w(1);
  const LoopNumber loop = w.loop(3);
  EXPECT_THAT(w.slopes(w.total(w.parameter(0) * w.parameter(0), loop), {5}), ElementsAre(75, 30));
}

TEST(Loops, ATotalThatNamesNoLoopIsOverThatOfItsOperandOrTheRows) {
  Written w(1);
  const Reference x = w.column(w.loop(3), {1, 2, 3});
  EXPECT_EQ(w.code.instructions[w.total(x).in(w.code)].b, first_found_loop);
  EXPECT_EQ(w.code.instructions[w.total(w.parameter(0)).in(w.code)].b, rows_loop);
}

TEST(Loops, AParameterCollectsFromAllOfThemByTurns) {
  Written w(1);
  const LoopNumber two = w.loop(3), three = w.loop(2);
  const Reference p = w.parameter(0);
  const Reference x = w.column(two, {1, 2, 3}), y = w.column(three, {10, 20});
  const Reference a = p * x, b = p * y, c = a * p, d = b * p;
  const Reference sum = w.total(a) + w.total(b) + w.total(c) + w.total(d) + p;
  // (6 + 30 + 1) p + (6 + 30) p²
  EXPECT_THAT(w.slopes(sum, {2}), ElementsAre(218, 37 + 2 * 36 * 2));
}

TEST(Loops, WhatIsReachedInOneLoopOnlyIsReached) {
  Written w(1);
  const LoopNumber two = w.loop(2), three = w.loop(2);
  const Reference p = w.parameter(0);
  const Reference root = sqrt(p);
  const Reference x = w.column(two, {1, -1}), y = w.column(three, {-1, -2});
  const auto guarded = [&](const Reference& z) { return w.total(select(z > 0.0, root * z, z)); };
  const Reference y_sum = guarded(y), x_sum = guarded(x), again = guarded(y + 1.0);
  expect_near(w.slopes(x_sum + y_sum + again, {4}), {2 - 1 - 3 + 0 - 1, 0.25});
  expect_near(w.slopes(y_sum + again, {-4}), {-3 + 0 - 1, 0});
  EXPECT_TRUE(std::isnan(w.slopes(x_sum + y_sum, {-4})[1]));
}

TEST(Loops, ATotalOfOneEntersAnother) {
  Written w(1);
  const LoopNumber two = w.loop(3), three = w.loop(2);
  const Reference p = w.parameter(0);
  const Reference mean = w.total(w.column(two, {1, 2, 3}) * p);
  const Reference y = w.column(three, {10, 20}) - mean;
  // (10 - 6 p)² + (20 - 6 p)²
  EXPECT_THAT(w.slopes(w.total(y * y), {1}), ElementsAre(16 + 196, -2 * 6 * 4 - 2 * 6 * 14));
}

TEST(Loops, WhatIsPickedByAColumnGetsWhatItsRoundsGive) {
  Written w(3);
  const Reference index = w.column(w.loop(4), {2, 0, 2, 2});
  const Reference x = w.column(first_found_loop, {1, 10, 100, 1000});
  const Reference picked = w.pick({w.parameter(0), w.parameter(1), w.parameter(2)}, index);
  EXPECT_THAT(w.slopes(w.total(picked * x), {3, 5, 7}), ElementsAre(30 + 7 * 1101, 10, 0, 1101));
}

TEST(Loops, WhatNoRoundPicksIsNotReached) {
  Written w(2);
  const Reference index = w.column(w.loop(3), {0, 0, 0});
  const Reference x = w.column(first_found_loop, {1, 2, 3});
  const Reference picked = w.pick({sqrt(w.parameter(0)), sqrt(w.parameter(1))}, index);
  expect_near(w.slopes(w.total(picked * x), {4, -1}), {12, 1.5, 0});
}

TEST(Loops, APickWithinTheRoundGoesToTheOnePicked) {
  Written w(2);
  const Reference index = w.column(w.loop(3), {0, 1, 2});
  const Reference x = w.column(first_found_loop, {1, 2, 3});
  const Reference picked = w.pick({x * w.parameter(0), w.parameter(1), x * x * w.parameter(0)}, index);
  EXPECT_THAT(w.slopes(w.total(picked), {5, 7}), ElementsAre(5 + 7 + 45, 1 + 9, 1));
}

TEST(Loops, SecondDerivativesGoThroughThem) {
  Written w(2);
  const LoopNumber two = w.loop(3);
  const Reference p = w.parameter(0), q = w.parameter(1);
  const Reference total = w.total(w.column(two, {1, 2, 3}) * p * p * q);
  w.code.outputs = {(total * total).in(w.code)};
  // f = 36 p⁴ q²; in direction (u, v)
  const double u = number(1), v = number(8);
  expect_near(second_derivatives(w.code, {2, 3}),
              {36 * 12 * 4 * 9 * u + 36 * 4 * 8 * 2 * 3 * v, 36 * 4 * 8 * 2 * 3 * u + 36 * 16 * 2 * v});
}

TEST(Loops, SimplificationKeepsThemAndDropsColumnsThatNobodyNeeds) {
  Written w(1);
  const LoopNumber two = w.loop(2), three = w.loop(3);
  const Reference unused = w.column(two, {1, 2}) * 2.0;
  const Reference x = w.column(three, {1, 2, 3}), same = w.column(three, {1, 2, 3});
  const Reference sum = w.total(x * w.parameter(0)) + w.total(same * w.parameter(0)) +
                        w.total(select(Reference(w.code, w.code.literal(1)) > 0.0, w.parameter(0), x));
  w.code.outputs = {sum.in(w.code)};
  EXPECT_GT(unused.in(w.code), 0U);
  const Code after = simplify(w.code);
  EXPECT_THAT(after.columns, ElementsAre(ElementsAre(1, 2, 3)));
  EXPECT_EQ(count(after, special::column), 1U) << dump(after);
  EXPECT_EQ(count(after, special::total), 2U) << dump(after);
  EXPECT_EQ(outputs_of(after, {5})[0], 2 * 30 + 15);
}

TEST(Loops, ColumnsAreToldApartByTheirBits) {
  Code code;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(code.column({1, nan}), code.column({1, nan}));
  EXPECT_NE(code.column({1, 0.0}), code.column({1, -0.0}));
  EXPECT_NE(code.column({1}), code.column({1, 1}));
  for (int i = 0; i < 64; ++i) {
    Numbers signs;
    for (int bit = 0; bit < 6; ++bit) signs.push_back((i >> bit & 1) != 0 ? 1 : -1);
    EXPECT_EQ(code.column(signs), static_cast<Id>(5 + i));
  }
}

TEST(Loops, AreTheSameProgramOnlyIfTheirRoundsAndColumnsAre) {
  const auto with = [](std::size_t rounds, double last) {
    Written w(0);
    const LoopNumber loop = w.loop(rounds);
    w.code.outputs = {w.total(w.column(loop, {1, last})).in(w.code)};
    return w.code;
  };
  EXPECT_TRUE(same_program(with(2, 3), with(2, 3)));
  EXPECT_FALSE(same_program(with(2, 3), with(3, 3)));
  EXPECT_FALSE(same_program(with(2, 3), with(2, 4)));
}

TEST(Loops, ShowThemselves) {
  Written w(1);
  const LoopNumber loop = w.loop(5);
  const Reference x = w.column(loop, {1, 2.5, -3, 4, 5});
  const Reference scaled = w.total(x * w.parameter(0));
  w.code.outputs = {(scaled + w.total(w.parameter(0), loop)).in(w.code)};
  w.code.labels.emplace(2, "scaled");
  EXPECT_EQ(dump(w.code), R"(loop 2: 5 rounds
%0 = parameter 0
%1 = column 1 2.5 -3 4 …   in loop 2
%2 = * %1 %0   in loop 2   # scaled
%3 = total %2 over loop 2
%4 = total %0 over loop 2
%5 = + %3 %4
return %5
)");
}

/// x + w counts w once in a sum over rows; so does its product with a number, however that is computed.
TEST(Loops, WhatCountsOnceStillDoesWhereANumberIsATotal) {
  Code code;
  const Reference x(code, code.append({.op = special::input, .a = 0}));
  const Reference w(code, code.append({.op = special::parameter, .a = 0}));
  code.loops.push_back({.rounds = 3});
  const Reference c(code, code.append({.op = special::column, .a = code.column({1, 2, 3}), .b = 2}));
  const Reference six(code, code.append({.op = special::total, .a = (c * 1.0).in(code)}));
  code.outputs = {((x + w) * six).in(code)};
  const Code sum = derive(code, Want::backward, {.inputs = 1, .parameters = 1}, Reduce::sum);
  const std::vector<Numbers> rows{{1}, {2}, {4}};
  EXPECT_THAT(interpret(sum, rows, Numbers{10}).uniform, ElementsAre(6 * (7 + 10), 6));
}

#ifndef NDEBUG
TEST(LoopsDeathTest, NoInstructionIsOfTwo) {
  Written w(0);
  const Reference x = w.column(w.loop(2), {1, 2}), y = w.column(w.loop(2), {1, 2});
  EXPECT_DEATH(x * y, "loop");
}
#endif

}  // namespace
}  // namespace micrograd::compiler
