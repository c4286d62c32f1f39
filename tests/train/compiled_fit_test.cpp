// Training through compiled programs goes as training with recorded graphs does, to rounding.
#include <micrograd/train/trainer.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/blobs.hpp>
#include <micrograd/train/fit.hpp>
#include <micrograd/train/moons.hpp>
#include "every_optimiser.hpp"
#include "has_compiler.hpp"
#include "numbered.hpp"

namespace micrograd {
namespace {

using testing::expect_near;
using testing::numbered;
using Outputs = std::span<const Value>;

/// What a run is made of; each run makes a net and an optimiser of its own.
struct Recipe {
  Dataset train = make_moons(45, 0.1, 1);
  Dataset held_out = make_moons(17, 0.1, 2);
  std::vector<std::size_t> widths{6, 4, 2};
  MLPOptions net{.seed = 3};
  Loss loss = cross_entropy;
  testing::Make optimiser = [](const auto& groups) { return std::make_unique<Adam>(groups); };
  double rate = 0.02;
  FitOptions options{.epochs = 4, .batch_size = 8};
  bool freezes_a_layer = false;
};

struct Outcome {
  std::vector<double> losses;  ///< of each step, and after each epoch of the held-out rows
  std::vector<double> parameters;
  std::vector<std::uint64_t> random;
  bool compiled = false;
  std::string how;
};

Outcome train(const Recipe& recipe, bool eager, Precision precision = Precision::float64) {
  const MLP net(recipe.train.columns, recipe.widths, recipe.net);
  const auto optimiser = recipe.optimiser({{.parameters = net.parameters()}});
  optimiser->set_learning_rate(recipe.rate);
  if (recipe.freezes_a_layer) optimiser->freeze(net.layers()[0].parameters());
  FitOptions options = recipe.options;
  options.eager = eager;
  options.precision = precision;
  Trainer trainer(net, recipe.train, *optimiser, recipe.loss, options, &recipe.held_out);
  Outcome outcome;
  fit(
      trainer,
      [&](const Epoch& epoch) {
        outcome.losses.push_back(epoch.held_out->loss);
        if (!std::isnan(epoch.held_out->accuracy)) outcome.losses.push_back(epoch.held_out->accuracy);
      },
      [&](const Step& step) { outcome.losses.push_back(step.loss); });
  outcome.parameters = testing::numbers(net.parameters());
  outcome.random = net.dropout_random().state();
  outcome.compiled = trainer.compiled();
  outcome.how = trainer.how();
  return outcome;
}

void expect_same_training(const Recipe& recipe) {
  const Outcome eager = train(recipe, true);
  const Outcome compiled = train(recipe, false);
  EXPECT_FALSE(eager.compiled);
  EXPECT_EQ(compiled.compiled, testing::has_compiler) << compiled.how;
  expect_near(compiled.losses, eager.losses, 1e-9);
  expect_near(compiled.parameters, eager.parameters, 1e-8);
  EXPECT_EQ(compiled.random, eager.random);
}

TEST(CompiledFit, goes_as_eager_code_does_with_every_optimiser) {
  for (const auto& [name, make] : testing::every_optimiser()) {
    SCOPED_TRACE(name);
    Recipe recipe;
    recipe.optimiser = make;
    recipe.rate = name.starts_with("SGD") ? 0.05 : 0.005;
    expect_same_training(recipe);
  }
}

TEST(CompiledFit, leaves_out_what_eager_code_leaves_out) {
  Recipe recipe;
  recipe.widths = {12, 8, 2};
  recipe.net.dropout = 0.3;
  expect_same_training(recipe);
  recipe.options.accumulate = 3;
  expect_same_training(recipe);
}

TEST(CompiledFit, takes_weights_penalties_limits_and_uneven_batches_as_eager_code_does) {
  Recipe recipe;
  recipe.options = {.epochs = 3,
                    .batch_size = 7,
                    .accumulate = 3,
                    .clip_value = 0.2,
                    .clip_norm = 0.3,
                    .l1 = 1e-3,
                    .l2 = 1e-2,
                    .class_weights = {0.5, 3}};
  expect_same_training(recipe);
}

TEST(CompiledFit, leaves_frozen_parameters_as_they_are) {
  Recipe recipe;
  recipe.freezes_a_layer = true;
  expect_same_training(recipe);
}

TEST(CompiledFit, follows_every_loss_for_classes) {
  Recipe recipe;
  recipe.loss = multiclass_hinge;
  expect_same_training(recipe);
  recipe.widths = {6, 1};
  recipe.loss = [](Outputs outputs, std::size_t label) { return hinge(outputs[0], label == 1 ? 1 : -1); };
  expect_same_training(recipe);
  recipe.loss = [](Outputs outputs, std::size_t label) {
    return binary_cross_entropy(outputs[0], static_cast<double>(label), {.positive_weight = 2});
  };
  expect_same_training(recipe);
  recipe.train = make_blobs(60, 0.5, 1, 4);
  recipe.held_out = make_blobs(20, 0.5, 2, 4);
  recipe.widths = {5, 4};
  recipe.loss = cross_entropy;
  expect_same_training(recipe);
}

TEST(CompiledFit, follows_every_loss_for_numbers) {
  Recipe recipe;
  recipe.train = numbered(50, 1);
  recipe.held_out = numbered(20, 2);
  recipe.widths = {8, 1};
  const std::vector<Loss> losses{
      [](Outputs outputs, double target) { return squared_error(outputs[0], target); },
      [](Outputs outputs, double target) { return absolute_error(outputs[0], target); },
      [](Outputs outputs, double target) { return huber(outputs[0], target, 0.3); },
      [](Outputs outputs, double target) { return mse(outputs, std::vector<double>{target}); },
      [](Outputs outputs, double target) { return pow(-target + 2 * outputs[0], 2) / 3; }};
  for (std::size_t i = 0; i < losses.size(); ++i) {
    SCOPED_TRACE(i);
    recipe.loss = losses[i];
    expect_same_training(recipe);
  }
}

/// An optimiser that knows parameters only.
class Nudge final : public Optimiser {
 public:
  explicit Nudge(std::vector<Value> parameters) : Optimiser(std::move(parameters), 0.05) {}
  void step() override {
    for (const Value& parameter : parameters()) {
      parameter.set_data(parameter.data() - learning_rate() * parameter.grad());
    }
  }
};

TEST(CompiledFit, works_with_optimisers_that_move_parameters_themselves) {
  Recipe recipe;
  recipe.optimiser = [](const auto& groups) { return std::make_unique<Nudge>(groups[0].parameters); };
  expect_same_training(recipe);
}

TEST(CompiledFit, takes_parameters_as_they_are_set_between_steps) {
  const Dataset data = make_moons(40, 0.1, 1);
  std::vector<std::vector<double>> parameters;
  for (const bool eager : {true, false}) {
    const MLP net(2, {4, 2}, {.seed = 1});
    Adam adam(net.parameters());
    Trainer trainer(net, data, adam, cross_entropy, {.epochs = 2, .batch_size = 10, .eager = eager});
    fit(trainer, {}, [&](const Step& /*step*/) {
      const Value bias = net.layers()[1].neurons()[0].parameters().back();
      EXPECT_NE(bias.grad(), 0);
      bias.set_data(0.9 * bias.data() + 0.01);
    });
    parameters.push_back(testing::numbers(net.parameters()));
  }
  expect_near(parameters[1], parameters[0], 1e-9);
}

TEST(CompiledFit, may_run_ahead_of_the_parameters) {
  const Dataset data = make_moons(40, 0.1, 1);
  const MLP net(2, {4, 2}, {.seed = 1}), other(2, {4, 2}, {.seed = 1});
  Adam adam(net.parameters()), adam_of_other(other.parameters());
  Trainer ahead(net, data, adam, cross_entropy, {.epochs = 2, .batch_size = 10});
  Trainer settled(other, data, adam_of_other, cross_entropy, {.epochs = 2, .batch_size = 10});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ahead.step_ahead().loss, settled.step().loss);
  }
  ahead.settle();
  EXPECT_EQ(testing::numbers(net.parameters()), testing::numbers(other.parameters()));
  EXPECT_EQ(net.parameters()[0].grad(), other.parameters()[0].grad());
  ahead.step_ahead();
  settled.step();
  EXPECT_EQ(ahead.evaluate(data).loss, settled.evaluate(data).loss) << "settles too";
  EXPECT_EQ(testing::numbers(net.parameters()), testing::numbers(other.parameters()));
}

