// The optimisers take exactly the steps their formulas say.
#include <micrograd/train/optimiser.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>

namespace micrograd {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class Call>
std::string usage_error(const Call& call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

std::vector<double> numbers(const std::vector<Value>& values) {
  std::vector<double> result;
  for (const Value& value : values) result.push_back(value.data());
  return result;
}

using Make = std::function<std::unique_ptr<Optimiser>(const std::vector<ParameterGroup>&)>;

/// Every optimiser, with all that could move a parameter without a gradient.
const std::map<std::string, Make>& every_optimiser() {
  static const std::map<std::string, Make> all{
      {"SGD",
       [](const auto& groups) { return std::make_unique<SGD>(groups, SGDOptions{.weight_decay = 0.1}); }},
      {"SGD with momentum",
       [](const auto& groups) {
         return std::make_unique<SGD>(groups,
                                      SGDOptions{.momentum = 0.9, .dampening = 0.5, .weight_decay = 0.1});
       }},
      {"SGD with Nesterov's momentum",
       [](const auto& groups) {
         return std::make_unique<SGD>(groups,
                                      SGDOptions{.momentum = 0.9, .nesterov = true, .weight_decay = 0.1});
       }},
      {"RMSProp", [](const auto& groups) { return std::make_unique<RMSProp>(groups); }},
      {"RMSProp with all",
       [](const auto& groups) {
         return std::make_unique<RMSProp>(
             groups, RMSPropOptions{.momentum = 0.9, .centred = true, .weight_decay = 0.1});
       }},
      {"Adam",
       [](const auto& groups) { return std::make_unique<Adam>(groups, AdamOptions{.weight_decay = 0.1}); }},
      {"AdamW",
       [](const auto& groups) { return std::make_unique<AdamW>(groups, AdamWOptions{.weight_decay = 0.1}); }},
  };
  return all;
}

/// Gradients for step `step`, different for each parameter.
void set_gradients(const std::vector<Value>& parameters, int step) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].set_grad(std::sin(3.0 * step + static_cast<double>(i) + 1));
  }
}

void take_steps(Optimiser& optimiser, const std::vector<Value>& parameters, int first, int last) {
  for (int step = first; step < last; ++step) {
    set_gradients(parameters, step);
    optimiser.step();
  }
}

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

TEST(Frozen, parameters_stay_to_the_bit_under_every_optimiser_while_the_others_move) {
  for (const auto& [name, make] : every_optimiser()) {
    SCOPED_TRACE(name);
    const std::vector<Value> p{0.1, -0.7, 1.3};
    const auto optimiser = make({{.parameters = p}});
    take_steps(*optimiser, p, 0, 3);  // so that there is momentum
    optimiser->freeze(std::span(p).subspan(1, 1));
    EXPECT_TRUE(optimiser->is_frozen(p[1]));
    EXPECT_FALSE(optimiser->is_frozen(p[2]));
    const std::vector<double> before = numbers(p);
    take_steps(*optimiser, p, 3, 6);
    EXPECT_EQ(p[1].data(), before[1]);
    EXPECT_NE(p[0].data(), before[0]);
    EXPECT_NE(p[2].data(), before[2]);
    const std::vector<Value> trainable = optimiser->trainable_parameters();
    ASSERT_EQ(trainable.size(), 2U);
    EXPECT_TRUE(same_node(trainable[1], p[2]));
  }
}

TEST(Frozen, parameters_go_on_from_where_they_were_when_they_are_let_loose) {
  for (const auto& [name, make] : every_optimiser()) {
    SCOPED_TRACE(name);
    const std::vector<Value> p{0.1, -0.7}, apart{-0.7};
    const auto optimiser = make({{.parameters = p}}), other = make({{.parameters = apart}});
    const auto take = [&](int step, bool both) {
      set_gradients(p, step);
      apart[0].set_grad(p[1].grad());
      optimiser->step();
      if (both) other->step();
    };
    for (int step = 0; step < 3; ++step) take(step, true);
    optimiser->freeze(std::span(p).subspan(1));
    for (int step = 3; step < 6; ++step) take(step, false);
    optimiser->unfreeze(p);
    for (int step = 6; step < 9; ++step) take(step, true);
    EXPECT_EQ(p[1].data(), apart[0].data());
  }
}

