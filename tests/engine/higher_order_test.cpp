// Gradients as results: `grad(outputs, inputs)` leaves every `.grad` alone, and with create_graph what it
// returns can be differentiated again, to any order.
#include <micrograd/engine/grad.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>
#include "helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::message_of;

TEST(HigherOrder, returns_what_backward_would_add_and_touches_no_gradient) {
  for (const bool create_graph : {false, true}) {
    const Value x = 2, y = 3;
    const Value inner = x * y;
    const Value f = inner * 5 + sin(x);
    f.backward();
    const std::vector<double> before = {x.grad(), y.grad(), inner.grad(), f.grad(), inner.prev()[0].grad()};
    const std::vector<Value> gradients = grad({f}, {x, y, inner, f}, {.create_graph = create_graph});
    ASSERT_EQ(gradients.size(), 4U);
    EXPECT_DOUBLE_EQ(gradients[0].data(), 15 + std::cos(2.0));
    EXPECT_EQ(gradients[1].data(), 10);
    EXPECT_EQ(gradients[2].data(), 5);
    EXPECT_EQ(gradients[3].data(), 1);
    EXPECT_EQ((std::vector<double>{x.grad(), y.grad(), inner.grad(), f.grad(), inner.prev()[0].grad()}),
              before);
    f.backward();
    EXPECT_EQ(y.grad(), 20);
  }
}

TEST(HigherOrder, leaves_gradients_of_numbers_alone_whether_or_not_they_were_looked_at) {
  for (const bool create_graph : {false, true}) {
    const Value x = 3;
    const Value seen = 5 * x, unseen = 7 * x;
    const Value root = seen + unseen;
    const Value five = seen.prev()[0];
    root.backward();
    static_cast<void>(grad({root}, {x}, {.create_graph = create_graph}));
    EXPECT_EQ(five.grad(), 3);
    EXPECT_TRUE(same_node(five, seen.prev()[0]));
    EXPECT_EQ(unseen.prev()[0].grad(), 3);
  }
}

TEST(HigherOrder, takes_numbers_for_the_leaves_that_they_are) {
  for (const bool create_graph : {false, true}) {
    const Value x = 3;
    const Value product = 2 * x;
    const Value two = product.prev()[0];
    const Value root = product * x + two;
    const std::vector<Value> gradients = grad({root}, {two, x}, {.create_graph = create_graph});
    EXPECT_EQ(gradients[0].data(), 3 * 3 + 1);
    EXPECT_EQ(gradients[1].data(), 2 * 2 * 3);
    EXPECT_EQ(grad(x * 5, two, {.create_graph = create_graph}).data(), 0);
    EXPECT_EQ(two.grad(), 0);
  }
}

/// d^2 f(x, n) / dx dn and d^2 f / dn^2 at (0.7, 1.3), the number being looked at before or after the first
/// derivative was taken, are those of two leaves.
template <class F>
void expect_second_derivatives_by_the_number(const F& f, std::size_t place) {
  const Value x = 0.7, n = 1.3;
  const Value of_leaves = f(x, n);
  const Value by_x = grad(of_leaves, x, {.create_graph = true});
  const Value by_n = grad(of_leaves, n, {.create_graph = true});
  for (const bool look_first : {true, false}) {
    const Value y = 0.7;
    const Value result = f(y, 1.3);
    Value number = look_first ? result.prev()[place] : Value();
    const Value slope = grad(result, y, {.create_graph = true});
    if (!look_first) number = result.prev()[place];
    EXPECT_DOUBLE_EQ(grad(slope, number).data(), grad(by_x, n).data()) << result.op();
    const Value by_number = grad(result, number, {.create_graph = true});
    EXPECT_DOUBLE_EQ(by_number.data(), by_n.data()) << result.op();
    EXPECT_DOUBLE_EQ(grad(by_number, number).data(), grad(by_n, n).data()) << result.op();
  }
}

TEST(HigherOrder, by_a_number_is_that_by_a_leaf_in_its_place) {
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return x + n; }, 1);
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return n - x; }, 0);
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return x * n; }, 1);
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return n * x; }, 0);
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return x / n; }, 1);
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return n / x; }, 0);
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return atan2(n, x); }, 0);
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return hypot(x, n); }, 1);
  expect_second_derivatives_by_the_number([](const auto& x, const auto& n) { return max(x, n); }, 1);
}

TEST(HigherOrder, with_create_graph_goes_to_any_order) {
  const Value x = 1.5;
  Value derivative = pow(x, 5) + exp(x);
  const double coefficients[] = {5, 20, 60, 120, 120, 0};
  for (int order = 1; order <= 6; ++order) {
    derivative = grad(derivative, x, {.create_graph = true});
    EXPECT_NEAR(derivative.data(), coefficients[order - 1] * std::pow(1.5, 5 - order) + std::exp(1.5), 1e-9)
        << order;
  }
  EXPECT_EQ(x.grad(), 0);
}

