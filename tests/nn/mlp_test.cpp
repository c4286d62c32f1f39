// Layers and nets: shapes, order of parameters, the classic graph and the classic printed form.
#include <micrograd/nn/mlp.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include "../engine/helpers.hpp"
#include "graph_shape.hpp"

namespace micrograd {
namespace {

using testing::message_of;

/// The same net in plain numbers, from its parameters in order.
std::vector<double> by_hand(const MLP& mlp, std::vector<double> signals) {
  const std::vector<Value> parameters = mlp.parameters();
  auto parameter = parameters.begin();
  for (const Layer& layer : mlp.layers()) {
    std::vector<double> outputs;
    for (const Neuron& neuron : layer.neurons()) {
      double sum = 0;
      for (const double signal : signals) sum += (parameter++)->data() * signal;
      sum += (parameter++)->data();
      outputs.push_back(neuron.activation() == Activation::linear ? sum : std::max(0.0, sum));
    }
    signals = outputs;
  }
  EXPECT_TRUE(parameter == parameters.end());
  return signals;
}

TEST(Mlp, prints_itself_like_the_original) {
  std::ostringstream out;
  out << MLP(2, {3, 2, 1});
  EXPECT_EQ(out.str(),
            "MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)], "
            "Layer of [ReLUNeuron(3), ReLUNeuron(3)], Layer of [LinearNeuron(2)]]");
}

TEST(Mlp, hidden_layers_take_the_chosen_activation_and_the_last_is_linear) {
  const MLP mlp(2, {4, 3, 1}, {.hidden = Activation::gelu});
  EXPECT_EQ(mlp.layers()[0].neurons()[0].activation(), Activation::gelu);
  EXPECT_EQ(mlp.layers()[1].neurons()[2].activation(), Activation::gelu);
  EXPECT_EQ(mlp.layers()[2].neurons()[0].activation(), Activation::linear);
}

TEST(Mlp, each_layer_can_have_an_activation_of_its_own) {
  const MLP mlp(2, {3, 1, 2}, {.activations = {Activation::tanh, Activation::linear, Activation::sigmoid}});
  EXPECT_EQ(mlp.layers()[0].neurons()[2].activation(), Activation::tanh);
  EXPECT_EQ(mlp.layers()[1].neurons()[0].activation(), Activation::linear);
  EXPECT_EQ(mlp.layers()[2].neurons()[1].activation(), Activation::sigmoid);
  std::ostringstream out;
  out << mlp;
  EXPECT_EQ(out.str(),
            "MLP of [Layer of [TanhNeuron(2), TanhNeuron(2), TanhNeuron(2)], Layer of [LinearNeuron(3)], "
            "Layer of [SigmoidNeuron(1), SigmoidNeuron(1)]]");
  EXPECT_EQ(message_of([] { MLP(2, {3, 1}, {.activations = {Activation::tanh}}); }),
            "MLP: each layer needs one activation (got 1 activations, expected 2, one for each width)");
}

TEST(Mlp, layers_of_one_neuron_work_wherever_they_are) {
  const MLP mlp(1, {1, 1, 4, 1, 1, 2}, {.hidden = Activation::tanh, .seed = 3});
  EXPECT_EQ(mlp.parameters().size(), 2U + 2 + 8 + 5 + 2 + 4);
  const std::vector<Value> out = mlp({0.75});
  ASSERT_EQ(out.size(), 2U);
  backward(out);
  for (const Value& parameter : mlp.parameters()) EXPECT_NE(parameter.grad(), 0);
}

TEST(Mlp, names_each_parameter_once_in_the_order_of_parameters) {
  const MLP mlp(2, {3, 1});
  const std::vector<NamedParameter> named = mlp.named_parameters();
  const std::vector<Value> parameters = mlp.parameters();
  ASSERT_EQ(named.size(), parameters.size());
  std::set<std::string> names;
  for (std::size_t i = 0; i < named.size(); ++i) {
    EXPECT_TRUE(same_node(named[i].value, parameters[i])) << named[i].name;
    names.insert(named[i].name);
  }
  EXPECT_EQ(names.size(), named.size());
  EXPECT_EQ(named.front().name, "layers.0.neurons.0.weights.0");
  EXPECT_EQ(named[8].name, "layers.0.neurons.2.bias");
  EXPECT_EQ(named[11].name, "layers.1.neurons.0.weights.2");
  EXPECT_EQ(named.back().name, "layers.1.neurons.0.bias");
}

TEST(Mlp, parameters_are_found_by_name_or_by_the_name_of_what_they_are_in) {
  const MLP mlp(2, {11, 3, 1});
  const auto same = [](const std::vector<Value>& got, const std::vector<Value>& expected) {
    return std::equal(got.begin(), got.end(), expected.begin(), expected.end(), same_node);
  };
  EXPECT_TRUE(same(parameters_named(mlp, "layers"), mlp.parameters()));
  EXPECT_TRUE(same(parameters_named(mlp, "layers.1"), mlp.layers()[1].parameters()));
  EXPECT_TRUE(same(parameters_named(mlp, "layers.0.neurons.1"), mlp.layers()[0].neurons()[1].parameters()));
  EXPECT_TRUE(same(parameters_named(mlp, "layers.2.neurons.0.bias"), {mlp.parameters().back()}));
  EXPECT_EQ(message_of([&] { parameters_named(mlp, "layers.3"); }),
            "parameters_named: no parameter has this name (got 'layers.3', expected one of "
            "layers.0.neurons.0.weights.0 to layers.2.neurons.0.bias or a part of these)");
  EXPECT_THROW(parameters_named(mlp, ""), UsageError);
  EXPECT_THROW(parameters_named(mlp, "layers."), UsageError);
}

/// A module that says nothing about names or modes.
class Two final : public Module {
 public:
  std::vector<Value> parameters() const override { return {a_, b_}; }

