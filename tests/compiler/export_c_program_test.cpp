// A program written as C gives what the function gives: values, derivatives, branches, long ones, refusals.
#include "c_library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/mlp.hpp>

namespace micrograd {
namespace {

using Span = std::span<const Value>;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(ExportC, ANetWithThreeLayersAndTheGradientOfItsLoss) {
  const MLP net(3, {8, 8, 2}, {.seed = 5});
  const std::vector<Value> parameters = net.parameters();
  const auto loss = [&net](Span x, Span y) {
    const std::vector<Value> out = net(x);
    return square(out[0] - y[0]) + square(out[1] - y[1]) + 0.01 * square(net.parameters()[0]);
  };
  const Signature signature{.inputs = 3, .targets = 2};
  const auto program = compile<double>(loss, signature, {.parameters = parameters});
  const auto narrow = compile<float>(loss, signature, {.parameters = parameters});
  const std::string text = program.to_c("loss", {.gradient = true, .backward = true}) +
                           program.to_c("fixed", {.gradient = true, .fixed_parameters = true}) +
                           narrow.to_c("narrow", {.backward = true});
  const Library library(text, "-O2");
  const std::vector<double> at_compilation = [&] {
    std::vector<double> data;
    for (const Value& p : parameters) data.push_back(p.data());
    return data;
  }();
  for (const double scale : {1.0, 0.8}) {
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].set_data(scale * at_compilation[i]);
    net.zero_grad();
    const std::vector<double> x{0.3, -1.2, 0.7, 0.25, -0.5};
    const std::vector<Value> leaves = leaves_of(x);
    const Value expected = loss(Span(leaves).first(3), Span(leaves).subspan(3));
    expected.backward();
    std::vector<double> data;
    for (const Value& p : parameters) data.push_back(p.data());

    double out = 0;
    std::vector<double> by_input(3), by_parameter(parameters.size());
    ASSERT_EQ(library.call("loss", x.data(), data.data(), &out), 0);
    EXPECT_NEAR(out, expected.data(), 1e-14);
    ASSERT_EQ(library.call("loss_gradient", x.data(), data.data(), &out, by_input.data()), 0);
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(by_input[j], leaves[j].grad(), 1e-13);
    out = 0;
    ASSERT_EQ(library.call("loss_backward", x.data(), data.data(), &out, by_parameter.data()), 0);
    EXPECT_NEAR(out, expected.data(), 1e-14);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      EXPECT_NEAR(by_parameter[i], parameters[i].grad(), 1e-13) << i;
    }

    const std::vector<float> x_narrow(x.begin(), x.end()), data_narrow(data.begin(), data.end());
    std::vector<float> narrow_gradient(parameters.size());
    float narrow_out = 0;
    ASSERT_EQ(library.call("narrow_backward", x_narrow.data(), data_narrow.data(), &narrow_out,
                           narrow_gradient.data()),
              0);
    EXPECT_NEAR(narrow_out, expected.data(), 1e-5);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      EXPECT_NEAR(narrow_gradient[i], parameters[i].grad(), 1e-5) << i;
    }

    if (scale != 1.0) continue;  // the fixed ones are as they were
    ASSERT_EQ(library.call("fixed_gradient", x.data(), &out, by_input.data()), 0);
    EXPECT_NEAR(out, expected.data(), 1e-14);
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(by_input[j], leaves[j].grad(), 1e-13);
  }
  for (std::size_t at = 0; (at = text.find("#include", at)) != std::string::npos; ++at) {
    EXPECT_EQ(text.substr(at, text.find('\n', at) - at), "#include <math.h>");
  }
}