TEST(CompiledFit, in_single_precision_leaves_a_frozen_parameter_as_it_is) {
  const Dataset data = make_moons(40, 0.1, 1);
  const MLP net(2, {4, 2}, {.seed = 1});
  const Value bias = net.layers()[0].neurons()[0].parameters().back();
  bias.set_data(0.1);  // which no float is
  Adam adam(net.parameters());
  adam.freeze(std::vector{bias});
  const std::vector<double> before = testing::numbers(net.parameters());
  Trainer trainer(net, data, adam, cross_entropy,
                  {.epochs = 1, .batch_size = 10, .precision = Precision::float32});
  fit(trainer);
  EXPECT_EQ(bias.data(), 0.1);
  EXPECT_NE(testing::numbers(net.parameters()), before);
}

TEST(CompiledFit, in_single_precision_comes_close) {
  Recipe recipe;
  const Outcome eager = train(recipe, true);
  const Outcome compiled = train(recipe, false, Precision::float32);
  EXPECT_EQ(compiled.compiled, testing::has_compiler) << compiled.how;
  expect_near(compiled.losses, eager.losses, testing::has_compiler ? 2e-4 : 0);
  EXPECT_EQ(compiled.losses != eager.losses, testing::has_compiler);
}

TEST(CompiledFit, says_how_it_runs) {
  Recipe recipe;
  recipe.options.accumulate = 2;
  EXPECT_EQ(train(recipe, false).how, testing::has_compiler ? "1 program for 16 rows at a time"
                                                            : "this library was built without the compiler");
  EXPECT_EQ(train(recipe, true).how, "eager was asked for");
}

