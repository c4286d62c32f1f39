// `micrograd grad`: what it prints for each flag, what it answers to mistakes, and how it reads a command
// line.
#include <cli/grad_command.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Outcome {
  int code;
  std::string text;
};

Outcome outcome(const GradArguments& arguments) {
  std::ostringstream out;
  const int code = run_grad(arguments, out);
  return {code, out.str()};
}

std::string printed(const GradArguments& arguments) { return outcome(arguments).text; }

std::string error_of(const GradArguments& arguments) {
  std::ostringstream out;
  try {
    (void)run_grad(arguments, out);
  } catch (const UsageError& error) {
    EXPECT_EQ(out.str(), "") << "nothing is printed before a mistake is found";
    return error.what();
  }
  return "no error";
}

/// What a command line prints and returns; `words` come after the program's name.
Outcome on_command_line(const std::vector<std::string>& words) {
  std::ostringstream out;
  int code = 0;
  CLI::App app("micrograd");
  add_grad_command(app, out, code);
  std::vector<const char*> argv{"micrograd"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  app.parse(static_cast<int>(argv.size()), argv.data());
  return {code, out.str()};
}

TEST(GradCommand, PrintsTheValueAndEveryGradientInATable) {
  EXPECT_EQ(printed({.expression = "a*b + relu(c)", .assignments = {"a=2", "b=-3", "c=10"}}),
            "value 4\n"
            "\n"
            "   value  gradient\n"
            "a      2        -3\n"
            "b     -3         2\n"
            "c     10         1\n");
}

TEST(GradCommand, ListsVariablesAsTheyAppearAndThenNamedResults) {
  EXPECT_EQ(printed({.expression = "权重和 = b*a; d = 权重和 + 1; d^2", .assignments = {"a=2", "b=-0.25"}}),
            "value 0.25\n"
            "\n"
            "        value  gradient\n"
            "b       -0.25         2\n"
            "a           2     -0.25\n"
            "权重和   -0.5         1\n"
            "d         0.5         1\n");
}

TEST(GradCommand, NeedsNoVariables) { EXPECT_EQ(printed({.expression = "2^0.5"}), "value 1.41421\n"); }

TEST(GradCommand, PrintsAsManyDigitsAsAsked) {
  EXPECT_EQ(printed({.expression = "x/3", .assignments = {"x=2"}, .digits = 3}),
            "value 0.667\n"
            "\n"
            "   value  gradient\n"
            "x      2     0.333\n");
  EXPECT_THAT(printed({.expression = "x/3", .assignments = {"x=2"}, .digits = 17}),
              HasSubstr("0.66666666666666663"));
  EXPECT_EQ(error_of({.expression = "1", .digits = 0}),
            "grad: cannot print so many digits (got 0, expected 1 to 17)");
  EXPECT_THAT(error_of({.expression = "1", .digits = 18}), HasSubstr("got 18"));
}

TEST(GradCommand, AValueMayBeAnExpressionWithoutNames) {
  EXPECT_THAT(printed({.expression = "sin(x)", .assignments = {"x=-pi/2"}}), StartsWith("value -1\n"));
  EXPECT_THAT(printed({.expression = "x", .assignments = {"x= 2^3 "}}), StartsWith("value 8\n"));
  EXPECT_THAT(printed({.expression = "x*0", .assignments = {"x=inf"}}), StartsWith("value nan\n"));
}

TEST(GradCommand, ChecksEveryGradientByDifferences) {
  const Outcome result = outcome({.expression = "2*a + b/4", .assignments = {"a=2", "b=-3"}, .check = true});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.text, HasSubstr("\n\ncheck  analytic  numeric  difference\n"
                                     "a             2        2"));
  EXPECT_THAT(result.text, HasSubstr("\nb          0.25     0.25"));
  EXPECT_EQ(std::count(result.text.begin(), result.text.end(), '\n'), 9);
  EXPECT_THAT(result.text, ::testing::EndsWith("  ok\n"));
}

TEST(GradCommand, FailsWhereTheCheckFails) {
  const Outcome result = outcome({.expression = "relu(x) + y", .assignments = {"x=0", "y=1"}, .check = true});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.text, HasSubstr("\nx             0      0.5         0.5  differs\n"));
  EXPECT_THAT(result.text, HasSubstr("\nthe check failed: at a kink"));
  EXPECT_EQ(outcome({.expression = "relu(x) + y", .assignments = {"x=0", "y=1"}}).code, 0);
}

