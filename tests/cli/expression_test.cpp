// The language of `micrograd grad`: every row of the table is a function of it, and it groups and chooses
// overloads as C++ does.
#include <cli/expression.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <micrograd/engine/bounded.hpp>
#include <micrograd/error.hpp>

#include "../ops/table_walk.hpp"
#include "run_expression.hpp"

namespace micrograd::command {
namespace {

/// A call of the row in the language, on the variables x, y and z; operands that are numbers are written out.
template <class Op>
std::string call_of(const table_walk::Point& at) {
  if (std::is_same_v<Op, Select>) return "select(x == x, x, y)";
  if (std::is_same_v<Op, SelectElse>) return "select(x != x, x, y)";
  std::vector<std::string> operands;
  for (std::size_t i = 0; i < arity<Op>; ++i) {
    std::array<char, 40> digits{};
    std::snprintf(digits.data(), digits.size(), "%.17g", at[i]);
    operands.push_back(table_walk::is_number<Op>(i) ? digits.data() : std::string(1, "xyz"[i]));
  }
  for (const auto& [name, overloads] : row_functions()) {
    for (const Overload& overload : overloads) {
      if (overload.row != code<Op>) continue;
      if (!is_name(name)) return operands[0] + name + operands[1];
      std::string call = name + "(" + operands[0];
      for (std::size_t i = 1; i < operands.size(); ++i) call += ", " + operands[i];
      return call + ")";
    }
  }
  return "no function for " + std::string(Op::info.name);
}

TEST(ExpressionTable, EveryRowIsAFunctionOfTheLanguage) {
  std::size_t rows = 0;
  for_each_op([&]<class Op>() {
    std::mt19937_64 generator(1);
    const table_walk::Point at = table_walk::draw<Op>(generator);
    const std::string text = call_of<Op>(at);
    SCOPED_TRACE(text);
    const Evaluated evaluated = run(text, {{"x", at[0]}, {"y", at[1]}, {"z", at[2]}});
    EXPECT_EQ(evaluated.result.op(), Op::info.name);
    EXPECT_EQ(evaluated.result.data(), table_walk::plain_value<Op>(at));

    const std::vector<Value> leaves(at.begin(), at.begin() + arity<Op>);
    table_walk::apply_row<Op, Value>(leaves, at).backward();
    evaluated.result.backward();
    for (std::size_t i = 0; i < arity<Op>; ++i) {
      if (table_walk::is_number<Op>(i)) continue;
      EXPECT_EQ(evaluated.variables.at(std::string(1, "xyz"[i])).grad(), leaves[i].grad()) << "operand " << i;
    }
    ++rows;
  });
  EXPECT_EQ(rows, Ops::size);
}

TEST(ExpressionTable, EveryRowWorksOnNumbersAlone) {
  for_each_op([]<class Op>() {
    std::mt19937_64 generator(2);
    const table_walk::Point at = table_walk::draw<Op>(generator);
    std::string text = call_of<Op>(at);
    for (std::size_t i = 0; i < 3; ++i) {
      std::array<char, 40> digits{};
      std::snprintf(digits.data(), digits.size(), "(%.17g)", at[i]);
      // No function of the table has one of these letters alone in its name.
      for (std::size_t found = 0; (found = text.find("xyz"[i], found)) != std::string::npos; ++found) {
        const bool alone =
            (found == 0 || !std::isalnum(static_cast<unsigned char>(text[found - 1]))) &&
            (found + 1 == text.size() || !std::isalnum(static_cast<unsigned char>(text[found + 1])));
        if (alone) text.replace(found, 1, digits.data());
      }
    }
    SCOPED_TRACE(text);
    EXPECT_EQ(number(text), table_walk::plain_value<Op>(at));
    EXPECT_EQ(run(text).result.op(), "");
  });
}

TEST(ExpressionTable, FunctionsHaveTheirNamesInCpp) {
  const Given at{{"x", 0.7}, {"y", -1.3}, {"z", 0.2}};
  const Value x = 0.7, y = -1.3, z = 0.2;
  EXPECT_EQ(number("relu(x)", at), relu(x).data());
  EXPECT_EQ(number("leaky_relu(y, 0.1)", at), leaky_relu(y, 0.1).data());
  EXPECT_EQ(number("leaky_relu(y)", at), leaky_relu(y).data());
  EXPECT_EQ(number("elu(y)", at), elu(y).data());
  EXPECT_EQ(number("elu(-1)", {}), std::expm1(-1.0));
  EXPECT_EQ(number("min(x, y)", at), min(x, y).data());
  EXPECT_EQ(number("max(x, 1)", at), max(x, 1).data());
  EXPECT_EQ(number("atan2(x, y)", at), atan2(x, y).data());
  EXPECT_EQ(number("fma(x, y, z)", at), fma(x, y, z).data());
  EXPECT_EQ(number("fma(2, y, 3)", at), fma(2, y, 3).data());
  EXPECT_EQ(number("pow(x, y)", at), pow(x, y).data());
  EXPECT_EQ(number("fabs(y)", at), fabs(y).data());
  EXPECT_EQ(number("polygamma(1, x)", at), polygamma(1, x).data());
  EXPECT_EQ(number("log1p(x) + digamma(x)", at), (log1p(x) + digamma(x)).data());
}

TEST(ExpressionTable, NamesAreInOrderAndContainNoSigns) {
  const std::vector<std::string> names = function_names();
  EXPECT_TRUE(std::ranges::is_sorted(names));
  for (const std::string& name : names) EXPECT_TRUE(is_name(name)) << name;
  EXPECT_THAT(
      names, ::testing::IsSupersetOf({"relu", "tanh", "pow", "sum", "mean", "logsumexp", "where", "select"}));
}

TEST(ExpressionTable, PowersChooseTheRowThatCppChooses) {
  const Given at{{"x", 3}, {"y", 2}};
  EXPECT_EQ(run("pow(x, 2)", at).result.op(), "pow_number");
  EXPECT_EQ(run("x^(1 + 1)", at).result.op(), "pow_number");
  EXPECT_EQ(run("2 ** x", at).result.op(), "number_pow");
  EXPECT_EQ(run("x^y", at).result.op(), "pow");
  EXPECT_EQ(run("n = 2; x^n", at).result.op(), "pow") << "n is a variable, as in Value n = 2";
  EXPECT_EQ(run("pow(2, 3)").result.op(), "");
}

TEST(Expression, GroupsAsMathematicsDoes) {
  const std::vector<std::pair<std::string, double>> cases{{"2 + 3 * 4", 14},
                                                          {"(2 + 3) * 4", 20},
                                                          {"10 - 4 - 3", 3},
                                                          {"16 / 4 / 2", 2},
                                                          {"-2^2", -4},
                                                          {"(-2)^2", 4},
                                                          {"2^3^2", 512},
                                                          {"2**3**2", 512},
                                                          {"2^-1", 0.5},
                                                          {"2^-2^2", 0.0625},
                                                          {"--2", 2},
                                                          {"-+-2", 2},
                                                          {"2*-3", -6},
                                                          {"2--3", 5},
                                                          {"-3*-2", 6},
                                                          {"6/2*3", 9},
                                                          {"1e-3", 1e-3},
                                                          {".5", 0.5},
                                                          {"5.", 5},
                                                          {"1.5E+2", 150},
                                                          {"007", 7},
                                                          {"((((1))))", 1},
                                                          {"max(1, 2) + 1", 3},
                                                          {"2 * max(-1, min(3, 4)) ^ 2", 18},
                                                          {"where(1<2,3,4)", 3},
                                                          {"where(2<=1,3,4)", 4},
                                                          {"sum(1,2,3)", 6},
                                                          {"mean(1, 2)", 1.5},
                                                          {"\t1\n+\r\n2 ", 3},
                                                          {"1;2;3", 3},
                                                          {"1;;2;", 2}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(number(text), expected) << text;
}

TEST(Expression, GroupsVariablesAsItGroupsNumbers) {
  const double a = 1.7, b = 0.6, c = 2.3;
  const Given at{{"a", a}, {"b", b}, {"c", c}};
  EXPECT_EQ(number("a - b - c", at), a - b - c);
  EXPECT_EQ(number("a - (b - c)", at), a - (b - c));
  EXPECT_EQ(number("a / b / c", at), a / b / c);
  EXPECT_EQ(number("a / b * c", at), a / b * c);
  EXPECT_EQ(number("a + b * c", at), a + b * c);
  EXPECT_EQ(number("-a^b^c", at), -std::pow(a, std::pow(b, c)));
  EXPECT_EQ(number("a^-b*c", at), std::pow(a, -b) * c);
  EXPECT_EQ(run("-a^b", at).result.op(), "neg");
}

TEST(Expression, NumbersWithoutVariablesAreComputedOnce) {
  const Evaluated evaluated = run("2 * 3 * x", {{"x", 5}});
  EXPECT_EQ(evaluated.result.data(), 30);
  ASSERT_EQ(evaluated.result.prev().size(), 2U);
  EXPECT_EQ(evaluated.result.prev()[0].label(), "Cons");
  EXPECT_EQ(evaluated.result.prev()[0].data(), 6);
  EXPECT_TRUE(same_node(evaluated.result.prev()[1], evaluated.variables.at("x")));
}

TEST(Expression, EveryMentionOfAVariableIsTheSameVariable) {
  const Evaluated evaluated = run("a*a + a", {{"a", 3}});
  evaluated.result.backward();
  EXPECT_EQ(evaluated.variables.size(), 1U);
  EXPECT_EQ(evaluated.variables.at("a").grad(), 7);
}

TEST(Expression, SumsMeansAndLogsumexpTakeAnyNumberOfOperands) {
  const Evaluated evaluated = run("sum(x, y, 2) * mean(x) + logsumexp(x, y)", {{"x", 1}, {"y", 2}});
  const Value x = 1, y = 2;
  const Value expected = sum({x, y, 2}) * mean({x}) + logsumexp({x, y});
  EXPECT_EQ(evaluated.result.data(), expected.data());
  expected.backward();
  evaluated.result.backward();
  EXPECT_EQ(evaluated.variables.at("x").grad(), x.grad());
  EXPECT_EQ(evaluated.variables.at("y").grad(), y.grad());
}

TEST(Expression, AChoicePassesNothingToTheSideNotTaken) {
  const Evaluated evaluated = run("where(x > 0, log(x), 3*x)", {{"x", -2}});
  evaluated.result.backward();
  EXPECT_EQ(evaluated.result.data(), -6);
  EXPECT_EQ(evaluated.variables.at("x").grad(), 3);
  EXPECT_EQ(number("select(x >= 1, 10, 20)", {{"x", 1}}), 10);
  EXPECT_EQ(number("select((x != 1), 10, 20)", {{"x", 1}}), 20);
}

TEST(Expression, StatementsNameResults) {
  const Evaluated evaluated = run("c = a + b; d = c * c; d - 1", {{"a", 2}, {"b", 3}});
  evaluated.result.backward();
  EXPECT_EQ(evaluated.result.data(), 24);
  EXPECT_EQ(evaluated.named.at("c").label(), "c");
  EXPECT_EQ(evaluated.named.at("d").label(), "d");
  EXPECT_EQ(evaluated.named.at("c").grad(), 10);
  EXPECT_EQ(evaluated.variables.at("a").grad(), 10);
}

TEST(Expression, TheLastStatementIsTheResultAlsoIfItHasAName) {
  const Evaluated evaluated = run("c = 2*a; d = c + 1;", {{"a", 2}});
  EXPECT_EQ(evaluated.result.data(), 5);
  EXPECT_TRUE(same_node(evaluated.result, evaluated.named.at("d")));
}

TEST(Expression, ASecondNameIsTheSameValueAndLeavesTheLabelAlone) {
  const Evaluated evaluated = run("b = a; c = a*2; d = c; b + d", {{"a", 2}});
  EXPECT_TRUE(same_node(evaluated.named.at("b"), evaluated.variables.at("a")));
  EXPECT_EQ(evaluated.named.at("b").label(), "a");
  EXPECT_EQ(evaluated.named.at("d").label(), "c");
}

TEST(Expression, AStatementThatNamesANumberMakesAVariable) {
  const Evaluated evaluated = run("a = 2; b = -3 * 2; a*b");
  evaluated.result.backward();
  EXPECT_EQ(evaluated.result.data(), -12);
  EXPECT_EQ(evaluated.variables.at("a").grad(), -6);
  EXPECT_EQ(evaluated.variables.at("b").label(), "b");
}

TEST(Expression, KnowsPiAndEUnlessTheirNamesAreTaken) {
  EXPECT_EQ(number("2*pi"), 2 * std::numbers::pi);
  EXPECT_EQ(number("e^2"), std::pow(std::numbers::e, 2));
  EXPECT_EQ(number("e*2", {{"e", 10}}), 20);
  EXPECT_EQ(number("e = x + 1; e*2", {{"x", 1}}), 4);
  EXPECT_EQ(number("-inf"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(number("nan + 1")));
}

TEST(Expression, LettersOfAnyScriptMakeNames) {
  const Evaluated evaluated = run("和 = 权重 * x_1 + größe; 和^2", {{"权重", 2}, {"x_1", 3}, {"größe", 4}});
  EXPECT_EQ(evaluated.result.data(), 100);
  EXPECT_EQ(evaluated.named.at("和").label(), "和");
  EXPECT_TRUE(is_name("偏置2") && is_name("_a"));
  EXPECT_FALSE(is_name("2a") || is_name("") || is_name("a b") || is_name("a−b") || is_name("\xFF"));
}

TEST(Expression, RunsOnEveryNumberType) {
  const std::vector<std::string> names{"x"};
  const Expression expression = parse_expression("where(x > 0, x^3 * sin(x), 0) + max(2, x)", names);
  const double x = 1.2;
  const double value = std::pow(x, 3) * std::sin(x) + 2;

  const auto twice = evaluate<Dual<Dual<>>>(expression, std::vector<Dual<Dual<>>>{{{x, 1}, {1, 0}}}).result;
  EXPECT_DOUBLE_EQ(twice.value.value, value);
  EXPECT_DOUBLE_EQ(twice.value.derivative, 3 * x * x * std::sin(x) + x * x * x * std::cos(x));
  EXPECT_DOUBLE_EQ(twice.derivative.derivative,
                   6 * x * std::sin(x) + 6 * x * x * std::cos(x) - x * x * x * std::sin(x));

  const auto bounded = evaluate<Bounded<>>(expression, std::vector<Bounded<>>{x}).result;
  EXPECT_DOUBLE_EQ(bounded.value, value);
  EXPECT_GT(bounded.bound, 0);
  EXPECT_LT(bounded.bound, 1e-14);
}

TEST(Expression, WantsOneValueForEachVariable) {
  const std::vector<std::string> names{"x"};
  const Expression expression = parse_expression("x + 1", names);
  EXPECT_THROW((void)evaluate<Value>(expression, std::vector<Value>{}), UsageError);
  EXPECT_THROW((void)evaluate<Value>(expression, std::vector<Value>{1, 2}), UsageError);
}

TEST(Expression, TakesVeryLongInput) {
  const std::size_t terms = table_walk::in_a_hurry() ? 1000 : 200000;
  const Evaluated chain = run("a" + repeated(" + a", terms - 1), {{"a", 0.5}});
  chain.result.backward();
  EXPECT_EQ(chain.result.data(), 0.5 * static_cast<double>(terms));
  EXPECT_EQ(chain.variables.at("a").grad(), static_cast<double>(terms));

  EXPECT_EQ(number("sum(a" + repeated(", a", terms - 1) + ")", {{"a", 1}}), static_cast<double>(terms));
  EXPECT_EQ(number("1" + repeated("+1", terms - 1)), static_cast<double>(terms));

  std::string statements;
  for (std::size_t i = 0; i < terms; ++i) {
    statements += "v" + std::to_string(i) + " = a + " + (i == 0 ? "a" : "v" + std::to_string(i - 1)) + ";";
  }
  EXPECT_EQ(number(statements, {{"a", 1}}), static_cast<double>(terms + 1));
}

}  // namespace
}  // namespace micrograd::command