TEST(CompiledFit, gives_gradients_to_leaves_that_the_optimiser_leaves_alone) {
  const Dataset data = make_moons(20, 0.1, 1);
  std::vector<std::vector<double>> gradients;
  for (const bool eager : {true, false}) {
    const MLP net(2, {4, 2}, {.seed = 1});
    SGD sgd(net.layers()[1].parameters(), 0.05);
    Trainer trainer(net, data, sgd, cross_entropy, {.epochs = 1, .batch_size = 20, .eager = eager});
    EXPECT_EQ(trainer.compiled(), testing::has_compiler && !eager);
    trainer.step();
    std::vector<double>& here = gradients.emplace_back();
    for (const Value& parameter : net.parameters()) here.push_back(parameter.grad());
  }
  expect_near(gradients[1], gradients[0], 1e-9);
}

TEST(CompiledFit, sees_numbers_that_changed_between_epochs) {
  const Dataset data = make_moons(30, 0.1, 1);
  for (const Precision precision : {Precision::float64, Precision::float32}) {
    std::vector<std::vector<double>> losses;
    for (const bool eager : {true, false}) {
      const MLP net(2, {4, 2}, {.seed = 1, .dropout = 0.2});
      double temperature = 1;
      SGD sgd(net.parameters(), 0.05);
      const Model model = [net, &temperature](Outputs row) {
        std::vector<Value> outputs = net(row);
        for (Value& output : outputs) output = output / temperature;
        return outputs;
      };
      Trainer trainer(model, data, sgd, cross_entropy,
                      {.epochs = 6, .batch_size = 10, .eager = eager, .precision = precision}, &data);
      std::vector<double>& here = losses.emplace_back();
      net.train();
      fit(trainer, [&](const Epoch& epoch) {
        here.insert(here.end(), {epoch.loss, epoch.held_out->loss});
        temperature *= 0.8;
      });
      EXPECT_EQ(trainer.compiled(), testing::has_compiler && !eager) << trainer.how();
    }
    expect_near(losses[1], losses[0], precision == Precision::float64 ? 1e-9 : 1e-4);
  }
}

TEST(CompiledFit, judges_any_rows) {
  const Dataset data = make_moons(300, 0.1, 1);
  const MLP net(2, {8, 2}, {.seed = 1, .dropout = 0.2});
  SGD sgd(net.parameters(), 0.05);
  Trainer trainer(net, data, sgd, cross_entropy, {.epochs = 1, .class_weights = {1, 2}});
  fit(trainer);
  const std::vector<double> weights{1, 2};
  for (const std::size_t rows : {1U, 7U, 2500U}) {
    const Dataset others = make_moons(rows, 0.2, 5);
    const Evaluation found = trainer.evaluate(others);
    const Evaluation expected = evaluate(net, others, cross_entropy, weights);
    EXPECT_NEAR(found.loss, expected.loss, 1e-12 * expected.loss);
    EXPECT_EQ(found.accuracy, expected.accuracy);
  }
  const Dataset unknown{.columns = 2, .values = {0, 0}, .labels = {7}};
  EXPECT_THROW(static_cast<void>(trainer.evaluate(unknown)), UsageError);
  EXPECT_EQ(trainer.compiled(), testing::has_compiler);
}

}  // namespace
}  // namespace micrograd