TEST(ExportC, ALongProgramIsSplitAndNeedsLittleStack) {
  const auto chain = [](Span x) {
    Value y = x[0];
    for (int i = 0; i < 2000; ++i) y = sin(y) * (1 + 1e-4 * i) + x[i % 2];
    if (y > 1000) return y;  // a guard in the last part
    return y * x[1];
  };
  const auto program = compile<double>(chain, {.inputs = 2});
  const std::string text = program.to_c("chain", {.gradient = true});
  EXPECT_THAT(text, HasSubstr("static int chain_part12("));
  EXPECT_THAT(text, HasSubstr("chain needs 16 bytes of stack"));
  const Library library(text, "-O0");
  const std::vector<double> x{0.4, -0.3};
  const std::vector<Value> leaves = leaves_of(x);
  const Value expected = chain(leaves);
  expected.backward();
  double out = 0;
  std::vector<double> gradient(2);
  ASSERT_EQ(library.call("chain_gradient", x.data(), &out, gradient.data()), 0);
  EXPECT_EQ(out, expected.data());
  for (std::size_t j = 0; j < 2; ++j) {
    EXPECT_NEAR(gradient[j], leaves[j].grad(), 1e-9 * std::abs(leaves[j].grad()));
  }
  const std::vector<double> far{0.4, 2000};
  EXPECT_EQ(library.call("chain", far.data(), &out), 1);
}

TEST(ExportC, ARowThatTakesAnotherBranchIsReported) {
  const auto function = [](Span x) -> Value {
    if (x[0] > 0) {
      if (x[0] <= x[1]) return x[0] * x[1];
      return x[0];
    }
    return -x[0];
  };
  const auto program = compile<double>(function, {.inputs = 2, .sample = {2, 1}});
  const Library library(program.to_c("f", {.gradient = true}));
  const auto code_for = [&](double a, double b) {
    const std::vector<double> x{a, b};
    double out = 0;
    std::vector<double> gradient(2);
    const int code = library.call("f", x.data(), &out);
    EXPECT_EQ(library.call("f_gradient", x.data(), &out, gradient.data()), code);
    if (code == 0) {
      EXPECT_EQ(out, function(leaves_of(x)).data());
    }
    return code;
  };
  EXPECT_EQ(code_for(3, 1), 0);
  EXPECT_EQ(code_for(1, 3), 1);
  EXPECT_EQ(code_for(-1, -3), 1);
  EXPECT_EQ(code_for(nan, 1), 1);
  EXPECT_EQ(code_for(1, nan), 0);
}

TEST(ExportC, FixedParametersThatTakeAnotherBranchAreRefused) {
  const Value w(1, "w");
  const auto program = compile<double>([&w](Span x) -> Value { return w > 0 ? w * x[0] : x[0]; },
                                       {.inputs = 1}, {.parameters = {w}});
  EXPECT_THAT(program.to_c("f", {.fixed_parameters = true}), HasSubstr("Returns 0.\n\n"));
  w.set_data(-1);
  EXPECT_THAT([&] { return program.to_c("f", {.fixed_parameters = true}); },
              ThrowsMessage<UsageError>(HasSubstr("another branch than those of now")));
  const Library library(program.to_c("f"));
  const double x = 3;
  double out = 0;
  for (const double data : {2.0, -2.0}) EXPECT_EQ(library.call("f", &x, &data, &out), data > 0 ? 0 : 1);
  EXPECT_EQ(out, 6) << "nothing is written where a guard fails";
}

TEST(ExportC, AResultMayBeAnInputAConstantOrStandTwice) {
  const auto program = compile<double>(
      [](Span x) {
        const Value y = x[0] * x[1];
        return std::vector<Value>{x[1], y, freeze(7), y, detach(y)};
      },
      {.inputs = 2});
  const Library library(program.to_c("f", {.gradient = true}));
  const std::vector<double> x{2, 3};
  std::vector<double> out(5), gradient(10);
  ASSERT_EQ(library.call("f_gradient", x.data(), out.data(), gradient.data()), 0);
  EXPECT_EQ(out, (std::vector<double>{3, 6, 7, 6, 6}));
  EXPECT_EQ(gradient, (std::vector<double>{0, 1, 3, 2, 0, 0, 3, 2, 0, 0}));
}

struct Cube {
  static constexpr OpInfo info{.name = "cube", .formula = "x^3", .derivative = "3 x^2"};
  template <class T> static T value(T x) { return x * x * x; }
  template <class T> static T dx(T x, T /*result*/) { return 3.0 * x * x; }
};