TEST(Frozen, layers_of_a_net_keep_their_weights_while_the_rest_learns) {
  const MLP net(2, {4, 3, 1}, {.hidden = Activation::tanh});
  AdamW adam(net.parameters(), {.learning_rate = 0.05});
  adam.freeze(parameters_named(net, "layers.1"));
  const std::vector<double> frozen = numbers(net.layers()[1].parameters());
  const std::vector<double> first = numbers(net.layers()[0].parameters());
  for (int step = 0; step < 5; ++step) {
    adam.zero_grad();
    squared_error(net({0.5, -1.0})[0], 3).backward();
    EXPECT_NE(net.layers()[1].parameters()[0].grad(), 0);
    adam.step();
  }
  EXPECT_EQ(numbers(net.layers()[1].parameters()), frozen);
  EXPECT_NE(numbers(net.layers()[0].parameters()), first);
}

TEST(Frozen, strangers_are_a_usage_error_and_nothing_is_frozen) {
  const std::vector<Value> p{1, 2};
  SGD sgd(p, 0.1);
  const Value stranger = 2.5;
  EXPECT_EQ(usage_error([&] { sgd.freeze(std::vector<Value>{p[0], stranger}); }),
            "freeze: this is not a parameter of the optimiser (got a Value of 2.5, expected one of its 2 "
            "parameters)");
  EXPECT_FALSE(sgd.is_frozen(p[0]));
  EXPECT_THROW(sgd.unfreeze(std::vector<Value>{stranger}), UsageError);
  EXPECT_THROW(sgd.is_frozen(stranger), UsageError);
}

TEST(Gradients, that_are_not_finite_stop_the_step_before_anything_has_moved) {
  for (const auto& [name, make] : every_optimiser()) {
    SCOPED_TRACE(name);
    const std::vector<Value> p{1, 2, 3};
    const auto optimiser = make({{.parameters = p}});
    take_steps(*optimiser, p, 0, 2);
    const std::vector<double> before = numbers(p);
    const std::vector<NamedState> state = optimiser->state();
    for (const double bad : {std::nan(""), infinity, -infinity}) {
      set_gradients(p, 2);
      p[2].set_grad(bad);
      EXPECT_NE(usage_error([&] {
                  optimiser->step();
                }).find("step: the gradient of parameter 2 from 0 is not finite"),
                std::string::npos);
      EXPECT_EQ(numbers(p), before);
      EXPECT_EQ(optimiser->state(), state);
    }
    optimiser->freeze(std::span(p).subspan(2));  // a frozen one's gradient is nobody's concern
    optimiser->step();
    EXPECT_EQ(p[2].data(), before[2]);
    EXPECT_NE(p[0].data(), before[0]);
  }
}

TEST(OptimiserState, read_and_put_back_goes_on_to_the_bit_under_every_optimiser) {
  for (const auto& [name, make] : every_optimiser()) {
    SCOPED_TRACE(name);
    const std::vector<Value> p{0.1, -0.7, 1.3};
    const auto optimiser = make({{.parameters = p}});
    take_steps(*optimiser, p, 0, 3);
    optimiser->freeze(std::span(p).first(1));
    optimiser->set_learning_rate(0.003);
    take_steps(*optimiser, p, 3, 5);

    const std::vector<double> saved = numbers(p);
    const std::vector<Value> q(saved.begin(), saved.end());
    const auto resumed = make({{.parameters = q}});
    resumed->set_state(optimiser->state());
    EXPECT_EQ(resumed->state(), optimiser->state());
    EXPECT_EQ(resumed->learning_rate(), 0.003);
    EXPECT_TRUE(resumed->is_frozen(q[0]));
    take_steps(*optimiser, p, 5, 10);
    take_steps(*resumed, q, 5, 10);
    EXPECT_EQ(numbers(q), numbers(p));
  }
}