 private:
  Value a_ = 1, b_ = 2;
};

TEST(Module, of_a_users_own_has_names_by_position_and_no_modes) {
  const Two two;
  const std::vector<NamedParameter> named = two.named_parameters();
  ASSERT_EQ(named.size(), 2U);
  EXPECT_EQ(named[0].name, "parameters.0");
  EXPECT_EQ(named[1].name, "parameters.1");
  EXPECT_TRUE(same_node(named[1].value, two.parameters()[1]));
  two.train();
  EXPECT_FALSE(two.training());
}

TEST(Mlp, has_the_shape_it_was_asked_for) {
  const MLP mlp(64, {32, 10});
  EXPECT_EQ(mlp.inputs(), 64U);
  EXPECT_EQ(mlp.outputs(), 10U);
  EXPECT_EQ(mlp.layers().size(), 2U);
  EXPECT_EQ(mlp.parameters().size(), 64U * 32 + 32 + 32 * 10 + 10);
  EXPECT_EQ(mlp(std::vector<double>(64, 0.5)).size(), 10U);
  EXPECT_EQ(MLP(2, {16, 16, 1}).parameters().size(), 337U);
}

TEST(Mlp, computes_what_the_same_net_in_plain_numbers_computes) {
  const MLP mlp(3, {5, 4, 2}, {.seed = 11});
  const std::vector<double> x{0.5, -1.25, 2};
  const std::vector<double> expected = by_hand(mlp, x);
  const std::vector<Value> from_numbers = mlp(x);
  const std::vector<Value> from_values = mlp({Value(0.5), Value(-1.25), Value(2)});
  ASSERT_EQ(from_numbers.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(from_numbers[i].data(), expected[i], 1e-12);
    EXPECT_EQ(from_values[i].data(), from_numbers[i].data());
  }
}

TEST(Mlp, gradients_are_the_slopes_of_its_output) {
  const MLP mlp(2, {8, 1}, {.hidden = Activation::tanh, .seed = 4});
  mlp({0.3, -0.7})[0].backward();
  for (const Value& parameter : mlp.parameters()) {
    constexpr double h = 1e-6;
    const double at = parameter.data();
    parameter.set_data(at + h);
    const double above = mlp({0.3, -0.7})[0].data();
    parameter.set_data(at - h);
    const double below = mlp({0.3, -0.7})[0].data();
    parameter.set_data(at);
    EXPECT_NEAR(parameter.grad(), (above - below) / (2 * h), 1e-8);
  }
}

TEST(Mlp, records_the_classic_scalar_graph_and_nothing_more) {
  const MLP mlp(2, {16, 16, 1});
  const std::vector<Value> x{1, 2};
  const std::map<std::string, std::size_t> expected{
      {"*", 16 * 2 + 16 * 16 + 16}, {"+", 16 * 2 + 16 * 16 + 16}, {"ReLU", 32}, {"", 337 + 2}};
  EXPECT_EQ(graph_shape::operations(mlp(x)[0]), expected);
  // All neurons of the first layer share one leaf for each plain number.
  EXPECT_EQ(graph_shape::operations(mlp({1.0, 2.0})[0]), expected);
}

TEST(Mlp, parameters_were_created_one_after_the_other) {
  EXPECT_TRUE(graph_shape::consecutive(MLP(2, {5, 3, 1}).parameters()));
}

TEST(Mlp, the_seed_alone_decides_the_weights) {
  const auto weights = [](std::uint64_t seed) {
    std::vector<double> numbers;
    for (const Value& parameter : MLP(4, {6, 2}, {.seed = seed}).parameters()) {
      numbers.push_back(parameter.data());
    }
    return numbers;
  };
  EXPECT_EQ(weights(7), weights(7));
  EXPECT_NE(weights(7), weights(8));
}

TEST(Mlp, he_initialisation_follows_each_layers_own_width) {
  const MLP mlp(200, {100, 50}, {.initialiser = Initialiser::he, .seed = 2});
  const auto variance = [](const Layer& layer) {
    double squares = 0;
    std::size_t count = 0;
    for (const Neuron& neuron : layer.neurons()) {
      const std::vector<Value> parameters = neuron.parameters();
      EXPECT_EQ(parameters.back().data(), 0);
      for (std::size_t i = 0; i + 1 < parameters.size(); ++i, ++count) {
        squares += parameters[i].data() * parameters[i].data();
      }
    }
    return squares / static_cast<double>(count);
  };
  EXPECT_NEAR(variance(mlp.layers()[0]), 2.0 / 200, 0.0005);
  EXPECT_NEAR(variance(mlp.layers()[1]), 2.0 / 100, 0.002);
}

TEST(Mlp, xavier_initialisation_looks_at_both_widths_of_each_layer) {
  const MLP mlp(150, {50, 250}, {.initialiser = Initialiser::xavier, .seed = 2});
  const auto largest = [](const Layer& layer) {
    double result = 0;
    for (const Value& parameter : layer.parameters()) result = std::max(result, std::abs(parameter.data()));
    return result;
  };
  EXPECT_LT(largest(mlp.layers()[0]), std::sqrt(6.0 / 200));
  EXPECT_GT(largest(mlp.layers()[0]), 0.99 * std::sqrt(6.0 / 200));
  EXPECT_LT(largest(mlp.layers()[1]), std::sqrt(6.0 / 300));
  EXPECT_GT(largest(mlp.layers()[1]), 0.99 * std::sqrt(6.0 / 300));
}

TEST(Mlp, zero_grad_reaches_every_layer) {
  const MLP mlp(2, {4, 1});
  mlp({1.0, 2.0})[0].backward();
  const std::vector<Value> parameters = mlp.parameters();
  EXPECT_TRUE(
      std::any_of(parameters.begin(), parameters.end(), [](const Value& p) { return p.grad() != 0; }));
  mlp.zero_grad();
  EXPECT_TRUE(
      std::all_of(parameters.begin(), parameters.end(), [](const Value& p) { return p.grad() == 0; }));
}

TEST(Mlp, the_wrong_number_of_inputs_is_a_usage_error_that_shows_both_numbers) {
  const MLP mlp(2, {3, 1});
  EXPECT_EQ(message_of([&] { mlp({1.0}); }), "MLP: wrong number of inputs (got 1, expected 2)");
  EXPECT_EQ(message_of([&] { mlp(std::vector<Value>(5)); }),
            "MLP: wrong number of inputs (got 5, expected 2)");
  EXPECT_EQ(message_of([&] { mlp.layers()[1]({1.0, 2.0}); }),
            "Layer: wrong number of inputs (got 2, expected 3)");
}

TEST(Mlp, a_net_without_layers_neurons_or_inputs_is_a_usage_error) {
  EXPECT_EQ(message_of([] { MLP(2, {}); }),
            "MLP: it needs layers (got 0 widths, expected 1 or more); for one: MLP(2, {16, 1})");
  EXPECT_EQ(message_of([] { MLP(2, {3, 0, 1}); }),
            "Layer: it needs neurons (got 0 outputs, expected 1 or more)");
  EXPECT_THROW(MLP(0, {3, 1}), UsageError);
}

TEST(Layer, gives_the_outputs_of_its_neurons_in_order) {
  Random random(9);
  const Layer layer(2, 3, random, Activation::linear);
  const std::vector<Value> out = layer({0.25, -4.0});
  ASSERT_EQ(out.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(out[i].data(), layer.neurons()[i]({0.25, -4.0}).data());
}

TEST(Layer, prints_its_neurons) {
  Random random(9);
  std::ostringstream out;
  out << Layer(2, 2, random);
  EXPECT_EQ(out.str(), "Layer of [ReLUNeuron(2), ReLUNeuron(2)]");
}

}  // namespace
}  // namespace micrograd