TEST(ExportC, WhatCannotBeWrittenIsRefused) {
  const auto program = compile<double>([](Span x) { return x[0] * 2; }, {.inputs = 1});
  for (const char* const name :
       {"", "2f", "a-b", "a b", "größe", "_f", "while", "sin", "sinf", "main", "NAN", "free"}) {
    EXPECT_THROW((void)program.to_c(name), UsageError) << name;
  }
  EXPECT_THAT([&] { return program.to_c("f\n"); },
              ThrowsMessage<UsageError>(HasSubstr("no name for a function in C")));
  EXPECT_THAT([&] { return program.to_c("exp"); },
              ThrowsMessage<UsageError>(HasSubstr("such as 'exp_model'")));
  EXPECT_NO_THROW((void)program.to_c("while_2"));
  EXPECT_THAT([&] { return program.to_c("f", {.backward = true}); },
              ThrowsMessage<UsageError>(HasSubstr("got 0 parameters")));

  const Value w(2, "w");
  const auto two = compile<double>([&w](Span x) { return std::vector<Value>{w * x[0], x[0]}; }, {.inputs = 1},
                                   {.parameters = {w}});
  EXPECT_THAT([&] { return two.to_c("f", {.backward = true}); },
              ThrowsMessage<UsageError>(HasSubstr("one output (got 2)")));
  EXPECT_THAT([&] { return two.to_c("f", {.backward = true, .fixed_parameters = true}); },
              ThrowsMessage<UsageError>(HasSubstr("got 1 parameter, fixed")));

  const auto cube = compile<double>([](Span x) { return apply<Cube>(x[0]); }, {.inputs = 1});
  EXPECT_THAT([&] { return cube.to_c("f"); }, ThrowsMessage<UsageError>(HasSubstr("got 'cube'")));
}

TEST(ExportC, AFileReadsLikeThis) {
  const Value w(0.5, "w");
  const auto program =
      compile<double>([&w](Span x) -> Value { return x[0] > 0 ? sigmoid(w * x[0]) - 0.1 : w; }, {.inputs = 1},
                      {.parameters = {w}});
  EXPECT_EQ(program.to_c("answer", {.gradient = true}),
            R"(/* answer: a function of one row, written by micrograd. It computes in double.

   x: 1 input; out: 1 result; parameters: 1 number.
   answer_gradient: gradient[j] = d out[0] / d x[j], j < 1.
   No array may overlap another one.

   Returns 0. The function that this was made of has branches, and the file holds one way through them:
   for a row that takes another one it returns 1 and writes nothing.

   The results do not depend on the compiler if it neither fuses nor reorders (gcc: -ffp-contract=off, no -ffast-math),
   but for the last digits of <math.h>. */
#include <math.h>

int answer(const double* x, const double* parameters, double* out);
int answer_gradient(const double* x, const double* parameters, double* out, double* gradient);

int answer(const double* x, const double* parameters, double* out) {
  const double v1 = x[0] > 0.0 ? 1.0 : 0.0;
  if (v1 == 0.0) return 1;
  const double v2 = parameters[0] * x[0];
  const double v3_1 = exp(-fabs(v2));
  const double v3 = (v2 < 0.0 ? v3_1 : 1.0) / (1.0 + v3_1);
  const double v4 = v3 - 0.1;
  out[0] = v4;
  return 0;
}

int answer_gradient(const double* x, const double* parameters, double* out, double* gradient) {
  const double v1 = x[0] > 0.0 ? 1.0 : 0.0;
  if (v1 == 0.0) return 1;
  const double v2 = parameters[0] * x[0];
  const double v3_1 = exp(-fabs(v2));
  const double v3 = (v2 < 0.0 ? v3_1 : 1.0) / (1.0 + v3_1);
  const double v4 = v3 - 0.1;
  out[0] = v4;
  const double v5 = 1.0 - v3;
  const double v6 = v3 * v5;
  const double v7 = v6 * parameters[0];
  gradient[0] = v7;
  return 0;
}
)");
}

}  // namespace
}  // namespace micrograd
