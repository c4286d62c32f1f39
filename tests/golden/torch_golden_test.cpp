// Activations, losses and small nets against PyTorch in double: torch_golden.csv, written by
// make_torch_golden.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <micrograd/nn/activation.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>

#include "golden_case.hpp"

namespace micrograd {
namespace {

using testing::Case;
using testing::expect_near;
using testing::gradients;
using testing::leaves;

const testing::Cases& torch_cases() {
  static const testing::Cases all = testing::golden_cases("torch_golden.csv");
  return all;
}

std::vector<double> numbers_of(const std::vector<Value>& values) {
  std::vector<double> numbers;
  for (const Value& value : values) numbers.push_back(value.data());
  return numbers;
}

TEST(TorchGolden, every_activation_and_its_gradient_are_those_of_pytorch) {
  for (const Activation activation : activations()) {
    const std::string name = "activation " + std::string(micrograd::name(activation));
    ASSERT_TRUE(torch_cases().contains(name))
        << name << " is not in torch_golden.csv: add it to make_torch_golden.py";
    const Case& golden = torch_cases().at(name);
    const std::vector<Value> x = leaves(golden.at("input"));
    std::vector<Value> y;
    for (const Value& input : x) y.push_back(activate(activation, input));
    for (const Value& output : y) output.backward();
    expect_near(numbers_of(y), golden.at("output"), name + " output");
    expect_near(gradients(x), golden.at("gradient"), name + " gradient");
  }
}

TEST(TorchGolden, cross_entropy_and_its_gradient_are_those_of_pytorch) {
  std::size_t compared = 0;
  for (const auto& [name, golden] : torch_cases()) {
    if (!name.starts_with("cross_entropy")) continue;
    const std::vector<Value> logits = leaves(golden.at("input"));
    const Value loss = cross_entropy(logits, static_cast<std::size_t>(golden.at("label").at(0)));
    loss.backward();
    double largest = 1.0;  // the loss is a difference of numbers as large as the logits
    for (const Value& logit : logits) largest = std::max(largest, std::abs(logit.data()));
    expect_near({loss.data()}, golden.at("loss"), name + " loss", largest);
    expect_near(gradients(logits), golden.at("gradient"), name + " gradient");
    ++compared;
  }
  EXPECT_GT(compared, 0U);
}

TEST(TorchGolden, hinge_and_its_gradient_are_those_of_pytorch) {
  const Case& golden = torch_cases().at("hinge");
  const std::vector<Value> scores = leaves(golden.at("input"));
  const Value loss = hinge(scores, golden.at("target"));
  loss.backward();
  expect_near({loss.data()}, golden.at("loss"), "loss");
  expect_near(gradients(scores), golden.at("gradient"), "gradient");
}

TEST(TorchGolden, a_net_with_the_same_weights_has_the_outputs_and_gradients_of_pytorch) {
  for (const Activation activation : activations()) {
    const std::string name = "mlp " + std::string(micrograd::name(activation));
    ASSERT_TRUE(torch_cases().contains(name))
        << name << " is not in torch_golden.csv: add it to make_torch_golden.py";
    const Case& golden = torch_cases().at(name);
    const MLP net(3, {4, 3, 2}, {.hidden = activation});
    const std::vector<Value> parameters = net.parameters();
    const std::vector<double>& weights = golden.at("parameter");
    ASSERT_EQ(parameters.size(), weights.size());
    for (std::size_t i = 0; i < weights.size(); ++i) parameters[i].set_data(weights[i]);
    const std::vector<Value> x = leaves(golden.at("input"));
    const std::vector<Value> outputs = net(x);
    const Value loss = cross_entropy(outputs, 1);
    loss.backward();
    expect_near(numbers_of(outputs), golden.at("output"), name + " output");
    expect_near({loss.data()}, golden.at("loss"), name + " loss");
    expect_near(gradients(parameters), golden.at("gradient"), name + " gradient");
    expect_near(gradients(x), golden.at("input_gradient"), name + " gradient of input");
  }
}

}  // namespace
}  // namespace micrograd
