// The two moons have the shape they are known for, and the classic net learns them.
#include <micrograd/train/moons.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/accuracy.hpp>
#include <micrograd/train/optimiser.hpp>
#include "hurry.hpp"

namespace micrograd {
namespace {

TEST(Moons, without_noise_lie_on_two_half_circles) {
  const Dataset data = make_moons(101, 0, 3);
  ASSERT_EQ(data.rows(), 101U);
  ASSERT_EQ(data.columns, 2U);
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const double x = data.row(i)[0], y = data.row(i)[1];
    if (data.labels[i] == 0) {
      EXPECT_NEAR(std::hypot(x, y), 1, 1e-12);
      EXPECT_GE(y, -1e-12);
    } else {
      ASSERT_EQ(data.labels[i], 1U);
      EXPECT_NEAR(std::hypot(x - 1, y - 0.5), 1, 1e-12);
      EXPECT_LE(y, 0.5 + 1e-12);
    }
  }
  EXPECT_EQ(std::count(data.labels.begin(), data.labels.end(), 0U), 50);
}

TEST(Moons, are_evenly_spaced_from_tip_to_tip) {
  const Dataset data = make_moons(10, 0, 3);
  std::vector<double> upper;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if (data.labels[i] == 0) upper.push_back(data.row(i)[0]);
  }
  std::sort(upper.begin(), upper.end());
  ASSERT_EQ(upper.size(), 5U);
  const double slanted = std::sqrt(0.5);
  const std::vector<double> expected{-1, -slanted, 0, slanted, 1};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(upper[i], expected[i], 1e-12);
}

TEST(Moons, come_in_an_order_that_does_not_give_the_label_away) {
  const Dataset data = make_moons(200, 0.1, 3);
  const auto early = std::count(data.labels.begin(), data.labels.begin() + 100, 1U);
  EXPECT_GT(early, 30);
  EXPECT_LT(early, 70);
}

TEST(Moons, noise_has_the_deviation_that_was_asked_for) {
  const Dataset data = make_moons(20'000, 0.1, 3);
  double squares = 0;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const double x = data.row(i)[0] - (data.labels[i] == 1 ? 1 : 0);
    const double y = data.row(i)[1] - (data.labels[i] == 1 ? 0.5 : 0);
    const double off_circle = std::hypot(x, y) - 1;
    squares += off_circle * off_circle;
  }
  EXPECT_NEAR(std::sqrt(squares / 20'000), 0.1, 0.003);
  EXPECT_THROW(make_moons(10, -0.1, 3), UsageError);
}

TEST(Moons, the_seed_alone_decides_the_points) {
  EXPECT_EQ(make_moons(50, 0.1, 1).values, make_moons(50, 0.1, 1).values);
  EXPECT_NE(make_moons(50, 0.1, 1).values, make_moons(50, 0.1, 2).values);
}

/// The original's demo: MLP(2, {16, 16, 1}), hinge loss and weight decay, 100 full-batch steps.
double accuracy_after_training(std::uint64_t seed) {
  const Dataset data = make_moons(100, 0.1, seed);
  const MLP net(2, {16, 16, 1}, {.seed = seed});
  const std::vector<Value> parameters = net.parameters();
  SGD sgd(parameters, 1.0);
  for (int k = 0; k < 100; ++k) {
    std::vector<Value> losses;
    for (std::size_t i = 0; i < data.rows(); ++i) {
      losses.push_back(hinge(net(data.row(i))[0], data.labels[i] == 1 ? 1 : -1));
    }
    const Value loss = mean(losses) + 1e-4 * dot(parameters, parameters);
    sgd.zero_grad();
    loss.backward();
    sgd.set_learning_rate(1.0 - 0.9 * k / 100);
    sgd.step();
  }
  return accuracy(net, data);
}

TEST(Moons, are_learnt_to_the_last_point_by_nine_of_ten_seeds) {
  if (in_a_hurry())
    GTEST_SKIP() << "too long for a checked build; Fit teaches a smaller net the moons instead";
  int perfect = 0;
  std::string accuracies;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const double share = accuracy_after_training(seed);
    if (share == 1) ++perfect;
    accuracies += ' ' + std::to_string(share);
  }
  EXPECT_GE(perfect, 9) << "accuracies:" << accuracies;
}

}  // namespace
}  // namespace micrograd
