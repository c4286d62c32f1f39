// Gradient clipping: norms without overflow, scaling all together, limits one by one.
#include <micrograd/train/clip.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <micrograd/error.hpp>
#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

using testing::infinity;

std::vector<Value> with_gradients(const std::vector<double>& gradients) {
  std::vector<Value> parameters;
  for (const double gradient : gradients) {
    parameters.emplace_back(1.0);
    parameters.back().set_grad(gradient);
  }
  return parameters;
}

std::vector<double> gradients(const std::vector<Value>& parameters) {
  std::vector<double> result;
  result.reserve(parameters.size());
  for (const Value& parameter : parameters) result.push_back(parameter.grad());
  return result;
}

TEST(GradientNorm, is_that_of_all_gradients_together) {
  const std::vector<Value> parameters = with_gradients({3, 0, -4});
  EXPECT_EQ(gradient_norm(parameters), 5);
  EXPECT_EQ(gradient_norm(parameters, 1), 7);
  EXPECT_EQ(gradient_norm(parameters, infinity), 4);
  EXPECT_EQ(gradient_norm(std::vector<Value>{}), 0);
  EXPECT_EQ(gradient_norm(with_gradients({0, 0})), 0);
}

TEST(GradientNorm, neither_overflows_nor_vanishes_on_the_way) {
  EXPECT_DOUBLE_EQ(gradient_norm(with_gradients({3e200, 4e200})), 5e200);
  EXPECT_DOUBLE_EQ(gradient_norm(with_gradients({3e-200, 4e-200})), 5e-200);
}

TEST(GradientNorm, of_what_is_not_finite_is_not_finite) {
  EXPECT_EQ(gradient_norm(with_gradients({1, -infinity})), infinity);
  EXPECT_TRUE(std::isnan(gradient_norm(with_gradients({infinity, std::nan(""), 1}))));
  EXPECT_THROW(gradient_norm(with_gradients({1}), 0), UsageError);
  EXPECT_THROW(gradient_norm(with_gradients({1}), std::nan("")), UsageError);
}

TEST(ClipByNorm, scales_all_gradients_together_and_tells_the_norm_they_had) {
  const std::vector<Value> parameters = with_gradients({3, -4});
  EXPECT_EQ(clip_by_norm(parameters, 1), 5);
  EXPECT_NEAR(parameters[0].grad(), 0.6, 1e-6);
  EXPECT_NEAR(parameters[1].grad(), -0.8, 1e-6);
  EXPECT_LE(gradient_norm(parameters), 1);
  EXPECT_EQ(parameters[0].data(), 1);
}

TEST(ClipByNorm, leaves_gradients_alone_that_are_short_enough) {
  const std::vector<Value> parameters = with_gradients({3, -4});
  EXPECT_EQ(clip_by_norm(parameters, 5.5), 5);
  EXPECT_EQ(gradients(parameters), (std::vector<double>{3, -4}));
  EXPECT_EQ(clip_by_norm(with_gradients({0, 0}), 1), 0);
}

TEST(ClipByNorm, stops_at_gradients_without_a_norm_and_changes_nothing) {
  for (const double bad : {infinity, std::nan("")}) {
    const std::vector<Value> parameters = with_gradients({3, bad});
    EXPECT_THROW(clip_by_norm(parameters, 1), UsageError);
    EXPECT_EQ(parameters[0].grad(), 3);
  }
  for (const double limit : {-1.0, infinity, std::nan("")}) {
    EXPECT_THROW(clip_by_norm(with_gradients({1}), limit), UsageError);
  }
}

TEST(ClipByValue, limits_each_gradient_by_itself) {
  const std::vector<Value> parameters = with_gradients({3, -4, 0.5, infinity, -infinity});
  EXPECT_EQ(clip_by_value(parameters, 2), infinity);
  EXPECT_EQ(gradients(parameters), (std::vector<double>{2, -2, 0.5, 2, -2}));
  EXPECT_DOUBLE_EQ(clip_by_value(parameters, 100), std::sqrt(4 * 4 + 0.25));
}

TEST(ClipByValue, leaves_a_nan_and_rejects_limits_that_are_none) {
  const std::vector<Value> parameters = with_gradients({std::nan("")});
  EXPECT_TRUE(std::isnan(clip_by_value(parameters, 1)));
  EXPECT_TRUE(std::isnan(parameters[0].grad()));
  EXPECT_THROW(clip_by_value(parameters, -1), UsageError);
  EXPECT_THROW(clip_by_value(parameters, std::nan("")), UsageError);
}

}  // namespace
}  // namespace micrograd
