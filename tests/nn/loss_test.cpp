// The losses: their values, their gradients, and calm in the face of huge logits.
#include <micrograd/nn/loss.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

using testing::infinity;
using testing::message_of;

TEST(Hinge, is_zero_only_beyond_a_margin_of_one) {
  EXPECT_EQ(hinge(1.5, 1).data(), 0);
  EXPECT_EQ(hinge(0.25, 1).data(), 0.75);
  EXPECT_EQ(hinge(-2, 1).data(), 3);
  EXPECT_EQ(hinge(-1.5, -1).data(), 0);
  EXPECT_EQ(hinge(2, -1).data(), 3);
}

TEST(Hinge, pulls_the_score_towards_its_target_and_lets_go_beyond_the_margin) {
  for (const double target : {1.0, -1.0}) {
    const Value wrong = -target, right = 2 * target;
    hinge(wrong, target).backward();
    hinge(right, target).backward();
    EXPECT_EQ(wrong.grad(), -target);
    EXPECT_EQ(right.grad(), 0);
  }
}

TEST(Hinge, over_a_batch_is_the_mean) {
  const std::vector<Value> scores{0.5, -3, 2};
  const std::vector<double> targets{1, 1, -1};
  const Value loss = hinge(scores, targets);
  EXPECT_DOUBLE_EQ(loss.data(), (0.5 + 4 + 3) / 3);
  loss.backward();
  EXPECT_DOUBLE_EQ(scores[0].grad(), -1.0 / 3);
  EXPECT_DOUBLE_EQ(scores[2].grad(), 1.0 / 3);
}

TEST(Hinge, rejects_targets_that_are_not_sides_and_batches_that_do_not_match) {
  EXPECT_THROW(hinge(1, 0), UsageError);
  EXPECT_THROW(hinge(std::vector<Value>{}, std::vector<double>{}), UsageError);
  try {
    hinge(std::vector<Value>{1, 2}, std::vector<double>{1});
    FAIL() << "two scores with one target were accepted";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("got 2 scores and 1 targets"), std::string::npos)
        << error.what();
  }
}

TEST(CrossEntropy, is_minus_the_log_of_the_softmax) {
  const std::vector<Value> logits{1, 2, 3};
  const double total = std::exp(1) + std::exp(2) + std::exp(3);
  for (std::size_t label = 0; label < 3; ++label) {
    EXPECT_NEAR(cross_entropy(logits, label).data(),
                -std::log(std::exp(1.0 + static_cast<double>(label)) / total), 1e-14);
  }
}

TEST(CrossEntropy, has_the_gradient_softmax_minus_one_hot) {
  const std::vector<Value> logits{1, 2, 3};
  cross_entropy(logits, 1).backward();
  const double total = std::exp(1) + std::exp(2) + std::exp(3);
  EXPECT_NEAR(logits[0].grad(), std::exp(1) / total, 1e-15);
  EXPECT_NEAR(logits[1].grad(), std::exp(2) / total - 1, 1e-15);
  EXPECT_NEAR(logits[2].grad(), std::exp(3) / total, 1e-15);
}

TEST(CrossEntropy, stays_finite_for_logits_whose_exponentials_are_not) {
  const std::vector<Value> logits{1e4, -1e4, 0};
  EXPECT_EQ(cross_entropy(logits, 0).data(), 0);
  const Value loss = cross_entropy(logits, 1);
  EXPECT_EQ(loss.data(), 2e4);
  loss.backward();
  EXPECT_EQ(logits[0].grad(), 1);
  EXPECT_EQ(logits[1].grad(), -1);
  EXPECT_EQ(logits[2].grad(), 0);
}

TEST(CrossEntropy, does_not_change_when_all_logits_move_together) {
  const double loss = cross_entropy(std::vector<Value>{0.5, -1, 2}, 0).data();
  EXPECT_NEAR(cross_entropy(std::vector<Value>{1000.5, 999, 1002}, 0).data(), loss, 1e-12);
}

TEST(CrossEntropy, a_class_without_a_logit_is_a_usage_error_that_shows_both_numbers) {
  try {
    cross_entropy(std::vector<Value>{1, 2, 3}, 3);
    FAIL() << "class 3 of 3 was accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(
        error.what(),
        "cross_entropy: there is no such class (got label 3, expected less than 3, the number of logits)");
  }
  EXPECT_THROW(cross_entropy(std::vector<Value>{}, 0), UsageError);
}