TEST(GradCommand, WhatOverflowsIsNoDifference) {
  for (const std::string at : {"x=1e103", "x=-1e103", "x=1e300"}) {
    const Outcome result = outcome({.expression = "x^3 + y", .assignments = {at, "y=1"}, .check = true});
    EXPECT_EQ(result.code, 0) << result.text;
    EXPECT_THAT(result.text, HasSubstr("  overflows\n")) << result.text;
    EXPECT_THAT(result.text, HasSubstr("\nwhere the expression overflows")) << result.text;
  }
  const Outcome json =
      outcome({.expression = "x^3", .assignments = {"x=1e103"}, .check = true, .json = true});
  EXPECT_TRUE(nlohmann::json::parse(json.text)["check"]["variables"]["x"]["passed"].is_null());

  const Outcome close = outcome({.expression = "exp(x)", .assignments = {"x=709.5"}, .check = true});
  EXPECT_THAT(close.text, HasSubstr("  1.35499e+308")) << close.text;
  EXPECT_THAT(close.text, HasSubstr("  ok\n")) << close.text;
  EXPECT_THAT(close.text, Not(HasSubstr("inf"))) << close.text;
  for (const auto& [expression, at] : {std::pair("log(x)", "x=-1"), std::pair("sqrt(x)", "x=0"),
                                       std::pair("1/x", "x=0"), std::pair("cbrt(x)", "x=0")}) {
    EXPECT_EQ(outcome({.expression = expression, .assignments = {at}, .check = true}).code, 1) << expression;
  }
}

TEST(GradCommand, ChecksCloseToTheEndOfADomain) {
  for (const std::string x : {"x=1e-3", "x=1e-5"}) {
    const Outcome result = outcome({.expression = "log(x) + sqrt(x)", .assignments = {x}, .check = true});
    EXPECT_EQ(result.code, 0) << result.text;
  }
}

TEST(GradCommand, ChecksVariablesThatTheExpressionItselfGives) {
  const Outcome result = outcome({.expression = "a = 2; a^3", .check = true});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.text, HasSubstr("\na            12       12"));
}

TEST(GradCommand, PrintsSecondDerivatives) {
  EXPECT_EQ(printed({.expression = "x^2 * y + 5*z", .assignments = {"x=3", "y=2", "z=1"}, .hessian = true}),
            "value 23\n"
            "\n"
            "   value  gradient\n"
            "x      3        12\n"
            "y      2         9\n"
            "z      1         5\n"
            "\n"
            "second derivatives  x  y  z\n"
            "x                   4  6  0\n"
            "y                   6  0  0\n"
            "z                   0  0  0\n");
  EXPECT_THAT(printed({.expression = "x", .assignments = {"x=3"}, .hessian = true}),
              HasSubstr("\nx                   0\n"));
}

TEST(GradCommand, TellsTheBackwardPass) {
  EXPECT_EQ(printed({.expression = "e = c*d; e + c", .assignments = {"c=5", "d=4"}, .explain = true}),
            "value 25\n"
            "\n"
            "   value  gradient\n"
            "c      5         5\n"
            "d      4         5\n"
            "e     20         1\n"
            "\n"
            "v3 = e + c: e.grad += 1 * 1 = 1; c.grad += 1 * 1 = 1\n"
            "e = c * d: c.grad += 4 * 1 = 4; d.grad += 5 * 1 = 5\n"
            "\n"
            "v3.grad = 1 (where the pass starts)\n"
            "e.grad = 1 (via v3)\n"
            "d.grad = 5 (via e)\n"
            "c.grad = 1 (via v3) + 4 (via e) = 5\n");
}

TEST(GradCommand, PrintsJson) {
  EXPECT_EQ(printed({.expression = "b*a", .assignments = {"a=2", "b=-0.5"}, .json = true}),
            "{\n"
            "  \"value\": -1.0,\n"
            "  \"variables\": {\n"
            "    \"b\": -0.5,\n"
            "    \"a\": 2.0\n"
            "  },\n"
            "  \"gradients\": {\n"
            "    \"b\": 2.0,\n"
            "    \"a\": -0.5\n"
            "  }\n"
            "}\n");
}

