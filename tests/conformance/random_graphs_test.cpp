// 100,000 random graphs over the whole table, with shared nodes, numbers on both sides and custom operations.
// The gradients of backward must equal forward mode's, and those of the original's design for the operations
// it has, within the rounding error that forward mode carries along.
#include "../../docs/tour/classic.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "../ops/table_walk.hpp"

namespace {

using micrograd::Bounded;
using micrograd::Dual;
using micrograd::Value;
using table_walk::Point;
using Exact = Dual<Bounded<double>>;

/// A custom operation, as a row.
struct Bump {
  static constexpr micrograd::OpInfo info{
      .name = "bump", .formula = "1 / (1 + x^2 y^2)", .derivative = "-2 r^2 x y^2, …"};
  template <class T> static T value(T x, T y) { return 1.0 / (1.0 + x * x * (y * y)); }
  template <class T> static T dx(T x, T y, T r) { return -2.0 * (r * r) * x * (y * y); }
  template <class T> static T dy(T x, T y, T r) { return -2.0 * (r * r) * y * (x * x); }
};

/// The same, as a closure.
Value bump(const Value& x, const Value& y) {
  return Value::custom(Bump::value<double>(x.data(), y.data()), {x, y}, "bump", [x, y](const Value& out) {
    x.add_grad(out.grad() * Bump::dx<double>(x.data(), y.data(), out.data()));
    y.add_grad(out.grad() * Bump::dy<double>(x.data(), y.data(), out.data()));
  });
}

constexpr std::size_t bump_row = micrograd::Ops::size;
constexpr std::size_t bump_closure = bump_row + 1;
constexpr int a_number = -1;

struct Step {
  std::size_t row;
  std::array<int, 3> operands;  ///< places of earlier nodes, or a_number
  Point at;                     ///< the operands' data
};

struct Program {
  std::vector<double> leaves;
  std::vector<Step> steps;
};

template <class Op, class T>
T take_step(const Step& step, std::span<const T> nodes) {
  const auto node = [&](std::size_t i) { return nodes[static_cast<std::size_t>(step.operands[i])]; };
  if constexpr (micrograd::arity<Op> == 1) {
    return apply<Op>(node(0));
  } else if constexpr (micrograd::arity<Op> == 3) {
    return apply<Op>(node(0), node(1), node(2));
  } else {
    if constexpr (Op::info.number_operand != micrograd::NumberOperand::first) {
      if (step.operands[1] == a_number) return apply<Op>(node(0), step.at[1]);
    }
    if constexpr (Op::info.number_operand != micrograd::NumberOperand::second) {
      if (step.operands[0] == a_number) return apply<Op>(step.at[0], node(1));
    }
    if constexpr (Op::info.number_operand == micrograd::NumberOperand::none)
      return apply<Op>(node(0), node(1));
    throw std::logic_error("a number operand is a node");
  }
}

/// The program's nodes on a number type, the leaves being given.
template <class T>
std::vector<T> run(const Program& program, std::vector<T> nodes) {
  static const auto rows = [] {
    std::vector<T (*)(const Step&, std::span<const T>)> steps;
    micrograd::for_each_op([&]<class Op>() { steps.push_back(take_step<Op, T>); });
    steps.push_back(take_step<Bump, T>);
    return steps;
  }();
  for (const Step& step : program.steps) {
    if constexpr (std::is_same_v<T, Value>) {
      if (step.row == bump_closure) {
        nodes.push_back(bump(nodes[static_cast<std::size_t>(step.operands[0])],
                             nodes[static_cast<std::size_t>(step.operands[1])]));
        continue;
      }
    }
    nodes.push_back(rows[std::min(step.row, bump_row)](step, nodes));
  }
  return nodes;
}

/// Draws programs whose every operation stays inside its row's domain and away from kinks.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : generator_(seed) {}

  Program program(std::span<const std::size_t> allowed) {
    Program program;
    std::vector<double> data;
    for (std::size_t i = 0, n = 2 + below(2); i < n; ++i) data.push_back(uniform(-2, 2));
    program.leaves = data;
    const std::size_t length = 6 + below(14);
    for (int tries = 0; program.steps.size() < length && tries < 600; ++tries) {
      const std::size_t row = allowed[below(allowed.size())];
      Step step{.row = row, .operands = {a_number, a_number, a_number}, .at = {}};
      double result = std::nan("");
      if (row >= bump_row) {
        if (choose<Bump>(step, data)) result = table_walk::plain_value<Bump>(step.at);
        if (step.operands[0] == a_number || step.operands[1] == a_number) continue;
      } else {
        std::size_t code = 0;
        micrograd::for_each_op([&]<class Op>() {
          if (code++ == row && choose<Op>(step, data)) result = table_walk::plain_value<Op>(step.at);
        });
      }
      if (!(std::abs(result) < 50.0)) continue;
      program.steps.push_back(step);
      data.push_back(result);
    }
    return program;
  }

