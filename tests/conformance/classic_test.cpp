// The literal design of docs/tour/classic.hpp is right, as the engine is (random_graphs_test.cpp compares
// them on random graphs).
#include "../../docs/tour/classic.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <memory>

#include <micrograd/engine/value.hpp>

namespace {

/// Under stress the engine collects before every allocation, so that time grows with the square of the graph.
bool in_a_hurry() { return std::getenv("MICROGRAD_STRESS") != nullptr; }

template <class V>
class BothDesigns : public ::testing::Test {};
using Designs = ::testing::Types<classic::Value, micrograd::Value>;
TYPED_TEST_SUITE(BothDesigns, Designs);

TYPED_TEST(BothDesigns, give_the_published_example) {
  const TypeParam a = -4.0, b = 2.0;
  TypeParam c = a + b;
  TypeParam d = a * b + pow(b, 3);
  c += c + 1;
  c += 1 + c + (-a);
  d += d * 2 + relu(b + a);
  d += 3 * d + relu(b - a);
  const TypeParam e = c - d;
  const TypeParam f = pow(e, 2);
  TypeParam g = f / 2.0;
  g += 10.0 / f;
  EXPECT_NEAR(g.data(), 24.7041, 5e-5);
  g.backward();
  EXPECT_NEAR(a.grad(), 138.8338, 5e-5);
  EXPECT_NEAR(b.grad(), 645.5773, 5e-5);
}

TYPED_TEST(BothDesigns, count_every_use_of_a_value) {
  const TypeParam a = 3.0;
  (a + a).backward();
  EXPECT_EQ(a.grad(), 2);
  a.set_grad(0);
  (a * a).backward();
  EXPECT_EQ(a.grad(), 6);
  a.set_grad(0);
  const TypeParam b = a * 2;
  (b * b + b).backward();  // 4 a^2 + 2 a
  EXPECT_EQ(a.grad(), 26);
}

TYPED_TEST(BothDesigns, keep_the_order_of_a_number_on_the_left) {
  const TypeParam a = 4.0;
  const TypeParam difference = 2 - a, quotient = 2 / a;
  EXPECT_EQ(difference.data(), -2);
  EXPECT_EQ(quotient.data(), 0.5);
  difference.backward();
  EXPECT_EQ(a.grad(), -1);
  quotient.backward();
  EXPECT_EQ(a.grad(), -1 - 2.0 / 16);
}

TYPED_TEST(BothDesigns, rebind_the_name_and_keep_the_node_on_compound_assignment) {
  TypeParam a = 1.0;
  const TypeParam before = a;
  a += TypeParam(2.0);
  EXPECT_EQ(a.data(), 3);
  EXPECT_EQ(before.data(), 1);
  a.backward();
  EXPECT_EQ(before.grad(), 1);
}

TYPED_TEST(BothDesigns, survive_a_chain_of_a_million_operations_and_its_end) {
  const int length = in_a_hurry() ? 1'000 : 500'000;  // of two operations each
  const TypeParam start = 1.0;
  TypeParam state = start;
  for (int i = 0; i < length; ++i) state += (1.0 / length) * state;
  EXPECT_NEAR(state.data(), std::exp(1.0), 2.0 / length);
  state.backward();
  EXPECT_NEAR(start.grad(), state.data(), 1e-9);  // the result is linear in the start
}

TEST(Classic, each_function_has_its_derivative) {
  const auto slope = [](auto f, double at) {
    const classic::Value x = at;
    f(x).backward();
    return x.grad();
  };
  EXPECT_DOUBLE_EQ(slope([](const auto& x) { return exp(x); }, 0.7), std::exp(0.7));
  EXPECT_DOUBLE_EQ(slope([](const auto& x) { return log(x); }, 0.7), 1 / 0.7);
  EXPECT_DOUBLE_EQ(slope([](const auto& x) { return sin(x); }, 0.7), std::cos(0.7));
  EXPECT_DOUBLE_EQ(slope([](const auto& x) { return tanh(x); }, 0.7), 1 - std::tanh(0.7) * std::tanh(0.7));
  EXPECT_DOUBLE_EQ(slope([](const auto& x) { return sqrt(x); }, 0.25), 1);
  EXPECT_DOUBLE_EQ(slope([](const auto& x) { return pow(x, -2); }, 2), -0.25);
  EXPECT_EQ(slope([](const auto& x) { return relu(x); }, 0.7), 1);
  EXPECT_EQ(slope([](const auto& x) { return relu(x); }, -0.7), 0);
  EXPECT_EQ(slope([](const auto& x) { return relu(x); }, 0), 0);
  EXPECT_EQ(slope([](const auto& x) { return -x; }, 0.7), -1);
  EXPECT_EQ(slope([](const auto& x) { return x / 4; }, 0.7), 0.25);
  EXPECT_EQ(slope([](const auto& x) { return x - 4; }, 0.7), 1);
}

TEST(Classic, a_number_beside_a_value_is_a_constant_leaf_in_its_place) {
  const classic::Value a = 5;
  const classic::Value sum = 2 + a;
  ASSERT_EQ(sum->prev.size(), 2U);
  EXPECT_EQ(sum->op, "+");
  EXPECT_EQ(sum->prev[0]->label, "Cons");
  EXPECT_EQ(sum->prev[0]->op, "");
  EXPECT_EQ(sum->prev[0]->data, 2);
  EXPECT_EQ(sum->prev[1].get(), a.get());
  sum.backward();
  EXPECT_EQ(sum->prev[0]->grad, 1);
}

TEST(Classic, a_graph_is_freed_with_its_last_handle) {
  std::weak_ptr<classic::Node> product;
  {
    const classic::Value a = 2;
    classic::Value sum = tanh(a * a) + 1;
    product = sum->prev[0]->prev[0];
    ASSERT_EQ(product.lock()->op, "*");
    sum.backward();
  }
  EXPECT_TRUE(product.expired()) << "a closure owns its own node";
}

}  // namespace