TEST(GradCommand, JsonHoldsWhatEveryFlagAdds) {
  const Outcome result = outcome({.expression = "和 = relu(x)/3; 和",
                                  .assignments = {"x=0"},
                                  .explain = true,
                                  .check = true,
                                  .hessian = true,
                                  .json = true});
  EXPECT_EQ(result.code, 1);
  const auto json = nlohmann::json::parse(result.text);
  EXPECT_EQ(json["results"]["和"]["value"], 0.0);
  EXPECT_EQ(json["results"]["和"]["gradient"], 1.0);
  EXPECT_EQ(json["check"]["passed"], false);
  EXPECT_EQ(json["check"]["variables"]["x"]["analytic"], 0.0);
  EXPECT_NEAR(json["check"]["variables"]["x"]["numeric"].get<double>(), 0.5 / 3, 1e-9);
  EXPECT_NEAR(json["check"]["variables"]["x"]["difference"].get<double>(), 0.5 / 3, 1e-9);
  EXPECT_EQ(json["check"]["variables"]["x"]["passed"], false);
  EXPECT_EQ(json["hessian"], nlohmann::json::parse("[[0.0]]"));
  EXPECT_THAT(json["explanation"][0].get<std::string>(), StartsWith("和 = "));
  EXPECT_FALSE(json.contains("picture"));
}

TEST(GradCommand, JsonSpellsOutWhatIsNoNumberThere) {
  const auto json = nlohmann::json::parse(
      printed({.expression = "x + y + 0*z", .assignments = {"x=inf", "y=-inf", "z=nan"}, .json = true}));
  EXPECT_EQ(json["value"], "nan");
  EXPECT_EQ(json["variables"]["x"], "inf");
  EXPECT_EQ(json["variables"]["y"], "-inf");
  EXPECT_EQ(json["variables"]["z"], "nan");
}

TEST(GradCommand, JsonKeepsAllDigits) {
  const auto json =
      nlohmann::json::parse(printed({.expression = "x/3", .assignments = {"x=1"}, .json = true}));
  EXPECT_EQ(json["value"].get<double>(), 1.0 / 3);
}

TEST(GradCommand, DrawsAPicture) {
  const std::string file = ::testing::TempDir() + "micrograd_grad_command_test.svg";
  std::filesystem::remove(file);
  EXPECT_THAT(printed({.expression = "a*b", .assignments = {"a=2", "b=3"}, .svg = file}),
              ::testing::EndsWith("\nthe graph is drawn in " + file + "\n"));
  EXPECT_THAT(read_file(file), HasSubstr("<svg"));
  const auto json = nlohmann::json::parse(
      printed({.expression = "a*b", .assignments = {"a=2", "b=3"}, .json = true, .svg = file}));
  EXPECT_EQ(json["picture"], file);
  std::filesystem::remove(file);
  EXPECT_THROW((void)printed({.expression = "1", .svg = ::testing::TempDir() + "no/such/folder/a.svg"}),
               IoError);
}

TEST(GradCommand, ListsTheFunctionsOfTheTable) {
  const std::string text = printed({.functions = true});
  EXPECT_THAT(text, StartsWith("function "));
  EXPECT_THAT(text, ::testing::ContainsRegex("\nrelu\\(x\\) +max\\(0, x\\) +1 where x > 0, else 0\n"));
  EXPECT_THAT(text, ::testing::ContainsRegex("\nfma\\(x, y, z\\) +x \\* y"));
}

TEST(GradCommand, AnswersMistakesInTheValues) {
  EXPECT_EQ(
      error_of({.expression = "a", .assignments = {"a=1", "b=2"}}),
      "grad: 'b' is given a value but the expression does not use it (it uses 'a'); leave it out or look for "
      "a misspelt name");
  EXPECT_EQ(
      error_of({.expression = "1", .assignments = {"b=2"}}),
      "grad: 'b' is given a value but the expression does not use it (it uses no variable); leave it out or "
      "look for a misspelt name");
  EXPECT_EQ(
      error_of({.expression = "a+b", .assignments = {"a=1", "b"}}),
      "grad: what follows the expression gives values (got 'b', expected name=number); give it a value: b=…");
  EXPECT_EQ(error_of({.expression = "a", .assignments = {"+", "b", "a=1"}}),
            "grad: what follows the expression gives values (got '+', expected name=number); put the whole "
            "expression into quotes");
  EXPECT_EQ(
      error_of({.expression = "a", .assignments = {"2a=1"}}),
      "grad: a value needs a name (got '2a=1', expected name=number); a name has letters, digits and _");
  for (const std::string value : {"", "b", "=2", "two", "1 2", "1e999", "c=3", "1<2", "\xFF"}) {
    EXPECT_THAT(error_of({.expression = "a", .assignments = {"a=" + value}}),
                StartsWith("grad: the value of 'a' is not a number (got '"))
        << value;
  }
  EXPECT_EQ(error_of({.expression = "a", .assignments = {"a=b"}}),
            "grad: the value of 'a' is not a number (got 'b', expected one such as 2, -1e-3 or pi/2)");
  EXPECT_EQ(error_of({.expression = "a", .assignments = {"a=1", "a=2"}}),
            "grad: 'a' is given a value twice (the second time by 'a=2')");
}