TEST(HigherOrder, results_take_part_in_further_computation) {
  const Value x = 2, y = 3;
  const Value f = x * x * y;
  const Value fx = grad(f, x, {.create_graph = true});
  const Value penalty = fx * fx;  // (2xy)^2
  penalty.backward();
  EXPECT_EQ(penalty.data(), 144);
  EXPECT_EQ(x.grad(), 8 * 2 * 9);
  EXPECT_EQ(y.grad(), 8 * 4 * 3);
}

TEST(HigherOrder, without_create_graph_gives_leaves) {
  const Value x = 2;
  EXPECT_TRUE(grad(x * x, x).prev().empty());
}

TEST(HigherOrder, adds_over_outputs_with_their_seeds) {
  const Value x = 2;
  const Value f = x * 3, g = x * x;
  EXPECT_EQ(grad({f, g}, {x})[0].data(), 7);
  EXPECT_EQ(grad({f, g}, {x}, {.seeds = {10, 100}})[0].data(), 430);
  const std::string message = message_of([&] { return grad({f, g}, {x}, {.seeds = {1}}); });
  EXPECT_TRUE(contains(message, "2 outputs, 1 seeds")) << message;
}

TEST(HigherOrder, is_zero_for_what_no_output_depends_on) {
  for (const bool create_graph : {false, true}) {
    const Value x = 2, apart = 3;
    const Value above = x * 7;
    const std::vector<Value> gradients = grad({x * x}, {apart, above, x, x}, {.create_graph = create_graph});
    EXPECT_EQ(gradients[0].data(), 0);
    EXPECT_EQ(gradients[1].data(), 0);
    EXPECT_EQ(gradients[2].data(), 4);
    EXPECT_EQ(gradients[3].data(), 4);
  }
}

TEST(HigherOrder, lets_nothing_leak_from_the_operand_not_selected) {
  const Value x = 0;
  const Value f = select(x > 0, sqrt(x), x * x);
  const Value first = grad(f, x, {.create_graph = true});
  EXPECT_EQ(first.data(), 0);
  EXPECT_EQ(grad(first, x).data(), 2);
}

TEST(HigherOrder, through_a_closure_works_once_and_is_a_usage_error_twice_that_names_it) {
  const Value x = 3;
  const Value f =
      Value::custom(9, {x}, "my square", [x](const Value& out) { x.add_grad(2 * x.data() * out.grad()); });
  EXPECT_EQ(grad(f, x).data(), 6);
  EXPECT_EQ(x.grad(), 0);
  const std::string message = message_of([&] { return grad(f, x, {.create_graph = true}); });
  EXPECT_TRUE(contains(message, "my square")) << message;
  EXPECT_EQ(x.grad(), 0);
  EXPECT_EQ(f.grad(), 0);
  f.backward();
  EXPECT_EQ(x.grad(), 6);
}

TEST(HigherOrder, restores_gradients_also_when_a_closure_throws) {
  const Value x = 3;
  const Value f = Value::custom(9, {x}, "bad", [](const Value&) { throw std::runtime_error("no"); }) + x;
  x.set_grad(7);
  f.set_grad(8);
  EXPECT_THROW(static_cast<void>(grad(f, x)), std::runtime_error);
  EXPECT_EQ(x.grad(), 7);
  EXPECT_EQ(f.grad(), 8);
}

/// x^3, a row of somebody's own.
struct Cube {
  static constexpr OpInfo info{.name = "cube", .formula = "x^3", .derivative = "3 x^2"};
  template <class T> static T value(T x) { return x * x * x; }
  template <class T> static T dx(T x, T) { return 3.0 * x * x; }
};

TEST(HigherOrder, goes_through_a_row_of_ones_own_to_higher_order) {
  const Value x = 2;
  const Value f = apply<Cube>(x) * 5;
  const Value first = grad(f, x, {.create_graph = true});
  const Value second = grad(first, x, {.create_graph = true});
  EXPECT_EQ(first.data(), 60);
  EXPECT_EQ(second.data(), 60);
  EXPECT_EQ(grad(second, x).data(), 30);
}

TEST(HigherOrder, may_run_inside_a_closure) {
  const Value x = 3;
  const Value f = Value::custom(27, {x}, "cube", [x](const Value& out) {
    const Value leaf = x.data();
    x.add_grad(grad(leaf * leaf * leaf, leaf).data() * out.grad());
  });
  (f * 2 + x).backward();
  EXPECT_EQ(x.grad(), 55);
}

TEST(HigherOrder, keeps_the_identity_of_a_number_that_a_closure_looks_at_meanwhile) {
  const Value x = 3;
  const Value product = 5 * x;
  const Value five = product.prev()[0];
  const Value f = Value::custom(15, {product}, "looks", [product](const Value& out) {
    EXPECT_EQ(product.prev()[0].data(), 5);
    product.add_grad(out.grad());
  });
  EXPECT_EQ(grad(f, x).data(), 5);
  EXPECT_TRUE(same_node(five, product.prev()[0]));
}

TEST(HigherOrder, of_a_long_chain_does_not_recurse) {
  const Value x = 1;
  Value f = x;
  for (std::size_t i = 0; i < testing::rounds(300000, 1500); ++i) f = f * 1;
  const Value first = grad(f, x, {.create_graph = true});
  EXPECT_EQ(first.data(), 1);
}

}  // namespace
}  // namespace micrograd
