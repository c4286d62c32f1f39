// The language of `micrograd grad`: every row of the table is a function of it, it groups and chooses
// overloads as C++ does, and every mistake is answered with its place.
#include <cli/expression.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include <micrograd/engine/bounded.hpp>
#include <micrograd/error.hpp>

#include "../ops/table_walk.hpp"

namespace micrograd::command {
namespace {

using testing::HasSubstr;

/// Values for names, as the command line gives them.
using Given = std::map<std::string, double>;

struct Evaluated {
  Value result;
  std::map<std::string, Value> variables;
  std::map<std::string, Value> named;
};

Expression parse_given(std::string_view text, const Given& given) {
  std::vector<std::string> names;
  for (const auto& [name, value] : given) names.push_back(name);
  return parse_expression(text, names);
}

double value_of(const Variable& variable, const Given& given) {
  return variable.value ? *variable.value : given.at(variable.name);
}

Evaluated run(std::string_view text, const Given& given = {}) {
  const Expression expression = parse_given(text, given);
  Evaluated evaluated;
  std::vector<Value> variables;
  for (const Variable& variable : expression.variables) {
    variables.emplace_back(value_of(variable, given), variable.name);
    evaluated.variables[variable.name] = variables.back();
  }
  const Evaluation<Value> evaluation = evaluate<Value>(expression, variables);
  evaluated.result = evaluation.result;
  for (std::size_t i = 0; i < expression.named.size(); ++i) {
    evaluated.named[expression.named[i].name] = evaluation.named[i];
  }
  return evaluated;
}

double number(std::string_view text, const Given& given = {}) { return run(text, given).result.data(); }

std::string error_of(std::string_view text, const Given& given = {}) {
  try {
    run(text, given);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

// --- the table
// ----------------------------------------------------------------------------------------------

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
  EXPECT_THAT(names,
              testing::IsSupersetOf({"relu", "tanh", "pow", "sum", "mean", "logsumexp", "where", "select"}));
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

// --- grouping
// -----------------------------------------------------------------------------------------------

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

// --- names
// --------------------------------------------------------------------------------------------------

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

// --- number types
// -------------------------------------------------------------------------------------------

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

// --- mistakes
// -----------------------------------------------------------------------------------------------

TEST(ExpressionErrors, ShowThePlaceAndWhatToDo) {
  const Given at{{"a", 1}, {"b", 2}, {"alpha", 3}};
  const std::vector<std::pair<std::string, std::string>> cases{
      {"a + tanhh(b)",
       "grad: unknown function 'tanhh' (at column 5); did you mean 'tanh'?\n  a + tanhh(b)\n      ^~~~~"},
      {"ln(a)", "grad: unknown function 'ln' (at column 1); did you mean 'log'?\n  ln(a)\n  ^~"},
      {"quux(a)",
       "grad: unknown function 'quux' (at column 1); micrograd grad --functions lists them\n  quux(a)\n  "
       "^~~~"},
      {"a(b)", "grad: 'a' is no function (at column 1); write * if this is a product\n  a(b)\n  ^"},
      {"a + q",
       "grad: 'q' has no value (at column 5, given: 'a', 'alpha', 'b'); give it a value: q=…\n  a + q\n      "
       "^"},
      {"2*alpa",
       "grad: 'alpa' has no value (at column 3, given: 'a', 'alpha', 'b'); give it a value: alpa=…, or did "
       "you "
       "mean 'alpha'?\n  2*alpa\n    ^~~~"},
      {"tanh + a",
       "grad: 'tanh' is a function (at column 1, got '+', expected '('); call it: tanh(x)\n  tanh + a\n  "
       "^~~~"},
      {"2 a",
       "grad: expected an operator (at column 3, got 'a'); write * if this is a product\n  2 a\n    ^"},
      {"2e", "grad: expected an operator (at column 2, got 'e'); write * if this is a product\n  2e\n   ^"},
      {"a +", "grad: expected a number, a name or '(' (at column 4, got the end)\n  a +\n     ^"},
      {"a + * b", "grad: expected a number, a name or '(' (at column 5, got '*')\n  a + * b\n      ^"},
      {"(a + (b",
       "grad: this '(' is not closed (at column 6, got the end, expected ')')\n  (a + (b\n       ^"},
      {"a)", "grad: this ')' closes nothing (at column 2)\n  a)\n   ^"},
      {"()", "grad: expected a number, a name or '(' (at column 2, got ')')\n  ()\n   ^"},
      {"max(a)",
       "grad: max takes 2 operands (at column 1, got 1); max(x, y) is y if x < y, else x\n  max(a)\n  ^~~"},
      {"relu()", "grad: relu takes 1 operand (at column 1, got 0); relu(x) is max(0, x)\n  relu()\n  ^~~~"},
      {"mean()", "grad: mean takes at least 1 operand (at column 1, got 0)\n  mean()\n  ^~~~"},
      {"polygamma(a + 1, b)",
       "grad: the first operand of polygamma must be a plain number (at column 11, got an expression with "
       "variables)\n  polygamma(a + 1, b)\n            ^~~~~"},
      {"elu(a, b)",
       "grad: the second operand of elu must be a plain number (at column 8, got an expression with "
       "variables)\n"
       "  elu(a, b)\n         ^"},
      {"(a, b)",
       "grad: expected an operator (at column 3, got ','); commas stand between the operands of a function, "
       "semicolons between statements\n  (a, b)\n    ^"},
      {"a = 2",
       "grad: 'a' is given a value twice (at column 1); give it here or after the expression\n  a = 2\n  ^"},
      {"c = a; c = b",
       "grad: 'c' has a value already (at column 8); choose another name\n  c = a; c = b\n         ^"},
      {"a = = 2",
       "grad: 'a' is given a value twice (at column 1); give it here or after the expression\n  a = = 2\n  "
       "^"},
      {"a + b = 2",
       "grad: expected an operator (at column 7, got '='); a statement is name = expression; to compare, "
       "write "
       "==\n  a + b = 2\n        ^"},
      {"a < b",
       "grad: a comparison is not a number (at column 1); use it as where(condition, x, y)\n  a < b\n  "
       "^~~~~"},
      {"1 + (a < b)",
       "grad: a comparison is not a number (at column 5); use it as where(condition, x, y)\n  1 + (a < b)\n  "
       "    "
       "^~~~~~~"},
      {"where(a < b < 1, a, b)",
       "grad: comparisons cannot be chained (at column 13, got '<')\n  where(a < b < 1, a, b)\n              "
       "^"},
      {"where(a, a, b)",
       "grad: expected a comparison (at column 7, got a number); such as x < 1\n  where(a, a, b)\n        ^"},
      {"where(a < b)",
       "grad: where takes 3 operands (at column 1, got 1); it is where(condition, x, y)\n  where(a < b)\n  "
       "^~~~~"},
      {"1e999",
       "grad: no double is this large or this close to 0 (at column 1, got '1e999'); write inf or 0 if that "
       "is what "
       "you mean\n  1e999\n  ^~~~~"},
      {"1.2.3", "grad: a second point in a number (at column 4)\n  1.2.3\n     ^"},
      {"a # b", "grad: '#' means nothing here (at column 3)\n  a # b\n    ^"},
      {"", "grad: the expression is empty (at column 1, expected one such as a*b + relu(c))\n  \n  ^"},
      {";", "grad: expected a number, a name or '(' (at column 1, got ';')\n  ;\n  ^"},
      {"a *\n b $ 2", "grad: '$' means nothing here (at line 2, column 4)\n   b $ 2\n     ^"},
      {"a\x1b[31m", "grad: '\x20' means nothing here (at column 2)\n  a [31m\n   ^"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(error_of(text, at), expected) << text;
}

TEST(ExpressionErrors, CountCharactersAndMarkTheirWidthOnScreen) {
  const Given at{{"权重", 1}, {"é", 2}};
  EXPECT_EQ(error_of("é + 权重 × é", at),
            "grad: '×' means nothing here (at column 8); write '*'\n  é + 权重 × é\n           ^");
  EXPECT_EQ(error_of("é + 偏置", at),
            "grad: '偏置' has no value (at column 5, given: 'é', '权重'); give it a value: 偏置=…\n  é + "
            "偏置\n      ^~~~");
}

TEST(ExpressionErrors, SayWhatToWriteForPastedSigns) {
  EXPECT_THAT(error_of("1 − 2"), HasSubstr("write '-'"));
  EXPECT_THAT(error_of("3²"), HasSubstr("write '^2'"));
  EXPECT_THAT(error_of("max（1，2）"), HasSubstr("write '('"));
  EXPECT_THAT(error_of("1 +\u00A0"
                       "2"),
              HasSubstr("write a space"));
}

TEST(ExpressionErrors, RejectBytesThatAreNoText) {
  for (const std::string text :
       {"a\xFF", "\x80", "\xC3", "a + \xE6\x9D", "\xED\xA0\x80", "\xC0\xAF", "\xF5\x80\x80\x80"}) {
    const std::string error = error_of(text, {{"a", 1}});
    EXPECT_THAT(error, HasSubstr("not UTF-8")) << error;
    EXPECT_EQ(error.find('\xFF'), std::string::npos);
  }
  EXPECT_THAT(error_of(std::string("1\0+1", 4)), HasSubstr("means nothing here"));
}

TEST(ExpressionErrors, NestingEndsInAMessageBeforeTheStackDoes) {
  const std::size_t deep = 100000;
  const Given at{{"a", 1}};
  EXPECT_THAT(error_of(repeated("(", deep) + "a" + repeated(")", deep), at),
              HasSubstr("nested too deep (at column 1001"));
  EXPECT_THAT(error_of(repeated("-", deep) + "a", at), HasSubstr("nested too deep"));
  EXPECT_THAT(error_of(repeated("+", deep) + "a", at), HasSubstr("nested too deep"));
  EXPECT_THAT(error_of(repeated("a^", deep) + "a", at), HasSubstr("nested too deep"));
  EXPECT_THAT(error_of(repeated("max(a,", deep), at), HasSubstr("nested too deep"));
  EXPECT_THAT(error_of(repeated("sum(-(", deep), at), HasSubstr("nested too deep"));

  const std::size_t within = deepest_nesting - 1;
  EXPECT_EQ(number(repeated("(", within) + "a" + repeated(")", within), at), 1);
  EXPECT_THAT(error_of(repeated("(", within + 1) + "a" + repeated(")", within + 1), at),
              HasSubstr("nested too deep"));
}

TEST(ExpressionErrors, AreShortHoweverLongTheTextIs) {
  const std::string long_name(1000000, 'n');
  const std::string tail = repeated(" + a", 100000);
  const Given at{{"a", 1}};
  for (const std::string& text :
       {long_name, long_name + "(a)", "a" + tail + " + q", "q" + tail, "a # " + tail}) {
    const std::string error = error_of(text, at);
    EXPECT_THAT(error, HasSubstr("grad: "));
    EXPECT_LT(error.size(), 500U) << error;
  }
  EXPECT_EQ(error_of("a" + repeated(" + a", 100) + " + q", at).substr(0, 89),
            "grad: 'q' has no value (at column 405, given: 'a'); give it a value: q=…\n  …a + a + a");
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
