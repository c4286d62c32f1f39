// What cannot be compiled is trained all the same, with graphs, and the trainer says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/fit.hpp>
#include "every_optimiser.hpp"
#include "has_compiler.hpp"
#include "numbered.hpp"

namespace micrograd {
namespace {

using testing::expect_near;
using ::testing::HasSubstr;
using testing::numbered;
using Outputs = std::span<const Value>;

/// A run of `model` and `loss` on `data` that is expected to be eager, because of `why`.
template <class Net>
void expect_eager(const Net& net, const Model& model, const Dataset& data, const Loss& loss,
                  const std::string& why) {
  SGD sgd(net.parameters(), 0.01);
  const std::vector<double> before = testing::numbers(net.parameters());
  Trainer trainer(model, data, sgd, loss, {.epochs = 2, .batch_size = 10});
  EXPECT_FALSE(trainer.compiled());
  EXPECT_THAT(trainer.how(), HasSubstr(testing::has_compiler ? why : "without the compiler"));
  fit(trainer);
  EXPECT_NE(testing::numbers(net.parameters()), before) << "it is trained all the same";
}

TEST(CompiledFallback, records_graphs_where_model_or_loss_cannot_be_compiled) {
  const MLP net(2, {4, 1}, {.seed = 1});
  const Dataset data = numbered(30, 1);
  const Loss squares = [](Outputs outputs, double target) { return squared_error(outputs[0], target); };

  expect_eager(
      net, [&](std::span<const double> row) { return net(row); }, data, squares, "takes plain numbers only");
  expect_eager(
      net, net, data,
      [](Outputs outputs, double target) {
        return outputs[0].data() > target ? outputs[0] - target : target - outputs[0];
      },
      "is being compiled");
  expect_eager(
      net, net, data, [](Outputs outputs, double target) { return squared_error(outputs[0], 2 * target); },
      "follows a plain number");
  expect_eager(
      net, net, data,
      [](Outputs outputs, double target) {
        return target > 0 ? squared_error(outputs[0], target) : absolute_error(outputs[0], target);
      },
      "other targets");
  expect_eager(
      net, net, data, [](Outputs outputs, double target) { return pow(abs(outputs[0]) + 1, target); },
      "follows a plain number");
  Random random(1);
  expect_eager(
      net,
      [&](Outputs row) {
        std::vector<Value> noisy(row.begin(), row.end());
        for (Value& x : noisy) x += random.normal(0, 0.01);
        return net(noisy);
      },
      data, squares, "");
}

TEST(CompiledFallback, goes_over_to_graphs_when_there_are_too_many_branches) {
  const Dataset data = numbered(200, 1);
  // A step function of many steps: each row takes a way of its own.
  const auto model = [](const MLP& net) {
    return [net](Outputs row) {
      std::vector<Value> outputs = net(row);
      for (double edge = -2; edge < 2; edge += 0.05) {
        if (row[0] < edge) outputs[0] += 0.01;
      }
      return outputs;
    };
  };
  const Loss loss = [](Outputs outputs, double target) { return squared_error(outputs[0], target); };
  std::vector<std::vector<double>> parameters;
  for (const bool eager : {true, false}) {
    const MLP net(2, {4, 1}, {.seed = 1});
    SGD sgd(net.parameters(), 0.05);
    Trainer trainer(model(net), data, sgd, loss, {.epochs = 2, .batch_size = 10, .eager = eager});
    EXPECT_EQ(trainer.compiled(), testing::has_compiler && !eager);
    fit(trainer);
    EXPECT_FALSE(trainer.compiled());
    parameters.push_back(testing::numbers(net.parameters()));
  }
  expect_near(parameters[1], parameters[0], 1e-9);
}

TEST(CompiledFallback, follows_branches_that_are_few) {
  const Dataset data = numbered(100, 1);
  const Loss loss = [](Outputs outputs, double target) {
    const Value error = outputs[0] - target;
    return error < 0 ? -2 * error : error * error;
  };
  std::vector<std::vector<double>> parameters;
  for (const bool eager : {true, false}) {
    const MLP net(2, {4, 1}, {.seed = 1});
    SGD sgd(net.parameters(), 0.05);
    Trainer trainer(net, data, sgd, loss, {.epochs = 3, .batch_size = 10, .eager = eager});
    fit(trainer);
    EXPECT_EQ(trainer.compiled(), testing::has_compiler && !eager);
    EXPECT_EQ(trainer.how() == "2 programs for 10 rows at a time", trainer.compiled());
    parameters.push_back(testing::numbers(net.parameters()));
  }
  expect_near(parameters[1], parameters[0], 1e-9);
}

}  // namespace
}  // namespace micrograd
