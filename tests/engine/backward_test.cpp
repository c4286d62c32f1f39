// What gradients are after backward and after steps by hand: leaves accumulate, interior nodes hold those of
// the latest pass, every node is visited once after all its consumers.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include "helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::infinity;
using testing::message_of;

TEST(Steps, without_a_seed_move_nothing) {
  const Value a = 2, b = 3, d = 4;
  const Value c = a + b;
  const Value e = c + d;
  EXPECT_EQ(c.data(), 5);
  EXPECT_EQ(e.data(), 9);
  e.backward_step();
  for (const Value& x : {a, b, c, d, e}) EXPECT_EQ(x.grad(), 0);
}

TEST(Steps, carry_a_seed_down_one_operation_at_a_time) {
  const Value a = 2, b = 3, d = 4;
  const Value c = a + b;
  const Value e = c + d;
  e.set_grad(1);
  e.backward_step();
  EXPECT_EQ(c.grad(), 1);
  EXPECT_EQ(d.grad(), 1);
  EXPECT_EQ(a.grad(), 0);
  EXPECT_EQ(b.grad(), 0);
  c.backward_step();
  EXPECT_EQ(a.grad(), 1);
  EXPECT_EQ(b.grad(), 1);
  EXPECT_EQ(e.grad(), 1);
}

TEST(Steps, give_what_backward_gives_on_a_fresh_graph) {
  const Value a = 2, b = 3, d = 4;
  const Value c = a + b;
  const Value e = c + d;
  e.backward();
  for (const Value& x : {a, b, c, d, e}) EXPECT_EQ(x.grad(), 1);
}

Value with_only_e_left() {
  const Value a = 2, b = 3, d = 4;
  const Value c = a * b;
  return c * d;
}

TEST(Steps, work_when_the_only_handle_left_is_the_result) {
  const Value e = with_only_e_left();
  trim_graph();
  e.set_grad(1);
  e.backward_step();
  const Value c = e.prev()[0];
  EXPECT_EQ(c.grad(), 4);
  EXPECT_EQ(e.prev()[1].grad(), 6);
  c.backward_step();
  EXPECT_EQ(c.prev()[0].grad(), 12);
  EXPECT_EQ(c.prev()[1].grad(), 8);
}

TEST(Steps, add_to_whatever_stands) {
  const Value a = 2;
  const Value b = a * 3;
  const Value c = b * 5;
  a.set_grad(100);
  c.set_grad(1);
  c.backward_step();
  c.backward_step();
  EXPECT_EQ(b.grad(), 10) << "an interior operand accumulates too";
  b.backward_step();
  EXPECT_EQ(a.grad(), 130);
  const Value leaf = 4;
  leaf.set_grad(1);
  leaf.backward_step();
  EXPECT_EQ(leaf.grad(), 1);
}

TEST(Steps, of_an_operation_with_three_operands) {
  const Value x = 2, y = 3, z = 4;
  const Value r = fma(x, y, z);
  r.set_grad(10);
  r.backward_step();
  EXPECT_EQ(x.grad(), 30);
  EXPECT_EQ(y.grad(), 20);
  EXPECT_EQ(z.grad(), 10);
}

TEST(Backward, accumulates_both_uses_in_a_plus_a) {
  const Value a = 3;
  (a + a).backward();
  EXPECT_EQ(a.grad(), 2);
}

TEST(Backward, accumulates_both_uses_in_a_times_a) {
  const Value a = 3;
  (a * a).backward();
  EXPECT_EQ(a.grad(), 6);
}

TEST(Backward, a_second_time_exactly_doubles_the_leaves) {
  const Value x = 3;
  const Value cube = x * x * x;
  EXPECT_EQ(cube.data(), 27);
  cube.backward();
  EXPECT_EQ(x.grad(), 27);
  cube.backward();
  EXPECT_EQ(x.grad(), 54);
  EXPECT_EQ(cube.grad(), 1);
  EXPECT_EQ(cube.prev()[0].grad(), 3) << "interior: of the latest pass";
  cube.backward();
  EXPECT_EQ(x.grad(), 81);
}

TEST(Backward, a_seed_scales_everything) {
  const Value x = 3;
  const Value y = x * x;
  y.backward(-0.5);
  EXPECT_EQ(y.grad(), -0.5);
  EXPECT_EQ(x.grad(), -3);
}

