// 100,000 random graphs over the whole table, with shared nodes, numbers on both sides and custom operations.
// The gradients of backward must equal forward mode's, and those of the original's design for the operations
// it has, within the rounding error that forward mode carries along.
#include "../../docs/tour/classic.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "instances.hpp"
#include "verdict.hpp"

namespace {

using micrograd::Bounded;
using micrograd::Value;
using random_programs::a_number;
using random_programs::Doubt;
using random_programs::Draw;
using random_programs::Exact;
using random_programs::Program;
using random_programs::Step;

/// The last node and its gradient, by backward.
struct Outcome {
  double result = 0;
  std::vector<double> gradient;
};

Outcome backward_gradient(const Program& program) {
  Doubt doubt;
  const std::vector<Value> leaves(program.leaves.begin(), program.leaves.end());
  const Value result = random_programs::run(program, leaves, program.indices, doubt).back();
  result.backward();
  Outcome outcome{.result = result.data(), .gradient = {}};
  for (const Value& leaf : leaves) outcome.gradient.push_back(leaf.grad());
  return outcome;
}

/// The same by forward mode, with error bounds, one pass a leaf.
struct Expected {
  Bounded<double> result;
  std::vector<Bounded<double>> gradient;
  bool in_doubt = false;  ///< an equality was too close to call
};

Expected forward_gradient(const Program& program) {
  Expected expected;
  Doubt doubt;
  for (std::size_t i = 0; i < program.leaves.size(); ++i) {
    std::vector<Exact> leaves(program.leaves.begin(), program.leaves.end());
    leaves[i].derivative = 1.0;
    const Exact result = random_programs::run(program, leaves, program.indices, doubt).back();
    expected.result = result.value;
    expected.gradient.push_back(result.derivative);
  }
  expected.in_doubt = doubt.any;
  return expected;
}

void judge(const Outcome& found, const Expected& expected, Verdict& verdict, std::uint64_t seed) {
  const auto words = [seed] { return "graph " + std::to_string(seed); };
  verdict.judge(found.result, expected.result, words);
  for (std::size_t i = 0; i < found.gradient.size(); ++i) {
    verdict.judge(found.gradient[i], expected.gradient[i], words);
  }
}

const std::uint64_t graphs = table_walk::in_a_hurry() ? 500 : table_walk::trials(100'000);

TEST(RandomGraphs, have_the_gradients_of_forward_mode) {
  std::vector<int> used(micrograd::Ops::size, 0);
  std::vector<int> used_kinds(static_cast<std::size_t>(random_programs::Kind::count), 0);
  Verdict verdict;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Program program = Draw(seed).program({.branches = true, .closures = true});
    for (const Step& step : program.steps) {
      ++used_kinds[static_cast<std::size_t>(step.kind)];
      if (step.kind == random_programs::Kind::row) ++used[step.which];
    }
    const Expected expected = forward_gradient(program);
    if (expected.in_doubt) {
      ++verdict.too_ill_conditioned;
      continue;
    }
    judge(backward_gradient(program), expected, verdict, seed);
    if (::testing::Test::HasFailure()) return;
  }
  for (std::size_t i = 0; i < used.size(); ++i) EXPECT_GT(used[i], 0) << "row " << i << " was never drawn";
  for (std::size_t i = 0; i < used_kinds.size(); ++i) EXPECT_GT(used_kinds[i], 0) << "kind " << i;
  verdict.expect_enough();
}

/// The operations that the original's design has, by name.
classic::Value classic_step(const std::string& name, const Step& step,
                            const std::vector<classic::Value>& nodes) {
  using classic::Value;
  const auto operand = [&](std::size_t i) {
    return step.operands[i] == a_number ? Value(step.numbers[i])
                                        : nodes[static_cast<std::size_t>(step.operands[i])];
  };
  static const std::map<std::string, Value (*)(const Value&, const Value&)> binary{
      {"+", [](const Value& x, const Value& y) { return x + y; }},
      {"-", [](const Value& x, const Value& y) { return x - y; }},
      {"*", [](const Value& x, const Value& y) { return x * y; }},
      {"/", [](const Value& x, const Value& y) { return x / y; }}};
  static const std::map<std::string, Value (*)(const Value&)> unary{
      {"neg", [](const Value& x) { return -x; }},       {"exp", [](const Value& x) { return exp(x); }},
      {"log", [](const Value& x) { return log(x); }},   {"sin", [](const Value& x) { return sin(x); }},
      {"tanh", [](const Value& x) { return tanh(x); }}, {"sqrt", [](const Value& x) { return sqrt(x); }},
      {"ReLU", [](const Value& x) { return relu(x); }}};
  if (name == "pow_number") return pow(operand(0), step.numbers[1]);
  if (const auto found = binary.find(name); found != binary.end())
    return found->second(operand(0), operand(1));
  return unary.at(name)(operand(0));
}

TEST(RandomGraphs, have_the_gradients_of_the_original_design) {
  std::vector<std::string> names;
  micrograd::for_each_op([&]<class Op>() { names.emplace_back(Op::info.name); });
  std::vector<std::size_t> shared_rows;
  for (const char* name :
       {"+", "-", "*", "/", "neg", "pow_number", "exp", "log", "sin", "tanh", "sqrt", "ReLU"}) {
    shared_rows.push_back(
        static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin()));
  }
  Verdict verdict;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Program program = Draw(seed + 1'000'000).program({.rows = shared_rows});
    std::vector<classic::Value> nodes;
    nodes.reserve(program.leaves.size() + program.steps.size());
    for (const double x : program.leaves) nodes.emplace_back(x);
    const std::vector<classic::Value> leaves = nodes;
    for (const Step& step : program.steps) nodes.push_back(classic_step(names[step.which], step, nodes));
    nodes.back().backward();
    Outcome classic{.result = nodes.back().data(), .gradient = {}};
    for (const classic::Value& leaf : leaves) classic.gradient.push_back(leaf.grad());
    const Expected expected = forward_gradient(program);
    judge(classic, expected, verdict, seed);
    judge(backward_gradient(program), expected, verdict, seed);
    if (::testing::Test::HasFailure()) return;
  }
  verdict.expect_enough();
}

}  // namespace