std::vector<std::string> names(const Optimiser& optimiser) {
  std::vector<std::string> result;
  for (const NamedState& part : optimiser.state()) result.push_back(part.name);
  return result;
}

TEST(OptimiserState, holds_what_its_optimiser_says_it_remembers) {
  using Names = std::vector<std::string>;
  const std::vector<Value> p{1, 2};
  EXPECT_EQ(names(SGD(p, 0.1)), (Names{"learning_rate", "frozen"}));
  EXPECT_EQ(names(SGD(p, SGDOptions{.momentum = 0.5})),
            (Names{"learning_rate", "frozen", "velocity", "steps"}));
  EXPECT_EQ(names(RMSProp(p)), (Names{"learning_rate", "frozen", "mean_square"}));
  EXPECT_EQ(names(RMSProp(p, {.momentum = 0.5, .centred = true})),
            (Names{"learning_rate", "frozen", "mean_square", "mean", "velocity"}));
  EXPECT_EQ(names(Adam(p)), (Names{"learning_rate", "frozen", "mean", "mean_square", "steps"}));
  EXPECT_EQ(names(AdamW(p)), names(Adam(p)));
  for (const NamedState& part : Adam(p).state()) {
    EXPECT_EQ(part.numbers.size(), part.name == "learning_rate" ? 1U : 2U);
  }
}

TEST(OptimiserState, that_does_not_fit_is_a_usage_error_and_changes_nothing) {
  const std::vector<Value> p{1, 2};
  Adam adam(p);
  take_steps(adam, p, 0, 2);
  const std::vector<NamedState> good = adam.state();
  const auto with = [&](const std::function<void(std::vector<NamedState>&)>& change) {
    std::vector<NamedState> state = good;
    change(state);
    const std::string message = usage_error([&] { adam.set_state(state); });
    EXPECT_EQ(adam.state(), good);
    return message;
  };
  using State = std::vector<NamedState>;
  EXPECT_EQ(with([](State& state) { state.erase(state.begin() + 2); }),
            "set_state: a part of the state is missing (got 4 other names, expected 'mean')");
  EXPECT_EQ(
      with([](State& state) { state[2].name = "velocity"; }),
      "set_state: this optimiser remembers nothing of the kind (got 'velocity', expected learning_rate, "
      "frozen, mean, mean_square, steps); was it saved by another one, or with other options?");
  EXPECT_EQ(with([](State& state) { state.push_back(state[3]); }),
            "set_state: a name comes twice (got 'mean_square' again, expected it once)");
  EXPECT_EQ(with([](State& state) { state[3].numbers.pop_back(); }),
            "set_state: 'mean_square' has the wrong size (got 1 numbers, expected 2)");
  EXPECT_EQ(with([](State& state) { state[3].numbers[1] = -1; }),
            "set_state: 'mean_square' is out of range (got -1, expected 0 or more)");
  EXPECT_EQ(with([](State& state) { state[4].numbers[0] = 1.5; }),
            "set_state: 'steps' is out of range (got 1.5, expected a whole number, 0 or more)");
  EXPECT_EQ(with([](State& state) { state[1].numbers[0] = 2; }),
            "set_state: 'frozen' is out of range (got 2, expected 0 or 1)");
  EXPECT_EQ(with([](State& state) { state[0].numbers[0] = infinity; }),
            "set_state: 'learning_rate' is out of range (got inf, expected a finite number, 0 or more)");
  EXPECT_EQ(with([](State& state) { std::swap(state[0], state[3]); }), "no error");  // any order will do
}

}  // namespace
}  // namespace micrograd
