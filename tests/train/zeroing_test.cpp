// What a training loop computes that never zeroes its gradients, and what one that adds them up on purpose.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <micrograd/engine/reductions.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/optimiser.hpp>
#include "hurry.hpp"

namespace micrograd {
namespace {

/// The task: two moons, and a net to tell them apart.
Dataset moons() { return make_moons(in_a_hurry() ? 20 : 100, 0.1, 1); }
MLP new_net() {
  const std::size_t width = in_a_hurry() ? 6 : 16;
  return MLP(2, {width, width, 1});
}

Value mean_hinge(const MLP& net, const Dataset& data, std::size_t first, std::size_t count) {
  std::vector<Value> losses;
  for (std::size_t i = first; i < first + count; ++i) {
    losses.push_back(hinge(net(data.row(i))[0], data.labels[i] == 1 ? 1 : -1));
  }
  return mean(losses);
}

std::vector<double> losses_of(const SGDOptions& options, bool zeroing, int steps) {
  const Dataset data = moons();
  const MLP net = new_net();
  SGD sgd(net.parameters(), options);
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    const Value loss = mean_hinge(net, data, 0, data.rows());
    losses.push_back(loss.data());
    if (zeroing) sgd.zero_grad();
    loss.backward();
    sgd.step();
  }
  return losses;
}

double largest_relative_difference(const std::vector<double>& ours, const std::vector<double>& theirs) {
  double largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    largest = std::max(largest, std::abs(ours[i] - theirs[i]) / std::abs(theirs[i]));
  }
  return largest;
}

TEST(Zeroing, never_zeroing_is_sgd_with_momentum_1) {
  for (const double rate : {0.01, 0.1}) {
    const std::vector<double> never = losses_of({.learning_rate = rate}, false, 20);
    const std::vector<double> momentum = losses_of({.learning_rate = rate, .momentum = 1}, true, 20);
    ASSERT_EQ(never.size(), momentum.size());
    EXPECT_LT(largest_relative_difference(never, momentum), 1e-9) << "rate " << rate;
    // Nothing less is: neither plain SGD nor a momentum that is close to 1.
    EXPECT_GT(largest_relative_difference(never, losses_of({.learning_rate = rate}, true, 20)), 1e-2);
    EXPECT_GT(
        largest_relative_difference(never, losses_of({.learning_rate = rate, .momentum = 0.99}, true, 20)),
        1e-4);
  }
}

TEST(Zeroing, micro_batches_add_up_to_the_gradient_of_one_batch) {
  const Dataset data = moons();
  const MLP net = new_net();
  net.zero_grad();
  mean_hinge(net, data, 0, data.rows()).backward();
  std::vector<double> whole;
  for (const Value& p : net.parameters()) whole.push_back(p.grad());
  net.zero_grad();
  const std::size_t quarter = data.rows() / 4;
  for (std::size_t first = 0; first < data.rows(); first += quarter) {
    (mean_hinge(net, data, first, quarter) / 4).backward();
  }
  const std::vector<Value> parameters = net.parameters();
  ASSERT_EQ(parameters.size(), whole.size());
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(parameters[i].grad(), whole[i], 1e-12) << i;
}

}  // namespace
}  // namespace micrograd