TEST(MulticlassHinge, is_zero_once_the_label_leads_all_others_by_one) {
  EXPECT_EQ(multiclass_hinge(std::vector<Value>{3, 1, 2}, 0).data(), 0);
  EXPECT_EQ(multiclass_hinge(std::vector<Value>{3, 1, 2.5}, 0).data(), 0.5 / 3);
  EXPECT_EQ(multiclass_hinge(std::vector<Value>{3, 1, 2}, 1).data(), (3.0 + 2.0) / 3);
  EXPECT_EQ(multiclass_hinge(std::vector<Value>{7}, 0).data(), 0);
  EXPECT_EQ(
      message_of([] { multiclass_hinge(std::vector<Value>{1, 2}, 2); }),
      "multiclass_hinge: there is no such class (got label 2, expected less than 2, the number of scores)");
}

TEST(WeightedCrossEntropy, is_the_weight_of_the_label_times_the_plain_one) {
  const std::vector<Value> logits{1, 2, 3};
  const std::vector<double> weights{2, 0, 0.5};
  for (std::size_t label = 0; label < 3; ++label) {
    EXPECT_EQ(weighted_cross_entropy(logits, label, weights).data(),
              weights[label] * cross_entropy(logits, label).data());
  }
}

TEST(WeightedCrossEntropy, rejects_weights_that_are_none) {
  const std::vector<Value> logits{1, 2};
  EXPECT_EQ(
      message_of([&] { weighted_cross_entropy(logits, 0, std::vector<double>{1, 2, 3}); }),
      "weighted_cross_entropy: each class needs a weight (got 3 weights, expected 2, the number of logits)");
  EXPECT_EQ(
      message_of([&] { weighted_cross_entropy(logits, 0, std::vector<double>{1, -2}); }),
      "weighted_cross_entropy: the weight is out of range (got -2, expected a finite number, 0 or more)");
  EXPECT_THROW(weighted_cross_entropy(logits, 0, std::vector<double>{1, infinity}), UsageError);
  EXPECT_THROW(weighted_cross_entropy(logits, 2, std::vector<double>{1, 1}), UsageError);
}

TEST(SoftCrossEntropy, with_all_weight_on_one_class_is_the_cross_entropy_of_that_class) {
  const std::vector<Value> logits{1, -2, 3};
  EXPECT_EQ(soft_cross_entropy(logits, std::vector<double>{0, 1, 0}).data(), cross_entropy(logits, 1).data());
}

TEST(SoftCrossEntropy, a_class_that_is_impossible_and_not_expected_does_no_harm) {
  const std::vector<Value> logits{1, -infinity, 3};
  const Value loss = soft_cross_entropy(logits, std::vector<double>{0.5, 0, 0.5});
  loss.backward();
  EXPECT_TRUE(std::isfinite(loss.data()));
  EXPECT_EQ(logits[1].grad(), 0);
}

TEST(SoftCrossEntropy, rejects_targets_that_are_not_a_distribution) {
  const std::vector<Value> logits{1, 2};
  const auto of = [&](const std::vector<double>& targets) {
    return message_of([&] { soft_cross_entropy(logits, targets); });
  };
  EXPECT_EQ(of({0.5, 0.25}),
            "soft_cross_entropy: the targets are not a distribution (got the sum 0.75, expected 1)");
  EXPECT_EQ(of({1.5, -0.5}), "soft_cross_entropy: the target is out of range (got 1.5, expected 0 to 1)");
  EXPECT_EQ(of({1}),
            "soft_cross_entropy: each logit needs a target (got 2 logits and 1 targets, expected as many of "
            "each, 1 or more)");
  EXPECT_NE(of({std::nan(""), 1}), "no error");
}

TEST(BinaryCrossEntropy, keeps_its_digits_however_sure_the_logit_is) {
  EXPECT_DOUBLE_EQ(binary_cross_entropy(Value(50), 1).data(), std::exp(-50));
  EXPECT_DOUBLE_EQ(binary_cross_entropy(Value(-50), 0).data(), std::exp(-50));
  EXPECT_EQ(binary_cross_entropy(Value(1e4), 0).data(), 1e4);
  EXPECT_EQ(binary_cross_entropy(Value(-1e4), 1).data(), 1e4);
  EXPECT_DOUBLE_EQ(binary_cross_entropy(Value(0), 0.3).data(), std::log(2));
}

