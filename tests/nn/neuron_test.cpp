// A neuron computes what it says, records no more than it must, and rejects what it cannot look at.
#include <micrograd/nn/neuron.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include "../engine/helpers.hpp"
#include "graph_shape.hpp"

namespace micrograd {
namespace {

using testing::message_of;

using Counts = std::map<std::string, std::size_t>;

Neuron neuron_of(std::size_t inputs, Activation activation) {
  Random random(3);
  return Neuron(inputs, random, activation);
}

/// Sets the parameters: weights, then bias.
void set_parameters(const Module& module, const std::vector<double>& numbers) {
  const std::vector<Value> parameters = module.parameters();
  ASSERT_EQ(parameters.size(), numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) parameters[i].set_data(numbers[i]);
}

TEST(Neuron, computes_the_weighted_sum_plus_bias_and_its_gradients) {
  const Neuron neuron = neuron_of(3, Activation::linear);
  set_parameters(neuron, {2, -3, 0.5, 10});
  const std::vector<Value> x{1, 4, -8};
  const Value y = neuron(x);
  EXPECT_EQ(y.data(), 2 * 1 - 3 * 4 + 0.5 * -8 + 10);
  y.backward();
  const std::vector<Value> parameters = neuron.parameters();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(parameters[i].grad(), x[i].data());
    EXPECT_EQ(x[i].grad(), parameters[i].data());
  }
  EXPECT_EQ(parameters[3].grad(), 1);
}

TEST(Neuron, applies_its_activation) {
  const Neuron neuron = neuron_of(1, Activation::tanh);
  set_parameters(neuron, {2, 1});
  EXPECT_DOUBLE_EQ(neuron({0.5}).data(), std::tanh(2.0));
  const Neuron closed = neuron_of(1, Activation::relu);
  set_parameters(closed, {2, 1});
  EXPECT_EQ(closed({-3.0}).data(), 0);
  EXPECT_EQ(closed({3.0}).data(), 7);
}

TEST(Neuron, gives_the_same_for_values_numbers_and_lists_of_either) {
  const Neuron neuron = neuron_of(2, Activation::relu);
  set_parameters(neuron, {0.3, 0.7, 0.1});
  const double expected = 0.3 * 1.5 + 0.7 * 2.5 + 0.1;
  const Value a = 1.5, b = 2.5;
  EXPECT_EQ(neuron(std::vector<Value>{a, b}).data(), expected);
  EXPECT_EQ(neuron(std::array<Value, 2>{a, b}).data(), expected);
  EXPECT_EQ(neuron(std::vector<double>{1.5, 2.5}).data(), expected);
  EXPECT_EQ(neuron({a, b}).data(), expected);
  EXPECT_EQ(neuron({a, 2.5}).data(), expected);
  EXPECT_EQ(neuron({1.5, 2.5}).data(), expected);
}

TEST(Neuron, records_one_multiplication_and_one_addition_an_input) {
  for (const std::size_t inputs : {1, 2, 7}) {
    const Neuron neuron = neuron_of(inputs, Activation::linear);
    std::vector<Value> distinct;
    for (std::size_t i = 0; i < inputs; ++i) distinct.emplace_back(1.0 + static_cast<double>(i));
    const Counts expected{{"*", inputs}, {"+", inputs}, {"", 2 * inputs + 1}};
    EXPECT_EQ(graph_shape::operations(neuron(distinct)), expected);
  }
}

TEST(Neuron, an_activation_is_one_node_more) {
  const Counts expected{{"*", 2}, {"+", 2}, {"ReLU", 1}, {"", 5}};
  const std::vector<Value> x{1, 2};
  EXPECT_EQ(graph_shape::operations(neuron_of(2, Activation::relu)(x)), expected);
}

TEST(Neuron, the_sum_runs_from_the_first_product_to_the_bias) {
  const Neuron neuron = neuron_of(2, Activation::linear);
  const std::vector<Value> parameters = neuron.parameters();
  const std::vector<Value> x{1, 2};
  const Value out = neuron(x);
  ASSERT_EQ(out.op(), "+");
  EXPECT_TRUE(same_node(out.prev()[1], parameters[2]));
  const Value products = out.prev()[0];
  ASSERT_EQ(products.op(), "+");
  for (std::size_t i = 0; i < 2; ++i) {
    const Value product = products.prev()[i];
    ASSERT_EQ(product.op(), "*");
    EXPECT_TRUE(same_node(product.prev()[0], parameters[i]));
    EXPECT_TRUE(same_node(product.prev()[1], x[i]));
  }
}

TEST(Neuron, plain_numbers_enter_as_leaves) {
  const Value out = neuron_of(1, Activation::linear)({2.0});
  const Value product = out.prev()[0];
  ASSERT_EQ(product.prev().size(), 2U);
  EXPECT_EQ(product.prev()[1].op(), "");
  EXPECT_EQ(product.prev()[1].data(), 2);
}

TEST(Neuron, lists_its_weights_then_its_bias_created_in_that_order) {
  const Neuron neuron = neuron_of(3, Activation::relu);
  const std::vector<Value> parameters = neuron.parameters();
  ASSERT_EQ(parameters.size(), 4U);
  Random random(3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(parameters[i].data(), random.uniform(-1, 1));
  EXPECT_EQ(parameters[3].data(), 0);
  EXPECT_TRUE(graph_shape::consecutive(parameters));
}

TEST(Neuron, a_copy_shares_its_parameters) {
  const Neuron neuron = neuron_of(2, Activation::relu);
  const Neuron copy = neuron;
  copy.parameters()[0].set_data(5);
  EXPECT_EQ(neuron.parameters()[0].data(), 5);
}

TEST(Neuron, zero_grad_clears_every_parameter) {
  const Neuron neuron = neuron_of(2, Activation::linear);
  neuron({3.0, 4.0}).backward();
  EXPECT_EQ(neuron.parameters()[1].grad(), 4);
  neuron.zero_grad();
  for (const Value& parameter : neuron.parameters()) EXPECT_EQ(parameter.grad(), 0);
}

TEST(Neuron, the_wrong_number_of_inputs_is_a_usage_error_that_shows_both_numbers) {
  const Neuron neuron = neuron_of(2, Activation::relu);
  try {
    neuron({1.0, 2.0, 3.0});
    FAIL() << "three inputs were accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(), "Neuron: wrong number of inputs (got 3, expected 2)");
  }
  EXPECT_THROW(neuron(std::vector<Value>{}), UsageError);
  EXPECT_THROW(neuron_of(0, Activation::relu), UsageError);
}

TEST(Neuron, prints_its_activation_and_width) {
  std::ostringstream out;
  out << neuron_of(2, Activation::relu) << ' ' << neuron_of(16, Activation::linear) << ' '
      << neuron_of(3, Activation::tanh);
  EXPECT_EQ(out.str(), "ReLUNeuron(2) LinearNeuron(16) TanhNeuron(3)");
}

TEST(Activation, each_has_a_name_of_its_own_and_at_most_one_node) {
  std::map<std::string_view, int> names;
  for (const Activation activation : activations()) {
    ++names[name(activation)];
    const Value x = 0.5;
    const Value y = activate(activation, x);
    if (activation == Activation::linear) {
      EXPECT_TRUE(same_node(x, y));
    } else {
      const std::vector<Value> operands = y.prev();
      EXPECT_TRUE(same_node(operands[0], x)) << name(activation);
      for (std::size_t i = 1; i < operands.size(); ++i) EXPECT_EQ(operands[i].label(), "Cons");
    }
  }
  EXPECT_EQ(names.size(), activations().size());
}

TEST(Activation, computes_the_function_of_its_name) {
  const double x = 0.5, s = 1 / (1 + std::exp(-x));
  const std::map<Activation, double> expected{
      {Activation::linear, x},
      {Activation::relu, x},
      {Activation::tanh, std::tanh(x)},
      {Activation::sigmoid, s},
      {Activation::softplus, std::log1p(std::exp(x))},
      {Activation::gelu, x * 0.5 * (1 + std::erf(x / std::sqrt(2.0)))},
      {Activation::silu, x * s},
      {Activation::leaky_relu, x},
      {Activation::elu, x},
  };
  EXPECT_EQ(expected.size(), activations().size());
  for (const auto& [activation, y] : expected) {
    EXPECT_NEAR(activate(activation, x).data(), y, 1e-15) << name(activation);
  }
  EXPECT_EQ(activate(Activation::relu, -x).data(), 0);
  EXPECT_EQ(activate(Activation::leaky_relu, -x).data(), 0.01 * -x);
  EXPECT_EQ(activate(Activation::elu, -x).data(), std::expm1(-x));
}

TEST(Activation, is_found_by_its_name_in_upper_or_lower_case) {
  for (const Activation activation : activations()) {
    EXPECT_EQ(activation_named(name(activation)), activation);
  }
  EXPECT_EQ(activation_named("tanh"), Activation::tanh);
  EXPECT_EQ(activation_named("RELU"), Activation::relu);
  EXPECT_EQ(message_of([] { activation_named("tan"); }),
            "activation_named: there is no such activation (got 'tan', expected one of linear, relu, tanh, "
            "sigmoid, softplus, gelu, silu, leakyrelu, elu)");
  EXPECT_THROW(activation_named(""), UsageError);
  EXPECT_THROW(activation_named("tanh "), UsageError);
}

TEST(Initialiser, is_found_by_its_name_in_upper_or_lower_case) {
  EXPECT_EQ(initialisers().size(), 4U);
  for (const Initialiser initialiser : initialisers()) {
    EXPECT_EQ(initialiser_named(name(initialiser)), initialiser);
  }
  EXPECT_EQ(initialiser_named("He"), Initialiser::he);
  EXPECT_EQ(
      message_of([] { initialiser_named("zero"); }),
      "initialiser_named: there is no such initialiser (got 'zero', expected one of uniform, he, xavier, "
      "xavier_normal)");
}

TEST(Initialiser, xavier_weights_have_variance_two_over_both_widths) {
  for (const Initialiser initialiser : {Initialiser::xavier, Initialiser::xavier_normal}) {
    Random random(5);
    double sum = 0, squares = 0, largest = 0;
    constexpr int n = 100'000;
    for (int i = 0; i < n; ++i) {
      const double weight = draw_weight(initialiser, 50, random, 30);
      sum += weight;
      squares += weight * weight;
      largest = std::max(largest, std::abs(weight));
    }
    EXPECT_NEAR(sum / n, 0, 0.003);
    EXPECT_NEAR(squares / n, 2.0 / 80, 0.0007);
    EXPECT_EQ(largest <= std::sqrt(6.0 / 80), initialiser == Initialiser::xavier);
  }
}

TEST(Neuron, names_its_weights_by_position) {
  const std::vector<NamedParameter> named = neuron_of(2, Activation::relu).named_parameters();
  ASSERT_EQ(named.size(), 3U);
  EXPECT_EQ(named[0].name, "weights.0");
  EXPECT_EQ(named[1].name, "weights.1");
  EXPECT_EQ(named[2].name, "bias");
}

TEST(Initialiser, uniform_weights_lie_between_minus_one_and_one) {
  Random random(5);
  double lowest = 1, highest = -1;
  for (int i = 0; i < 1000; ++i) {
    const double weight = draw_weight(Initialiser::uniform, 100, random);
    lowest = std::min(lowest, weight);
    highest = std::max(highest, weight);
  }
  EXPECT_GE(lowest, -1);
  EXPECT_LT(lowest, -0.98);
  EXPECT_LT(highest, 1);
  EXPECT_GT(highest, 0.98);
}

TEST(Initialiser, he_weights_have_variance_two_over_the_inputs) {
  Random random(5);
  double sum = 0, squares = 0;
  constexpr int n = 100'000;
  for (int i = 0; i < n; ++i) {
    const double weight = draw_weight(Initialiser::he, 50, random);
    sum += weight;
    squares += weight * weight;
  }
  EXPECT_NEAR(sum / n, 0, 0.003);
  EXPECT_NEAR(squares / n, 2.0 / 50, 0.001);
}

}  // namespace
}  // namespace micrograd