 private:
  std::size_t below(std::size_t n) { return generator_() % n; }
  /// Any earlier node, the latest three more often, so that graphs grow deep and share nodes.
  int place(std::size_t nodes) {
    return static_cast<int>(below(3) == 0 ? below(nodes)
                                          : nodes - 1 - below(std::min<std::size_t>(3, nodes)));
  }
  double uniform(double low, double high) {
    return low + (high - low) * std::ldexp(static_cast<double>(generator_() >> 11U), -53);
  }

  template <class Op>
  bool choose(Step& step, const std::vector<double>& data) {
    const std::size_t arity = micrograd::arity<Op>;
    const std::size_t number = Op::info.number_operand != micrograd::NumberOperand::none
                                   ? (Op::info.number_operand == micrograd::NumberOperand::first ? 0U : 1U)
                                   : (arity == 2 && below(4) == 0 ? below(2) : 3U);
    for (std::size_t i = 0; i < arity; ++i) {
      const micrograd::Domain domain = Op::info.domain[i];
      if (i == number) {
        step.at[i] = uniform(domain.low, domain.high);
        continue;
      }
      step.operands[i] = place(data.size());
      // x - x and x / x have gradients that are nothing but rounding: fewer of them.
      if (i > 0 && step.operands[i] == step.operands[0] && below(4) != 0)
        step.operands[i] = place(data.size());
      step.at[i] = data[static_cast<std::size_t>(step.operands[i])];
      if (step.at[i] < domain.low || step.at[i] > domain.high) return false;
    }
    return Op::info.kink_distance == nullptr ||
           Op::info.kink_distance(step.at[0], step.at[1], step.at[2]) > 1e-3;
  }

  std::mt19937_64 generator_;
};

/// d last node / d leaves with the error bound, one forward pass a leaf.
std::vector<Bounded<double>> forward_gradient(const Program& program) {
  std::vector<Bounded<double>> gradient;
  for (std::size_t i = 0; i < program.leaves.size(); ++i) {
    std::vector<Exact> leaves(program.leaves.begin(), program.leaves.end());
    leaves[i].derivative = 1.0;
    gradient.push_back(run<Exact>(program, leaves).back().derivative);
  }
  return gradient;
}

struct Verdict {
  int compared = 0;
  int too_ill_conditioned = 0;
};

/// Within 8 times the carried bound; gradients known to worse than 1e-3 are only counted.
void judge(double gradient, const Bounded<double>& expected, Verdict& verdict, std::uint64_t seed) {
  if (!(expected.bound <= 1e-3 * std::max(std::abs(expected.value), 1e-30) + 1e-300)) {
    ++verdict.too_ill_conditioned;
    return;
  }
  ++verdict.compared;
  EXPECT_LE(std::abs(gradient - expected.value), 8 * expected.bound)
      << "graph " << seed << ": " << gradient << ", expected " << expected;
}

const std::uint64_t graphs = table_walk::in_a_hurry() ? 500 : 100'000;

TEST(RandomGraphs, have_the_gradients_of_forward_mode) {
  std::vector<std::size_t> all(bump_closure + 1);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  std::vector<int> used(all.size(), 0);
  Verdict verdict;
  for (std::uint64_t seed = 0; seed < graphs; ++seed) {
    const Program program = Draw(seed).program(all);
    for (const Step& step : program.steps) ++used[step.row];
    const std::vector<Value> leaves(program.leaves.begin(), program.leaves.end());
    run<Value>(program, leaves).back().backward();
    const std::vector<Bounded<double>> expected = forward_gradient(program);
    for (std::size_t i = 0; i < leaves.size(); ++i) judge(leaves[i].grad(), expected[i], verdict, seed);
    if (testing::Test::HasFailure()) return;
  }
  for (std::size_t i = 0; i < used.size(); ++i) EXPECT_GT(used[i], 0) << "row " << i << " was never drawn";
  EXPECT_LE(verdict.too_ill_conditioned, verdict.compared / 9) << "of " << verdict.compared;
}

/// The operations that the original's design has, by name.
classic::Value classic_step(const std::string& name, const Step& step,
                            const std::vector<classic::Value>& nodes) {
  using classic::Value;
  const auto operand = [&](std::size_t i) {
    return step.operands[i] == a_number ? Value(step.at[i])
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
  if (name == "pow_number") return pow(operand(0), step.at[1]);
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
    const Program program = Draw(seed + 1'000'000).program(shared_rows);
    std::vector<classic::Value> nodes;
    for (const double x : program.leaves) nodes.emplace_back(x);
    const std::vector<classic::Value> classic_leaves = nodes;
    for (const Step& step : program.steps) nodes.push_back(classic_step(names[step.row], step, nodes));
    nodes.back().backward();
    const std::vector<Value> leaves(program.leaves.begin(), program.leaves.end());
    run<Value>(program, leaves).back().backward();
    const std::vector<Bounded<double>> expected = forward_gradient(program);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      judge(leaves[i].grad(), expected[i], verdict, seed);
      judge(classic_leaves[i].grad(), expected[i], verdict, seed);
    }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_LE(verdict.too_ill_conditioned, verdict.compared / 9) << "of " << verdict.compared;
}

}  // namespace