TEST(BinaryCrossEntropy, rejects_targets_that_are_no_probabilities_and_weights_that_are_none) {
  EXPECT_EQ(message_of([] { binary_cross_entropy(Value(1), -1); }),
            "binary_cross_entropy: the target is out of range (got -1, expected 0 to 1)");
  EXPECT_THROW(binary_cross_entropy(Value(1), std::nan("")), UsageError);
  EXPECT_THROW(binary_cross_entropy(Value(1), 1, {.weight = -1}), UsageError);
  EXPECT_THROW(binary_cross_entropy(Value(1), 1, {.positive_weight = infinity}), UsageError);
  EXPECT_THROW(binary_cross_entropy(std::vector<Value>{1, 2}, std::vector<double>{1}), UsageError);
}

TEST(NumberLosses, are_the_means_over_outputs) {
  const std::vector<Value> outputs{1, 5};
  const std::vector<double> targets{0.5, 8};
  EXPECT_EQ(mse(outputs, targets).data(), (0.25 + 9) / 2);
  EXPECT_EQ(mae(outputs, targets).data(), (0.5 + 3) / 2);
  EXPECT_EQ(huber(outputs, targets, 2).data(), (0.125 + 2 * (3 - 1)) / 2);
  EXPECT_EQ(squared_error(3, 1).data(), 4);
  EXPECT_EQ(absolute_error(1, 3).data(), 2);
}

TEST(NumberLosses, huber_is_smooth_where_its_pieces_meet) {
  for (const double side : {1.0, -1.0}) {
    const Value below = side * (2 - 1e-9), at = side * 2;
    const Value loss_below = huber(below, 0, 2), loss_at = huber(at, 0, 2);
    EXPECT_NEAR(loss_below.data(), loss_at.data(), 1e-8);
    loss_below.backward();
    loss_at.backward();
    EXPECT_NEAR(below.grad(), at.grad(), 1e-8);
    EXPECT_EQ(at.grad(), 2 * side);
  }
}

TEST(NumberLosses, the_absolute_error_has_no_slope_where_it_is_zero) {
  const Value output = 3;
  absolute_error(output, 3).backward();
  EXPECT_EQ(output.grad(), 0);
}

TEST(NumberLosses, reject_targets_that_are_not_finite_and_batches_that_do_not_match) {
  EXPECT_EQ(message_of([] { squared_error(1, std::nan("")); }),
            "squared_error: the target is out of range (got nan, expected a finite number)");
  EXPECT_THROW(absolute_error(1, infinity), UsageError);
  EXPECT_THROW(huber(Value(1), -infinity), UsageError);
  EXPECT_EQ(message_of([] { huber(Value(1), 1, 0); }),
            "huber: the delta is out of range (got 0, expected a finite number more than 0)");
  EXPECT_EQ(
      message_of([] { mse(std::vector<Value>{1}, std::vector<double>{1, 2}); }),
      "mse: each output needs a target (got 1 outputs and 2 targets, expected as many of each, 1 or more)");
  EXPECT_THROW(mae(std::vector<Value>{}, std::vector<double>{}), UsageError);
}

TEST(WeightedMean, divides_by_the_sum_of_the_weights) {
  const std::vector<Value> losses{1, 5, 100};
  const Value loss = weighted_mean(losses, std::vector<double>{3, 1, 0});
  EXPECT_EQ(loss.data(), 2);
  loss.backward();
  EXPECT_EQ(losses[0].grad(), 0.75);
  EXPECT_EQ(losses[2].grad(), 0);
  EXPECT_EQ(
      message_of([&] { weighted_mean(losses, std::vector<double>{0, 0, 0}); }),
      "weighted_mean: the sum of the weights is out of range (got 0, expected a finite number more than 0)");
  EXPECT_THROW(weighted_mean(losses, std::vector<double>{1, 1}), UsageError);
  EXPECT_THROW(weighted_mean(losses, std::vector<double>{1, 2, -1}), UsageError);
  EXPECT_THROW(weighted_mean(std::vector<Value>{}, std::vector<double>{}), UsageError);
}

TEST(Penalties, pull_parameters_to_zero_and_are_zero_for_none) {
  const std::vector<Value> parameters{3, -4, 0};
  const Value absolute = l1(parameters), square = l2(parameters);
  EXPECT_EQ(absolute.data(), 7);
  EXPECT_EQ(square.data(), 25);
  absolute.backward();
  EXPECT_EQ(parameters[0].grad(), 1);
  EXPECT_EQ(parameters[1].grad(), -1);
  EXPECT_EQ(parameters[2].grad(), 0);
  square.backward();
  EXPECT_EQ(parameters[1].grad(), -1 - 8);
  EXPECT_EQ(l1(std::vector<Value>{}).data(), 0);
  EXPECT_EQ(l2(std::vector<Value>{}).data(), 0);
}

}  // namespace
}  // namespace micrograd