TEST(Backward, from_two_roots_in_turn_accumulates_in_leaves_only) {
  const Value x = 2;
  const Value shared = x * x;
  const Value f = shared * 3;
  const Value g = shared * 5;
  f.backward();
  EXPECT_EQ(shared.grad(), 3);
  EXPECT_EQ(x.grad(), 12);
  g.backward();
  EXPECT_EQ(shared.grad(), 5);
  EXPECT_EQ(x.grad(), 12 + 20);
  EXPECT_EQ(f.grad(), 1) << "not of this pass: as it was";
}

TEST(Backward, from_several_roots_at_once_visits_shared_parts_once_with_their_sum) {
  const Value x = 2;
  int visits = 0;
  const Value shared = Value::custom(4, {x}, "shared", [&visits, x](const Value& out) {
    ++visits;
    x.add_grad(4 * out.grad());
  });
  const std::vector<Value> roots = {shared * 3, shared * 5};
  const std::vector<double> seeds = {1, 10};
  backward(roots, seeds);
  EXPECT_EQ(visits, 1);
  EXPECT_EQ(shared.grad(), 53);
  EXPECT_EQ(x.grad(), 212);
  EXPECT_EQ(roots[1].grad(), 10);
  backward(roots);
  EXPECT_EQ(shared.grad(), 8);
  EXPECT_EQ(x.grad(), 212 + 32);
}

TEST(Backward, of_roots_that_repeat_lie_below_each_other_or_are_leaves) {
  const Value x = 2;
  const Value inner = x * 3;
  const Value outer = inner * 5;
  const std::vector<Value> roots = {inner, outer, outer, x};
  const std::vector<double> seeds = {100, 1, 2, 0.5};
  backward(roots, seeds);
  EXPECT_EQ(outer.grad(), 3);
  EXPECT_EQ(inner.grad(), 115);
  EXPECT_EQ(x.grad(), 345.5);
}

TEST(Backward, refuses_seeds_that_do_not_match_the_roots) {
  const std::vector<Value> roots = {Value(1), Value(2)};
  const std::vector<double> seeds = {1};
  const std::string message = message_of([&] {
    backward(roots, seeds);
    return 0;
  });
  EXPECT_TRUE(contains(message, "2 roots, 1 seeds")) << message;
  EXPECT_EQ(roots[0].grad(), 0);
  EXPECT_NO_THROW(backward(std::vector<Value>{}));
}

TEST(Backward, of_a_leaf_root_accumulates_the_seed) {
  const Value a = 3;
  a.backward();
  a.backward(0.5);
  EXPECT_EQ(a.grad(), 1.5);
  const Value fresh;
  fresh.backward();
  EXPECT_EQ(fresh.grad(), 1);
}

TEST(Backward, leaves_what_it_cannot_reach_alone) {
  const Value a = 3, b = 4;
  const Value unrelated = b * 2;
  unrelated.set_grad(9);
  const Value above = a * 5;
  const Value root = a * 2;
  const Value newer = root + above;
  root.backward();
  EXPECT_EQ(b.grad(), 0);
  EXPECT_EQ(unrelated.grad(), 9);
  EXPECT_EQ(above.grad(), 0);
  EXPECT_EQ(newer.grad(), 0);
}

TEST(Backward, visits_a_node_only_after_all_its_consumers) {
  const Value x = 1;
  std::vector<std::string> visited;
  const auto make = [&visited](const char* name, std::vector<Value> operands) {
    return Value::custom(1, operands, name, [&visited, name, operands](const Value& out) {
      visited.emplace_back(name);
      for (const Value& operand : operands) operand.add_grad(out.grad());
    });
  };
  const Value bottom = make("bottom", {x});
  const Value left = make("left", {bottom});
  const Value right = make("right", {bottom, left});
  const Value far = make("far", {right, right});
  const Value top = make("top", {far, left, bottom, x});
  top.backward();
  EXPECT_EQ(visited, (std::vector<std::string>{"top", "far", "right", "left", "bottom"}));
  EXPECT_EQ(right.grad(), 2);
  EXPECT_EQ(left.grad(), 3);
  EXPECT_EQ(bottom.grad(), 6);
  EXPECT_EQ(x.grad(), 7);
}

TEST(Backward, through_many_diamonds_counts_every_path) {
  const Value x = 1;
  Value y = x;
  for (int i = 0; i < 60; ++i) y = y + y;
  y.backward();
  EXPECT_EQ(x.grad(), std::ldexp(1.0, 60));
}

