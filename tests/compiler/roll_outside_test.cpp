// What a program is to those who run it stays what it was when loops are found: its inputs and parameters,
// its outputs and branches, its labels.
#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(RollOutside, OutputsAndGuardsStayOutside) {
  const Numbers at = numbers(1);
  const std::vector<Value> parameters{at[0]};
  const Code code = trace(wrap([&](Span) {
                            std::vector<Value> terms;
                            for (std::size_t i = 0; i < 40; ++i) {
                              const Value x = exp(parameters[0] * number(i));
                              terms.push_back(i % 20 == 3 && x > 0.125 ? sin(x) : sin(x) * 1.0);
                            }
                            return std::vector<Value>{sum(terms), terms[5], terms[6]};
                          }),
                          {}, {}, parameters);
  ASSERT_EQ(code.guards.size(), 2U);
  const Code rolled = roll(code);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(36));
  EXPECT_EQ(rolled.guards.size(), 2U);
  for (const Guard& guard : rolled.guards)
    EXPECT_TRUE(is_comparison(rolled.instructions[guard.comparison].op));
  expect_near(outputs_of(rolled, at), outputs_of(code, at));
}

TEST(RollOutside, WhatVariesFromRowToRowIsLeftAndParametersStayInTheirPlaces) {
  const Numbers at = numbers(20);
  const std::vector<Value> parameters(at.begin(), at.end());
  const Shape shape{.inputs = 2, .parameters = at.size()};
  const Code code = trace(wrap([&](Span x) {
                            Value squares, fit;
                            for (const Value& w : parameters) squares += w * w;
                            for (const Value& w : parameters) fit += tanh(w * x[0]) * x[1];
                            return fit * fit + 0.1 * squares;
                          }),
                          Numbers{0.5, 2}, shape, parameters);
  const Code rolled = roll(code);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(20));
  for (Id id = 0; id < 22; ++id) {
    EXPECT_EQ(rolled.instructions[id].op, id < 2 ? special::input : special::parameter);
    EXPECT_EQ(rolled.instructions[id].a, id < 2 ? id : id - 2);
  }
  const std::vector<Numbers> rows{{0.5, 2}, {-1, 3}, {0.25, -0.5}};
  for (const Reduce reduce : {Reduce::mean, Reduce::sum}) {
    for (const Want want : {Want::values, Want::backward, Want::gradient, Want::hessian}) {
      const Interpreted expected = interpret(derive(code, want, shape, reduce), rows, at);
      const Interpreted found = interpret(simplify(derive(rolled, want, shape, reduce)), rows, at);
      for (std::size_t i = 0; i < rows.size(); ++i) expect_near(found.rows[i], expected.rows[i]);
    }
  }
}

/// In a sum over rows a term over parameters alone counts once.
TEST(RollOutside, WhatCountsOnceStillDoes) {
  const Numbers at = numbers(20);
  const std::vector<Value> parameters(at.begin(), at.end());
  const Shape shape{.inputs = 1, .parameters = at.size()};
  const Code code = trace(wrap([&](Span x) {
                            Value squares, known;
                            for (const Value& w : parameters) squares += w * w;
                            for (std::size_t i = 0; i < 20; ++i) known += exp(Value(number(i)));
                            return (tanh(x[0] * parameters[0]) + squares) * known;
                          }),
                          Numbers{0.5}, shape, parameters);
  const Code rolled = roll(code);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(20, 20));
  const std::vector<Numbers> rows{{0.5}, {-1}, {0.25}};
  expect_near(interpret(derive(rolled, Want::backward, shape, Reduce::sum), rows, at).uniform,
              interpret(derive(code, Want::backward, shape, Reduce::sum), rows, at).uniform);
}

TEST(RollOutside, KeepsTheLabelsOfTheFirstRound) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 20; ++i) {
      Value term = exp(p[0] * number(i));
      term.set_label("term " + std::to_string(i));
      loss += term;
    }
    loss.set_label("loss");
    return loss;
  });
  const std::string text = dump(roll(traced.code));
  EXPECT_THAT(text, HasSubstr("loop 2: 20 rounds\n"));
  EXPECT_THAT(text, HasSubstr("in loop 2   # term 0\n"));
  EXPECT_THAT(text, HasSubstr("over loop 2   # loss\n"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("term 1")));
}

TEST(RollOutside, OfARolledProgramTheRestMayStillBeRolledAndNothingElseChanges) {
  const Traced traced(numbers(2), [](Span p) { return sum_of(p, 30) * p[1]; });
  const Code once = roll(traced.code);
  EXPECT_TRUE(same_program(roll(once), once));
  const Code derived = derive(once, Want::backward, {.parameters = 2}, Reduce::sum);
  expect_near(outputs_of(roll(derived), traced.data()), outputs_of(derived, traced.data()));
}

TEST(RollOutside, AnOutputFromWithinATermStaysOutside) {
  const Numbers at = numbers(1);
  const std::vector<Value> parameters{at[0]};
  const Code code = trace(wrap([&](Span) {
                            Value loss, within;
                            for (std::size_t i = 0; i < 40; ++i) {
                              const Value x = exp(parameters[0] * number(i));
                              if (i == 5) within = x;
                              loss += sin(x);
                            }
                            return std::vector<Value>{loss, within};
                          }),
                          {}, {}, parameters);
  const Code rolled = roll(code);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(39));
  expect_near(outputs_of(rolled, at), outputs_of(code, at));
}

TEST(RollOutside, AComparisonThatIsAGuardTooStaysOutside) {
  const Numbers at = numbers(1);
  const std::vector<Value> parameters{at[0]};
  const Code code = trace(wrap([&](Span) {
                            Value loss;
                            bool taken = false;
                            for (std::size_t i = 0; i < 40; ++i) {
                              const Condition small = parameters[0] * number(i) < 0.125;
                              const Value x = select(small, parameters[0] * 2.0, 3.0);
                              if (i == 5) taken = small;
                              loss += sin(x);
                            }
                            return taken ? loss : -loss;
                          }),
                          {}, {}, parameters);
  ASSERT_EQ(code.guards.size(), 1U);
  const Code rolled = roll(simplify(code));  // which makes one of the two comparisons
  EXPECT_THAT(rounds_of(rolled), ElementsAre(39));
  ASSERT_EQ(rolled.guards.size(), 1U);
  EXPECT_EQ(rolled.instructions[rolled.guards[0].comparison].op, special::less);
  expect_near(outputs_of(rolled, at), outputs_of(code, at));
}

TEST(RollOutside, OfEqualResultsTheFirstLabelStays) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 20; ++i) {
      Value product = 1;
      for (std::size_t k = 0; k < 9; ++k) {
        Value same = exp(p[0] * number(i));
        same.set_label("copy " + std::to_string(k));
        product *= same;
      }
      loss += product;
    }
    return loss;
  });
  const std::string text = dump(expect_same_rolled(traced));
  EXPECT_THAT(text, HasSubstr("# copy 0\n"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("# copy 1")));
}

}  // namespace
}  // namespace micrograd::compiler
