// The number in `a + 2` and `2 + a`: a leaf labelled `Cons` to whoever looks, whenever they look.
#include <gtest/gtest.h>

#include <vector>

#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/value.hpp>
#include "helpers.hpp"

namespace micrograd {
namespace {

TEST(Constant, on_the_left_is_the_first_operand_and_a_leaf_named_cons) {
  const Value a = 3;
  const Value c = 2 + a;
  ASSERT_EQ(c.prev().size(), 2U);
  const Value constant = c.prev()[0];
  EXPECT_EQ(constant.op(), "");
  EXPECT_EQ(constant.label(), "Cons");
  EXPECT_EQ(constant.data(), 2);
  EXPECT_EQ(constant.grad(), 0);
  EXPECT_TRUE(constant.prev().empty());
  EXPECT_TRUE(same_node(c.prev()[1], a));
  c.backward();
  EXPECT_EQ(constant.grad(), 1);
}

TEST(Constant, on_the_right_is_the_second_operand) {
  const Value a = 3;
  const Value c = a + 2;
  ASSERT_EQ(c.prev().size(), 2U);
  EXPECT_TRUE(same_node(c.prev()[0], a));
  EXPECT_EQ(c.prev()[1].label(), "Cons");
  EXPECT_EQ(c.prev()[1].data(), 2);
}

TEST(Constant, two_plus_a_and_a_plus_two_are_the_same_computation) {
  const Value a = 3;
  const Value b = 3;
  const Value left = 2 + a;
  const Value right = b + 2;
  EXPECT_EQ(left.data(), right.data());
  EXPECT_EQ(left.op(), right.op());
  left.backward();
  right.backward();
  EXPECT_EQ(a.grad(), b.grad());
  EXPECT_EQ(left.prev()[0].grad(), right.prev()[1].grad());
}

TEST(Constant, keeps_its_place_where_order_matters) {
  const Value a = 4;
  EXPECT_EQ((2 - a).data(), -2);
  EXPECT_EQ((a - 2).data(), 2);
  EXPECT_EQ((2 / a).data(), 0.5);
  EXPECT_EQ((a / 2).data(), 2);
  EXPECT_EQ(pow(2, a).data(), 16);
  EXPECT_EQ(pow(a, 2).data(), 16);
  EXPECT_EQ(pow(a, 0.5).data(), 2);
  (2 - a).backward();
  EXPECT_EQ(a.grad(), -1);
  a.set_grad(0);
  (2 / a).backward();
  EXPECT_EQ(a.grad(), -0.125);
  a.set_grad(0);
  pow(2, a).backward();
  EXPECT_DOUBLE_EQ(a.grad(), 16 * 0.69314718055994530942);
  for (const Value& result : {2 - a, 2 / a, pow(2, a), atan2(2, a), hypot(2, a), min(2, a), max(2, a),
                              copysign(2, a), select(true, 2, a)}) {
    ASSERT_EQ(result.prev().size(), 2U) << result.op();
    EXPECT_EQ(result.prev()[0].label(), "Cons") << result.op();
    EXPECT_EQ(result.prev()[0].data(), 2) << result.op();
    EXPECT_TRUE(same_node(result.prev()[1], a)) << result.op();
  }
}

TEST(Constant, is_named_cons_in_functions_of_three_operands_too) {
  const Value a = 3;
  const Value b = 4;
  EXPECT_EQ(fma(2, a, b).data(), 10);
  EXPECT_EQ(fma(2, a, b).prev()[0].label(), "Cons");
  EXPECT_EQ(fma(a, 2, b).prev()[1].label(), "Cons");
  EXPECT_EQ(fma(a, b, 2).prev()[2].label(), "Cons");
}

TEST(Constant, gradient_first_looked_at_after_backward_is_right) {
  const Value a = 3;
  const Value c = 5 * a;
  c.backward(2);
  EXPECT_EQ(c.prev()[0].grad(), 6);
  EXPECT_EQ(a.grad(), 10);
}

TEST(Constant, gradient_after_two_backwards_is_twice_that_of_one) {
  const Value a = 3;
  const Value unseen = 2 + a;
  unseen.backward();
  unseen.backward();
  EXPECT_EQ(unseen.prev()[0].grad(), 2);
  const Value seen = 2 + a;
  const Value constant = seen.prev()[0];
  seen.backward();
  EXPECT_EQ(constant.grad(), 1);
  seen.backward();
  EXPECT_EQ(constant.grad(), 2);
  const Value between = a * 7;
  between.backward();
  const Value seven = between.prev()[1];
  between.backward();
  EXPECT_EQ(seven.grad(), 6);
}

TEST(Constant, gradient_accumulates_beneath_other_operations_and_other_roots) {
  const Value a = 3;
  const Value inner = a * 2;
  const Value f = inner * 5;
  const Value g = inner * 7;
  f.backward();
  g.backward();
  EXPECT_EQ(inner.prev()[1].grad(), (5 + 7) * 3);
  EXPECT_EQ(f.prev()[1].grad(), 6);
  EXPECT_EQ(inner.grad(), 7) << "interior: that of the latest pass";
}

TEST(Constant, identity_is_stable_across_looks_and_collections) {
  const Value a = 3;
  const Value c = 2 + a;
  const Value constant = c.prev()[0];
  trim_graph();
  c.backward();
  EXPECT_TRUE(same_node(constant, c.prev()[0]));
  EXPECT_FALSE(same_node(constant, (2 + a).prev()[0]));
  const Value later = a * 9;
  c.prev()[0].set_grad(11);
  trim_graph();
  EXPECT_EQ(c.prev()[0].grad(), 11) << "kept though nobody held it";
  EXPECT_EQ(later.data(), 27);
}

TEST(Constant, outlives_the_operation_it_was_looked_at_in) {
  const Value a = 3;
  Value c = a * 2;
  c.backward();
  const Value constant = c.prev()[1];
  c = 0;
  trim_graph();
  EXPECT_EQ(constant.data(), 2);
  EXPECT_EQ(constant.grad(), 3);
  EXPECT_EQ(constant.label(), "Cons");
}

TEST(Constant, gradient_is_that_of_the_pass_though_the_other_operand_was_set_before_the_look) {
  const Value a = 3;
  const Value c = 5 * a;
  c.backward();
  a.set_data(100);
  EXPECT_EQ(c.prev()[0].grad(), 3);
  c.backward();
  EXPECT_EQ(c.prev()[0].grad(), 103);
  const Value q = 6 / a;
  q.backward();
  a.set_data(2);
  a.set_data(3);
  EXPECT_EQ(q.prev()[0].grad(), 0.01);
}

TEST(Constant, gradient_is_that_of_the_pass_though_the_results_gradient_was_set_before_the_look) {
  const Value a = 3;
  const Value c = 5 * a;
  c.backward();
  c.set_grad(100);
  EXPECT_EQ(c.prev()[0].grad(), 3);
  const Value d = 5 * a;
  d.backward();
  d.add_grad(1);
  EXPECT_EQ(d.prev()[0].grad(), 3);
}

TEST(Constant, gradients_of_dead_results_do_not_disturb_set_data) {
  const Value a = 3;
  const std::size_t many = testing::rounds(400000, 4000);  // whole chunks of dead nodes below a live one
  std::vector<Value> results;
  for (std::size_t i = 0; i < many; ++i) results.push_back(a * 2);
  backward(results);
  const Value newest = a + 1;
  results.clear();
  EXPECT_EQ(a.grad(), 2.0 * static_cast<double>(many));
  a.set_data(4);
  const Value after = a * 2;
  after.backward();
  EXPECT_EQ(after.data(), 8);
  EXPECT_EQ(newest.data(), 4);
  EXPECT_EQ(after.prev()[1].grad(), 4);
  EXPECT_EQ(newest.prev()[1].data(), 1);
}

TEST(Constant, gradients_of_many_results_stay_right_when_their_operand_is_set) {
  const Value a = 3;
  std::vector<Value> results;
  for (std::size_t i = 0; i < testing::rounds(200000, 2000); ++i) results.push_back(a * 2);
  backward(results);
  a.set_data(4);
  for (const Value& result : results) ASSERT_EQ(result.prev()[1].grad(), 3);
}

TEST(Constant, is_stepped_by_hand_like_any_operand) {
  const Value a = 3;
  const Value c = 5 * a;
  c.set_grad(2);
  c.backward_step();
  c.backward_step();
  EXPECT_EQ(c.prev()[0].grad(), 12);
  EXPECT_EQ(a.grad(), 20);
}

TEST(Constant, is_zeroed_with_the_graph) {
  const Value a = 3;
  const Value seen = 5 * a;
  const Value unseen = 7 * a;
  const Value root = seen + unseen;
  const Value five = seen.prev()[0];
  root.backward();
  zero_graph_grad(root);
  EXPECT_EQ(five.grad(), 0);
  EXPECT_EQ(unseen.prev()[0].grad(), 0);
  root.backward();
  EXPECT_EQ(five.grad(), 3);
  EXPECT_EQ(unseen.prev()[0].grad(), 3);
}

TEST(Constant, can_be_an_operand_itself_and_accumulates_both_uses) {
  const Value a = 3;
  const Value c = 5 * a;
  const Value five = c.prev()[0];
  (c + five * 10).backward();
  EXPECT_EQ(five.grad(), 13);
}

TEST(Constant, set_to_other_data_is_what_later_partials_use) {
  const Value leaf = 5;
  const Value x = 3;
  const Value with_leaf = leaf * x;
  leaf.set_data(7);
  with_leaf.backward();
  const Value y = 3;
  const Value with_number = 5 * y;
  with_number.prev()[0].set_data(7);
  EXPECT_EQ(with_number.prev()[0].data(), 7);
  with_number.backward();
  EXPECT_EQ(y.grad(), x.grad())
      << "a number is a leaf to every observer: partials read operands' data as they are";
}

}  // namespace
}  // namespace micrograd