TEST(Backward, uses_the_data_that_operands_have_at_that_time) {
  const Value x = 2, y = 3;
  const Value product = x * y;
  const Value sine = sin(x);
  x.set_data(7);
  product.backward();
  EXPECT_EQ(y.grad(), 7);
  EXPECT_EQ(x.grad(), 3);
  x.set_grad(0);
  sine.backward();
  EXPECT_EQ(x.grad(), std::cos(7.0));
}

TEST(Backward, gives_the_numbers_of_the_published_example) {
  const Value a = -4.0;
  const Value b = 2.0;
  Value c = a + b;
  Value d = a * b + pow(b, 3);
  c += c + 1;
  c += 1 + c + (-a);
  d += d * 2 + relu(b + a);
  d += 3 * d + relu(b - a);
  const Value e = c - d;
  const Value f = pow(e, 2);
  Value g = f / 2.0;
  g += 10.0 / f;
  EXPECT_NEAR(g.data(), 24.7041, 5e-5);
  g.backward();
  EXPECT_NEAR(a.grad(), 138.8338, 5e-5);
  EXPECT_NEAR(b.grad(), 645.5773, 5e-5);
}

TEST(Backward, zero_graph_grad_clears_everything_below_and_nothing_else) {
  const Value x = 2, other = 5;
  const Value y = x * x;
  const Value z = fma(y, x, y);
  const Value apart = x * other;
  z.backward();
  apart.backward();
  zero_graph_grad(z);
  for (const Value& v : {x, y, z}) EXPECT_EQ(v.grad(), 0);
  EXPECT_EQ(other.grad(), 2);
  EXPECT_EQ(apart.grad(), 1);
  z.backward();
  EXPECT_EQ(x.grad(), 4 + 3 * 4) << "d(x^3 + x^2)";
  zero_graph_grad(x);
  EXPECT_EQ(x.grad(), 0);
  EXPECT_EQ(y.grad(), 3);
}

TEST(Backward, evaluates_only_the_partials_that_are_needed) {
  const Value x = -2;
  const Value y = pow(x, 2);
  const AnomalyMode anomaly;
  EXPECT_NO_THROW(y.backward());
  EXPECT_EQ(x.grad(), -4);
}

TEST(Backward, follows_ieee_through_infinities_and_nans) {
  const Value zero = 0, one = 1, minus = -1;
  EXPECT_EQ((one / zero).data(), infinity);
  EXPECT_EQ((minus / zero).data(), -infinity);
  EXPECT_TRUE(std::isnan((zero / zero).data()));
  EXPECT_TRUE(std::isnan(log(minus).data()));
  EXPECT_EQ(log(zero).data(), -infinity);
  EXPECT_EQ(exp(Value(1000)).data(), infinity);
  sqrt(zero).backward();
  EXPECT_EQ(zero.grad(), infinity);
  const Value x = 0;
  (sqrt(x) * 0).backward();
  EXPECT_TRUE(std::isnan(x.grad())) << "0 * inf";
  const Value nan = std::numeric_limits<double>::quiet_NaN();
  const Value y = 3;
  (nan * y + y).backward();
  EXPECT_TRUE(std::isnan(y.grad()));
  EXPECT_EQ(nan.grad(), 3);
}

TEST(Backward, crosses_many_chunks_of_memory) {
  const Value x = 1;
  const std::size_t length = testing::rounds(100000, 3000);
  Value sum = 0;
  Value chain = x;
  for (std::size_t i = 0; i < length; ++i) {
    chain = chain * 1;
    if (i % 1000 == 0) sum += chain;
  }
  (sum + chain).backward();
  EXPECT_EQ(x.grad(), static_cast<double>((length + 999) / 1000 + 1));
}

TEST(Backward, agrees_with_forward_differences_of_a_recurrence_whose_leaves_are_reused) {
  const Value rate = 0.5;
  Value state = 1;
  for (int i = 0; i < 20; ++i) state = state * rate + tanh(state) * rate;
  state.backward();
  const auto primal = [](double r) {
    double s = 1;
    for (int i = 0; i < 20; ++i) s = s * r + std::tanh(s) * r;
    return s;
  };
  constexpr double h = 1e-6;
  EXPECT_NEAR(rate.grad(), (primal(0.5 + h) - primal(0.5 - h)) / (2 * h), 1e-6);
}

}  // namespace
}  // namespace micrograd
