// The optimisers take exactly the steps their formulas say.
#include <micrograd/train/optimiser.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <micrograd/error.hpp>
#include "../engine/helpers.hpp"
#include "every_optimiser.hpp"

namespace micrograd {
namespace {

using testing::infinity;
using testing::numbers;
using testing::usage_error;

TEST(Sgd, moves_each_parameter_against_its_gradient) {
  const std::vector<Value> parameters{1, -2};
  SGD sgd(parameters, 0.5);
  parameters[0].set_grad(4);
  parameters[1].set_grad(-3);
  sgd.step();
  EXPECT_EQ(parameters[0].data(), -1);
  EXPECT_EQ(parameters[1].data(), -0.5);
}

TEST(Sgd, follows_a_learning_rate_changed_between_steps) {
  const std::vector<Value> parameters{0};
  SGD sgd(parameters, 1);
  parameters[0].set_grad(1);
  sgd.step();
  sgd.set_learning_rate(0.25);
  EXPECT_EQ(sgd.learning_rate(), 0.25);
  sgd.step();
  EXPECT_EQ(parameters[0].data(), -1.25);
}

TEST(Sgd, zero_grad_clears_only_the_gradients) {
  const std::vector<Value> parameters{1, 2};
  SGD sgd(parameters, 1);
  for (const Value& parameter : parameters) parameter.set_grad(9);
  sgd.zero_grad();
  EXPECT_EQ(parameters[0].grad(), 0);
  EXPECT_EQ(parameters[1].grad(), 0);
  EXPECT_EQ(parameters[1].data(), 2);
}

TEST(Sgd, finds_the_bottom_of_a_bowl) {
  const std::vector<Value> parameters{5};
  SGD sgd(parameters, 0.1);
  for (int k = 0; k < 200; ++k) {
    sgd.zero_grad();
    ((parameters[0] - 2) * (parameters[0] - 2)).backward();
    sgd.step();
  }
  EXPECT_NEAR(parameters[0].data(), 2, 1e-12);
}

TEST(Adam, the_first_step_has_the_length_of_the_learning_rate_whatever_the_gradient) {
  const std::vector<Value> parameters{1, 1, 1};
  Adam adam(parameters, {.learning_rate = 0.01});
  parameters[0].set_grad(1e-3);
  parameters[1].set_grad(-1e6);
  adam.step();
  EXPECT_NEAR(parameters[0].data(), 0.99, 1e-6);
  EXPECT_NEAR(parameters[1].data(), 1.01, 1e-12);
  EXPECT_EQ(parameters[2].data(), 1);
}

TEST(Adam, five_steps_agree_with_an_independent_calculation) {
  // Computed in Python from the paper's Algorithm 1: rate 0.1, gradient 2 x of x^2, starting at 1.5.
  const std::vector<double> expected{1.4000000003333333, 1.3002390622922801, 1.2009028705180997,
                                     1.1021989364677947, 1.0043581694516794};
  const std::vector<Value> parameters{1.5};
  Adam adam(parameters, {.learning_rate = 0.1});
  for (const double x : expected) {
    adam.zero_grad();
    (parameters[0] * parameters[0]).backward();
    adam.step();
    EXPECT_NEAR(parameters[0].data(), x, 1e-13);
  }
}

TEST(Adam, keeps_separate_means_for_each_parameter) {
  const std::vector<Value> together{1, 5}, apart{1};
  Adam both(together), one(apart);
  for (int k = 0; k < 4; ++k) {
    together[0].set_grad(k + 1);
    together[1].set_grad(-100 * k);
    apart[0].set_grad(k + 1);
    both.step();
    one.step();
  }
  EXPECT_EQ(together[0].data(), apart[0].data());
}

TEST(Adam, follows_a_learning_rate_changed_between_steps) {
  const std::vector<Value> parameters{1};
  Adam adam(parameters);
  parameters[0].set_grad(1);
  adam.set_learning_rate(0);
  adam.step();
  EXPECT_EQ(parameters[0].data(), 1);
}

TEST(Optimisers, reject_options_out_of_range_and_show_them) {
  const std::vector<Value> parameters{1};
  EXPECT_THROW(SGD(parameters, std::numeric_limits<double>::infinity()), UsageError);
  EXPECT_THROW(SGD(parameters, std::nan("")), UsageError);
  EXPECT_THROW(Adam(parameters, {.beta1 = 1}), UsageError);
  EXPECT_THROW(Adam(parameters, {.beta2 = -0.1}), UsageError);
  EXPECT_THROW(Adam(parameters, {.epsilon = 0}), UsageError);
  try {
    SGD(parameters, -1);
    FAIL() << "a negative rate was accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "set_learning_rate: the rate is out of range (got -1, expected a finite number, 0 or more)");
  }
}

TEST(Optimisers, reject_every_option_out_of_range) {
  const std::vector<Value> p{1};
  const std::vector<std::function<void()>> wrong{
      [&] { SGD(p, SGDOptions{.momentum = -0.1}); },
      [&] { SGD(p, SGDOptions{.momentum = std::nan("")}); },
      [&] { SGD(p, SGDOptions{.momentum = 0.9, .dampening = infinity}); },
      [&] { SGD(p, SGDOptions{.nesterov = true}); },
      [&] { SGD(p, SGDOptions{.momentum = 0.9, .dampening = 0.1, .nesterov = true}); },
      [&] { SGD(p, SGDOptions{.weight_decay = -1}); },
      [&] { RMSProp(p, {.learning_rate = infinity}); },
      [&] { RMSProp(p, {.smoothing = 1}); },
      [&] { RMSProp(p, {.epsilon = 0}); },
      [&] { RMSProp(p, {.momentum = -1}); },
      [&] { RMSProp(p, {.weight_decay = std::nan("")}); },
      [&] { Adam(p, {.weight_decay = -1}); },
      [&] { AdamW(p, {.beta1 = -1}); },
      [&] { AdamW(p, {.beta2 = 1}); },
      [&] { AdamW(p, {.epsilon = infinity}); },
      [&] { AdamW(p, {.weight_decay = infinity}); },
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) EXPECT_THROW(wrong[i](), UsageError) << i;
  EXPECT_EQ(usage_error([&] { SGD(p, SGDOptions{.momentum = -0.5}); }),
            "SGD: momentum is out of range (got -0.5, expected a finite number, 0 or more)");
}

TEST(Optimisers, take_leaves_only_and_each_once) {
  const Value a = 1, b = 2;
  EXPECT_EQ(usage_error([&] { SGD({a, b, a}, 0.1); }),
            "SGD: a parameter is listed twice (got it again as number 2 from 0, expected each once)");
  EXPECT_EQ(usage_error([&] { Adam(std::vector<Value>{a, a * b}); }),
            "Adam: only leaves can be moved (got the result of * as number 1 from 0, expected a leaf)");
  EXPECT_THROW(RMSProp(std::vector<ParameterGroup>{{.parameters = {a}}, {.parameters = {b, a}}}), UsageError);
}

TEST(ParameterGroups, have_a_rate_and_a_decay_of_their_own) {
  const std::vector<Value> p{1, 1, 1};
  SGD sgd({{.parameters = {p[0]}},
           {.parameters = {p[1]}, .rate_factor = 0.5},
           {.parameters = {p[2]}, .weight_decay = 0.25}},
          SGDOptions{.learning_rate = 1, .weight_decay = 0});
  for (const Value& parameter : p) parameter.set_grad(0.5);
  sgd.step();
  EXPECT_EQ(numbers(p), (std::vector<double>{0.5, 0.75, 0.25}));
  sgd.set_learning_rate(2);
  for (const Value& parameter : p) parameter.set_grad(0.5);
  sgd.step();
  EXPECT_EQ(numbers(p), (std::vector<double>{-0.5, 0.25, -0.875}));
  EXPECT_EQ(sgd.parameters().size(), 3U);
}

TEST(ParameterGroups, with_numbers_out_of_range_are_usage_errors) {
  const std::vector<Value> p{1};
  EXPECT_EQ(usage_error([&] { Adam({{.parameters = p, .rate_factor = -1}}, AdamOptions{}); }),
            "Adam: a group's rate_factor is out of range (got -1, expected a finite number, 0 or more)");
  EXPECT_EQ(usage_error([&] { Adam({{.parameters = p, .weight_decay = infinity}}, AdamOptions{}); }),
            "Adam: a group's weight_decay is out of range (got inf, expected a finite number, 0 or more)");
}

}  // namespace
}  // namespace micrograd