TEST(GradCommand, PassesOnWhatTheLanguageSaysAboutAMistake) {
  EXPECT_EQ(
      error_of({.expression = "a + tanhh(b)", .assignments = {"a=1", "b=2"}}),
      "grad: unknown function 'tanhh' (at column 5); did you mean 'tanh'?\n  a + tanhh(b)\n      ^~~~~");
}

TEST(GradCommandLine, ReadsExpressionValuesAndFlags) {
  const Outcome result = on_command_line({"grad", "a*b", "--json", "a=2", "b=-3", "--check"});
  EXPECT_EQ(result.code, 0);
  const auto json = nlohmann::json::parse(result.text);
  EXPECT_EQ(json["gradients"]["a"], -3.0);
  EXPECT_EQ(json["check"]["passed"], true);
  EXPECT_EQ(on_command_line({"grad", "relu(x)", "x=0", "--check"}).code, 1);
  EXPECT_THAT(on_command_line({"grad", "x/3", "x=1", "--digits", "2"}).text, StartsWith("value 0.33\n"));
}

TEST(GradCommandLine, AnExpressionMayBeginWithASign) {
  EXPECT_THAT(on_command_line({"grad", "-x^2", "x=3"}).text, StartsWith("value -9\n"));
  EXPECT_THAT(on_command_line({"grad", "-x*y", "x=3", "y=2", "--check"}).text, StartsWith("value -6\n"));
  EXPECT_THAT(on_command_line({"grad", "-2*x", "x=3"}).text, StartsWith("value -6\n"));
  EXPECT_THAT(on_command_line({"grad", "-pi"}).text, StartsWith("value -3.14159\n"));
  EXPECT_THAT(on_command_line({"grad", "--", "-x", "x=3"}).text, StartsWith("value -3\n"));
}

TEST(GradCommandLine, AnswersUnknownOptionsAndNothingAtAll) {
  const auto error = [](const std::vector<std::string>& words) -> std::string {
    try {
      on_command_line(words);
    } catch (const UsageError& mistake) {
      return mistake.what();
    }
    return "no error";
  };
  EXPECT_EQ(error({"grad", "a", "a=1", "--chekc"}),
            "grad: unknown option '--chekc'; micrograd grad --help lists the options");
  EXPECT_EQ(error({"grad", "a*2", "-q", "a=1"}),
            "grad: unknown option '-q'; micrograd grad --help lists the options");
  EXPECT_THAT(error({"grad"}), StartsWith("grad: no expression is given"));
  EXPECT_THAT(error({"grad", ""}), StartsWith("grad: no expression is given"));
  EXPECT_THROW(on_command_line({"grad", "1", "--digits", "many"}), CLI::ParseError);
}

TEST(GradCommandLine, ListsFunctionsWithoutAnExpression) {
  EXPECT_THAT(on_command_line({"grad", "--functions"}).text, HasSubstr("tanh(x)"));
}

TEST(GradCommandLine, HelpHasExamplesThatWork) {
  std::ostringstream out;
  int code = 0;
  CLI::App app("micrograd");
  add_grad_command(app, out, code);
  std::istringstream help(app.get_subcommand("grad")->help());
  const std::string before = "  micrograd grad \"";
  int examples = 0;
  for (std::string line; std::getline(help, line);) {
    if (!line.starts_with(before)) continue;
    const std::size_t quote = line.find('"', before.size());
    std::vector<std::string> words{"grad", line.substr(before.size(), quote - before.size())};
    std::istringstream rest(line.substr(quote + 1));
    for (std::string word; rest >> word;) {
      const bool is_file = words.back() == "--svg";
      words.push_back(is_file ? ::testing::TempDir() + word : word);
    }
    EXPECT_EQ(on_command_line(words).code, 0) << line;
    ++examples;
  }
  EXPECT_EQ(examples, 5);
}

}  // namespace
}  // namespace micrograd::command
