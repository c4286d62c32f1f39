// Losses, optimisers, schedules and clipping against PyTorch in double, and the seeded generator against an
// independent one: train_golden.csv, written by make_train_golden.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/random.hpp>
#include <micrograd/train/clip.hpp>
#include <micrograd/train/optimiser.hpp>
#include <micrograd/train/schedule.hpp>

#include "golden_case.hpp"

namespace micrograd {
namespace {

using testing::Case;
using testing::expect_near;
using testing::gradients;
using testing::leaves;

const testing::Cases& train_cases() {
  static const testing::Cases all = testing::golden_cases("train_golden.csv");
  return all;
}

/// Calls `check` for each case whose name begins with `kind`, with the rest of its name.
void for_each_case(const std::string& kind,
                   const std::function<void(const std::string&, const Case&)>& check) {
  std::size_t checked = 0;
  for (const auto& [name, golden] : train_cases()) {
    if (!name.starts_with(kind + ' ')) continue;
    SCOPED_TRACE(name);
    check(name.substr(kind.size() + 1), golden);
    ++checked;
  }
  EXPECT_GT(checked, 0U) << "no case of kind " << kind;
}

double option(const Case& golden, const std::string& name, double otherwise, std::size_t index = 0) {
  const auto found = golden.find(name);
  return found == golden.end() ? otherwise : found->second.at(index);
}

Value weighted_batch(const std::vector<Value>& logits, const Case& golden) {
  std::vector<Value> losses;
  std::vector<double> weights;
  for (std::size_t row = 0; row < golden.at("label").size(); ++row) {
    const auto label = static_cast<std::size_t>(golden.at("label")[row]);
    losses.push_back(cross_entropy(std::span(logits).subspan(4 * row, 4), label));
    weights.push_back(golden.at("weight").at(label));
  }
  return weighted_mean(losses, weights);
}

Value loss_named(const std::string& name, const std::vector<Value>& x, const Case& golden) {
  const auto label = static_cast<std::size_t>(option(golden, "label", 0));
  if (name == "weighted_batch") return weighted_batch(x, golden);
  if (name == "multiclass_hinge") return multiclass_hinge(x, label);
  if (name == "weighted_cross_entropy") return weighted_cross_entropy(x, label, golden.at("weight"));
  if (name == "soft_cross_entropy") return soft_cross_entropy(x, golden.at("target"));
  if (name == "binary_cross_entropy") {
    return binary_cross_entropy(
        x, golden.at("target"),
        {.weight = golden.at("weight").at(0), .positive_weight = golden.at("positive_weight").at(0)});
  }
  if (name == "mse") return mse(x, golden.at("target"));
  if (name == "mae") return mae(x, golden.at("target"));
  if (name == "huber") return huber(x, golden.at("target"), golden.at("delta").at(0));
  if (name == "l1") return l1(x);
  if (name == "l2") return l2(x);
  ADD_FAILURE() << "no loss is called " << name;
  return 0;
}

TEST(TrainGolden, every_loss_and_its_gradient_are_those_of_pytorch) {
  for_each_case("loss", [](const std::string& name, const Case& golden) {
    const std::vector<Value> x = leaves(golden.at("input"));
    const Value loss = loss_named(name.substr(0, name.find(' ')), x, golden);
    loss.backward();
    double largest = 1.0;  // a loss is a difference of numbers as large as its inputs
    for (const Value& input : x) largest = std::max(largest, std::abs(input.data()));
    expect_near({loss.data()}, golden.at("loss"), "loss", largest);
    expect_near(gradients(x), golden.at("gradient"), "gradient");
  });
}

std::vector<ParameterGroup> groups_of(const std::vector<Value>& parameters, const Case& golden) {
  if (!golden.contains("group_factor")) return {{.parameters = parameters}};
  std::vector<ParameterGroup> groups{{.parameters = {parameters.begin(), parameters.begin() + 2}},
                                     {.parameters = {parameters.begin() + 2, parameters.end()}}};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i].rate_factor = golden.at("group_factor").at(i);
    const double decay = golden.at("group_decay").at(i);
    if (decay >= 0) groups[i].weight_decay = decay;
  }
  return groups;
}

