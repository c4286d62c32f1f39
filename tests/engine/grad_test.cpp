// grad: gradients as results. It leaves every `.grad` alone, differentiates again, and takes inputs in any
// order.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <micrograd/micrograd.hpp>

namespace {

using micrograd::grad;
using micrograd::Value;

struct Cube {
  static constexpr micrograd::OpInfo info{.name = "cube", .formula = "x^3", .derivative = "3 x^2"};
  template <class T> static T value(T x) { return x * x * x; }
  template <class T> static T dx(T x, T) { return 3.0 * (x * x); }
};

TEST(Grad, returns_what_backward_would_add) {
  const Value a = 2, b = -3;
  const Value y = a * b + pow(b, 3) / a - 2 * a;
  const std::vector<Value> gradients = grad({y}, {a, b});
  y.backward();
  EXPECT_EQ(gradients[0].data(), a.grad());
  EXPECT_EQ(gradients[1].data(), b.grad());
}

TEST(Grad, leaves_every_gradient_alone) {
  for (const bool create_graph : {false, true}) {
    const Value a = 2, b = -3;
    const Value c = a * b;
    const Value d = 2 + c;
    const Value y = d * c * 4;
    y.backward();
    const Value cons = d.prev()[0];
    const Value late_cons_owner = c * 5;  // its number has not been looked at
    late_cons_owner.backward();
    const std::vector<double> before{a.grad(), b.grad(), c.grad(), d.grad(), y.grad(), cons.grad()};
    for (const Value& gradient : grad({y, late_cons_owner}, {a, c}, {.create_graph = create_graph})) {
      EXPECT_NE(gradient.data(), 0.0);
    }
    EXPECT_EQ(before, (std::vector<double>{a.grad(), b.grad(), c.grad(), d.grad(), y.grad(), cons.grad()}));
    EXPECT_EQ(late_cons_owner.prev()[1].grad(), c.data());
  }
}

TEST(Grad, can_be_taken_again_and_again) {
  const Value x = 0.7;
  Value y = sin(x) * exp(x);
  std::vector<double> derivatives;
  for (int i = 0; i < 5; ++i) {
    derivatives.push_back(y.data());
    y = grad(y, x, {.create_graph = true});
  }
  // d^n (e^x sin x) = 2^(n/2) e^x sin(x + n pi / 4)
  for (int n = 0; n < 5; ++n) {
    EXPECT_NEAR(derivatives[static_cast<std::size_t>(n)],
                std::pow(2.0, n / 2.0) * std::exp(0.7) * std::sin(0.7 + n * std::atan(1.0)), 1e-12);
  }
}

TEST(Grad, of_an_interior_node_and_of_an_output_itself) {
  const Value a = 3;
  const Value b = a * a;
  const Value c = exp(b * 0.1);
  for (const bool create_graph : {false, true}) {
    const std::vector<Value> gradients = grad({c}, {c, b, a}, {.create_graph = create_graph});
    EXPECT_EQ(gradients[0].data(), 1.0);
    EXPECT_DOUBLE_EQ(gradients[1].data(), 0.1 * c.data());
    EXPECT_DOUBLE_EQ(gradients[2].data(), 0.1 * c.data() * 6);
  }
}

TEST(Grad, of_an_input_that_does_not_matter_is_zero) {
  const Value a = 3, unused = 4;
  unused.set_grad(9);
  for (const bool create_graph : {false, true}) {
    EXPECT_EQ(grad(a * a, unused, {.create_graph = create_graph}).data(), 0.0);
  }
  EXPECT_EQ(unused.grad(), 9);
}

TEST(Grad, weighs_several_outputs_by_their_seeds) {
  const Value a = 3, b = 5;
  const Value product = a * b, sum = a + b;
  EXPECT_EQ(grad({product, sum}, {a}, {.seeds = {2, 10}})[0].data(), 2 * 5 + 10);
  EXPECT_EQ(grad({product, sum}, {a}, {.create_graph = true, .seeds = {2, 10}})[0].data(), 2 * 5 + 10);
  EXPECT_THROW(static_cast<void>(grad({product, sum}, {a}, {.seeds = {2}})), micrograd::UsageError);
}

TEST(Grad, takes_no_partial_that_no_input_needs) {
  const Value x = -2, exponent = 2;
  const Value y = pow(x, exponent);  // the partial by the exponent would be 4 log(-2)
  const micrograd::AnomalyMode anomaly;
  EXPECT_EQ(grad(y, x, {.create_graph = true}).data(), -4);
}

TEST(Grad, goes_through_a_users_own_row_twice) {
  const Value x = 1.5;
  const Value first = grad(apply<Cube>(x), x, {.create_graph = true});
  EXPECT_DOUBLE_EQ(first.data(), 3 * 1.5 * 1.5);
  EXPECT_DOUBLE_EQ(grad(first, x).data(), 6 * 1.5);
}

TEST(Grad, names_a_closure_that_it_cannot_differentiate_again) {
  const Value x = 1.5;
  const Value y =
      Value::custom(2.25, {x}, "my square", [x](const Value& out) { x.add_grad(2 * x.data() * out.grad()); });
  EXPECT_EQ(grad(y, x).data(), 3.0);
  try {
    static_cast<void>(grad(y, x, {.create_graph = true}));
    FAIL();
  } catch (const micrograd::UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("'my square'"), std::string::npos) << error.what();
  }
  EXPECT_EQ(x.grad(), 0.0);
}

TEST(Grad, penalty_on_a_gradient_trains_through_backward) {
  const Value w = 0.5, x = 2;
  const Value y = tanh(w * x);
  const Value slope = grad(y, x, {.create_graph = true});
  (slope * slope).backward();
  const auto penalty = [](double weight) {
    const double t = std::tanh(weight * 2);
    return std::pow(weight * (1 - t * t), 2);
  };
  EXPECT_NEAR(w.grad(), micrograd::numeric_slope(penalty, 0.5).value, 1e-9);
}

}  // namespace
