// What optimisers leave alone, and what they remember: frozen parameters, gradients that are not finite, the
// state.
#include <micrograd/train/optimiser.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include "../engine/helpers.hpp"
#include "every_optimiser.hpp"

namespace micrograd {
namespace {

using testing::every_optimiser;
using testing::infinity;
using testing::numbers;
using testing::set_gradients;
using testing::take_steps;
using testing::usage_error;

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

TEST(Optimisers, move_numbers_that_stand_for_parameters_as_they_move_these) {
  for (const auto& [name, make] : every_optimiser()) {
    SCOPED_TRACE(name);
    const std::vector<Value> p{0.1, -0.7, 1.3, 2.5, -3}, apart{0.1, -0.7, 1.3, 2.5, -3};
    const auto optimiser = make({{.parameters = p}}), other = make({{.parameters = apart}});
    std::vector<double> data = numbers(p);
    for (int step = 0; step < 6; ++step) {
      if (step == 2) {
        optimiser->freeze(std::span(p).subspan(1, 2));
        other->freeze(std::span(apart).subspan(1, 2));
      }
      if (step == 4) {  // some are now two steps behind
        optimiser->unfreeze(p);
        other->unfreeze(apart);
      }
      set_gradients(p, step);
      std::vector<double> grads;
      for (const Value& parameter : p) grads.push_back(parameter.grad());
      optimiser->step();
      EXPECT_TRUE(other->step_on(data, grads));
      EXPECT_EQ(data, numbers(p));
      EXPECT_EQ(other->state(), optimiser->state());
    }
    EXPECT_EQ(numbers(apart), (std::vector<double>{0.1, -0.7, 1.3, 2.5, -3})) << "left alone";
    EXPECT_NE(usage_error([&] { other->step_on(data, std::vector<double>(5, infinity)); }), "no error");
  }
}

TEST(StepOn, in_single_precision_goes_where_doubles_go_and_state_takes_it_along) {
  for (const auto& [name, make] : every_optimiser()) {
    SCOPED_TRACE(name);
    const std::vector<Value> p{0.1, -0.7, 1.3};
    const auto doubles = make({{.parameters = p}}), singles = make({{.parameters = p}}),
               resumed = make({{.parameters = p}});
    std::vector<double> data = numbers(p);
    std::vector<float> single_data(data.begin(), data.end()), resumed_data;
    const auto grads_of = [](const auto& at, int step) {
      auto grads = at;
      for (std::size_t i = 0; i < at.size(); ++i) grads[i] = at[i] * (1 + static_cast<float>(i)) + step % 2;
      return grads;
    };
    for (int step = 0; step < 8; ++step) {
      ASSERT_TRUE(doubles->step_on(data, grads_of(data, step)));
      const std::vector<float> grads = grads_of(single_data, step);
      ASSERT_TRUE(singles->step_on(std::span(single_data), grads));
      for (std::size_t i = 0; i < data.size(); ++i) EXPECT_NEAR(single_data[i], data[i], 2e-5) << step;
      if (step > 3) {
        ASSERT_TRUE(resumed->step_on(std::span(resumed_data), grads));
        EXPECT_EQ(resumed_data, single_data) << "to the bit";
      }
      if (step == 3) {
        resumed->set_state(singles->state());
        resumed_data = single_data;
      }
    }
    // And back to doubles, from what is remembered.
    ASSERT_TRUE(singles->step_on(data, grads_of(data, 9)));
    EXPECT_NE(usage_error([&, wrong = std::vector<float>(3, std::numeric_limits<float>::infinity())] {
                singles->step_on(std::span(single_data), wrong);
              }),
              "no error");
  }
}

TEST(StepOn, in_single_precision_is_given_to_an_optimiser_that_knows_doubles_only) {
  class Halving final : public Optimiser {
   public:
    explicit Halving(std::vector<Value> parameters) : Optimiser(std::move(parameters), 1) {}
    using Optimiser::step_on;
    bool step_on(std::span<double> data, std::span<const double> grads) override {
      for (std::size_t i = 0; i < data.size(); ++i) data[i] = data[i] / 2 - grads[i];
      return true;
    }
  };
  Halving halving({Value(8), Value(-2)});
  std::vector<float> data{8, -2};
  EXPECT_TRUE(halving.step_on(std::span(data), std::vector<float>{1, 0.5F}));
  EXPECT_EQ(data, (std::vector<float>{3, -1.5F}));
}

TEST(AllFinite, finds_what_is_not_wherever_it_stands) {
  std::vector<double> some(37, -1e300);
  some[5] = std::numeric_limits<double>::denorm_min();
  EXPECT_TRUE(all_finite(some));
  EXPECT_TRUE(all_finite(std::span<const double>()));
  for (const double wrong : {infinity, -infinity, std::nan("")}) {
    for (std::size_t i = 0; i < some.size(); ++i) {
      std::vector<double> others = some;
      others[i] = wrong;
      EXPECT_FALSE(all_finite(others));
      EXPECT_FALSE(all_finite(std::vector<float>(others.begin(), others.end())));
    }
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
