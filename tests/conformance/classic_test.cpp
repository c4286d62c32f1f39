// The literal design of docs/tour/classic.hpp is right, and the engine agrees with it on random graphs.
#include "../../docs/tour/classic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <ostream>
#include <vector>

#include <micrograd/engine/value.hpp>
#include <micrograd/nn/random.hpp>

namespace {

/// Under stress the engine collects before every allocation, so that time grows with the square of the graph.
bool in_a_hurry() { return std::getenv("MICROGRAD_STRESS") != nullptr; }

template <class V>
class BothDesigns : public testing::Test {};
using Designs = testing::Types<classic::Value, micrograd::Value>;
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

/// One operation of a random program: the operands are results of earlier ones.
struct Instruction {
  int operation;
  std::size_t a, b;
  double number;
};
constexpr int kOperations = 17;

struct Program {
  std::vector<double> inputs;
  std::vector<Instruction> instructions;
};

Program random_program(micrograd::Random& random) {
  Program program;
  const std::size_t inputs = 1 + random.below(4);
  for (std::size_t i = 0; i < inputs; ++i) program.inputs.push_back(random.uniform(-2, 2));
  const std::size_t length = 1 + random.below(40);
  for (std::size_t i = 0; i < length; ++i) {
    program.instructions.push_back({.operation = static_cast<int>(random.below(kOperations)),
                                    .a = random.below(inputs + i),
                                    .b = random.below(inputs + i),
                                    .number = random.uniform(-2, 2)});
  }
  return program;
}

/// The operations, kept within their domains and away from steep slopes.
template <class V>
V perform(const Instruction& instruction, const V& a, const V& b) {
  const double number = instruction.number;
  switch (instruction.operation) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a / (b * b + 1);
    case 4:
      return number + a;
    case 5:
      return a + number;
    case 6:
      return number - a;
    case 7:
      return a - number;
    case 8:
      return number * a;
    case 9:
      return number / (1 + a * a);
    case 10:
      return a / (number < 0 ? number - 1 : number + 1);
    case 11:
      return -a;
    case 12:
      return pow(a, 2) * 0.1;
    case 13:
      return exp(tanh(a));
    case 14:
      return log(1 + a * a) + sqrt(1 + b * b);
    case 15:
      return sin(a);
    default:
      return relu(a);
  }
}

struct Outcome {
  double result = 0;
  std::vector<double> gradients;
  double largest = 0;       // of all results on the way
  double nearest_kink = 1;  // distance of any relu's operand from 0
};

template <class V>
Outcome run(const Program& program) {
  std::vector<V> values(program.inputs.begin(), program.inputs.end());
  Outcome outcome;
  for (const Instruction& instruction : program.instructions) {
    const V a = values[instruction.a], b = values[instruction.b];
    if (instruction.operation == kOperations - 1) {
      outcome.nearest_kink = std::min(outcome.nearest_kink, std::abs(a.data()));
    }
    values.push_back(perform(instruction, a, b));
    outcome.largest = std::max(outcome.largest, std::abs(values.back().data()));
  }
  outcome.result = values.back().data();
  values.back().backward();
  for (std::size_t i = 0; i < program.inputs.size(); ++i) outcome.gradients.push_back(values[i].grad());
  return outcome;
}

TEST(Classic, random_graphs_have_the_same_results_and_gradients_on_the_engine) {
  micrograd::Random random(2024);
  const int graphs = in_a_hurry() ? 1'000 : 20'000;
  int compared = 0;
  for (int graph = 0; graph < graphs; ++graph) {
    const Program program = random_program(random);
    const Outcome literal = run<classic::Value>(program);
    // Where roundoff is blown up, or decides on which side of a kink a number falls, equality means nothing.
    if (!(literal.largest < 1e4) || literal.nearest_kink < 1e-6) continue;
    ++compared;
    const Outcome engine = run<micrograd::Value>(program);
    EXPECT_NEAR(engine.result, literal.result, 1e-12 * (1 + literal.largest)) << "graph " << graph;
    double scale = 1;
    for (const double gradient : literal.gradients) scale = std::max(scale, std::abs(gradient));
    for (std::size_t i = 0; i < literal.gradients.size(); ++i) {
      EXPECT_NEAR(engine.gradients[i], literal.gradients[i], 1e-10 * scale)
          << "graph " << graph << ", input " << i;
    }
    ASSERT_FALSE(testing::Test::HasFailure());
  }
  EXPECT_GT(compared, graphs * 8 / 10);
}

}  // namespace
