// Every mistake in an expression is answered with its place and what to do about it, however hostile the
// text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "run_expression.hpp"

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace micrograd::command
