// The losses: their values, their gradients, and calm in the face of huge logits.
#include <micrograd/nn/loss.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

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

}  // namespace
}  // namespace micrograd