std::unique_ptr<Optimiser> optimiser_of(const std::string& kind, const std::vector<ParameterGroup>& groups,
                                        const Case& golden) {
  const auto of = [&](const char* name, double otherwise, std::size_t index = 0) {
    return option(golden, std::string("option_") + name, otherwise, index);
  };
  const double rate = of("lr", 0), momentum = of("momentum", 0), decay = of("weight_decay", 0);
  if (kind == "sgd") {
    return std::make_unique<SGD>(groups, SGDOptions{.learning_rate = rate,
                                                    .momentum = momentum,
                                                    .dampening = of("dampening", 0),
                                                    .nesterov = of("nesterov", 0) != 0,
                                                    .weight_decay = decay});
  }
  if (kind == "rmsprop") {
    return std::make_unique<RMSProp>(groups, RMSPropOptions{.learning_rate = rate,
                                                            .smoothing = of("alpha", 0.99),
                                                            .epsilon = of("eps", 1e-8),
                                                            .momentum = momentum,
                                                            .centred = of("centered", 0) != 0,
                                                            .weight_decay = decay});
  }
  const double beta1 = of("betas", 0.9, 0), beta2 = of("betas", 0.999, 1), epsilon = of("eps", 1e-8);
  if (kind == "adam") {
    return std::make_unique<Adam>(groups, AdamOptions{.learning_rate = rate,
                                                      .beta1 = beta1,
                                                      .beta2 = beta2,
                                                      .epsilon = epsilon,
                                                      .weight_decay = decay});
  }
  EXPECT_EQ(kind, "adamw");
  return std::make_unique<AdamW>(groups, AdamWOptions{.learning_rate = rate,
                                                      .beta1 = beta1,
                                                      .beta2 = beta2,
                                                      .epsilon = epsilon,
                                                      .weight_decay = of("weight_decay", 0.01)});
}

TEST(TrainGolden, every_optimiser_takes_the_steps_of_pytorch) {
  for_each_case("optimiser", [](const std::string& name, const Case& golden) {
    const std::vector<Value> parameters = leaves(train_cases().at("start").at("parameter"));
    const std::unique_ptr<Optimiser> optimiser =
        optimiser_of(name.substr(0, name.find(' ')), groups_of(parameters, golden), golden);
    const std::vector<double>& given = golden.at("gradient");
    std::vector<double> moved;
    double largest = 1.0;
    for (std::size_t step = 0; step * parameters.size() < given.size(); ++step) {
      if (golden.contains("rate")) optimiser->set_learning_rate(golden.at("rate").at(step));
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        parameters[i].set_grad(given[step * parameters.size() + i]);
      }
      optimiser->step();
      for (const Value& parameter : parameters) {
        moved.push_back(parameter.data());
        largest = std::max(largest, std::abs(parameter.data()));
      }
    }
    expect_near(moved, golden.at("moved"), "parameter", largest);
  });
}

TEST(TrainGolden, every_schedule_has_the_factors_of_pytorch) {
  for_each_case("schedule", [](const std::string& text, const Case& golden) {
    const Schedule schedule = parse_schedule(text);
    const auto total = static_cast<std::size_t>(golden.at("total").at(0));
    std::vector<double> factors;
    for (std::size_t step = 0; step <= total; ++step) factors.push_back(schedule.factor(step, total));
    expect_near(factors, golden.at("factor"), "factor");
  });
}

TEST(TrainGolden, gradients_are_clipped_as_by_pytorch) {
  for_each_case("clip", [](const std::string& name, const Case& golden) {
    const std::vector<Value> parameters(golden.at("gradient").size());
    for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].set_grad(golden.at("gradient")[i]);
    const double limit = golden.at("limit").at(0);
    const double norm = name.starts_with("norm") ? clip_by_norm(parameters, limit, golden.at("order").at(0))
                                                 : clip_by_value(parameters, limit);
    expect_near({norm}, golden.at("norm"), "norm");
    expect_near(gradients(parameters), golden.at("clipped"), "gradient");
  });
}

// Two halves of 32 bits, since the file's numbers are read as doubles.
std::vector<std::uint64_t> whole_numbers(const Case& golden, const std::string& name) {
  std::vector<std::uint64_t> numbers;
  for (std::size_t i = 0; i < golden.at(name + "_high").size(); ++i) {
    numbers.push_back(static_cast<std::uint64_t>(golden.at(name + "_high")[i]) << 32 |
                      static_cast<std::uint64_t>(golden.at(name + "_low").at(i)));
  }
  return numbers;
}

TEST(TrainGolden, the_generator_draws_what_an_independent_one_draws) {
  for_each_case("random", [](const std::string&, const Case& golden) {
    const auto seed = static_cast<std::uint64_t>(golden.at("seed").at(0));
    Random uniform(seed), interval(seed), normal(seed), below(seed), order(seed);
    for (const double x : golden.at("uniform")) EXPECT_EQ(uniform.uniform(), x);
    for (const double x : golden.at("interval")) EXPECT_EQ(interval.uniform(-2.5, 7), x);
    for (const double x : golden.at("normal")) EXPECT_NEAR(normal.normal(1.5, 0.25), x, 1e-14);
    const std::vector<std::uint64_t> bounds = whole_numbers(golden, "bound");
    std::size_t drawn = 0;
    for (const std::uint64_t x : whole_numbers(golden, "below")) {
      EXPECT_EQ(below.below(bounds[drawn++ % bounds.size()]), x);
    }
    std::vector<double> shuffled(golden.at("order").size());
    std::iota(shuffled.begin(), shuffled.end(), 0.0);
    order.shuffle(shuffled);
    EXPECT_EQ(shuffled, golden.at("order"));
  });
}

}  // namespace
}  // namespace micrograd
