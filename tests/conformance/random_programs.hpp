// Random programs over the whole table, for any number type: shared subexpressions, numbers on both sides,
// reductions, choices, branches, indices, rows and closures of the user's own.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "../ops/table_walk.hpp"

namespace random_programs {

using micrograd::Bounded;
using micrograd::Dual;
using micrograd::Index;
using micrograd::Value;
using table_walk::Point;

/// Where equality is too close to call, either answer is right: set by `perform`.
struct Doubt {
  bool any = false;

  template <class T> void note(const T& /*x*/, const T& /*y*/) {}
  template <class Carrier>
    requires requires(Carrier x) { x.bound; }
  void note(const Dual<Carrier>& x, const Dual<Carrier>& y) {
    const double reach = 16 * (x.value.bound + y.value.bound);
    if (!(std::abs(x.value.value - y.value.value) > reach)) any = true;
  }
};

/// An operation of the user's own.
struct Bump {
  static constexpr micrograd::OpInfo info{.name = "bump",
                                          .formula = "1 / (1 + x^2 y^2), at most 3 / 4",
                                          .derivative = "-2 r^2 x y^2, …",
                                          .ulp = 8};
  template <class T> static T whole(T x, T y) { return 1.0 / (1.0 + x * x * (y * y)); }
  template <class T> static T value(T x, T y) {
    using micrograd::select;
    const T r = whole(x, y);
    return select(x * y < T(0), r, T(2) - r);
  }
  template <class T> static T slope(T x, T y, T by) {
    using micrograd::select;
    const T r = whole(x, y);
    const T down = -2.0 * (r * r) * by;
    return select(x * y < T(0), down, -down);
  }
  template <class T> static T dx(T x, T y, T /*r*/) { return slope(x, y, T(x * (y * y))); }
  template <class T> static T dy(T x, T y, T /*r*/) { return slope(x, y, T(y * (x * x))); }
};

enum class Kind {
  row,
  user,
  choose,
  choose_number,
  branch,
  reduce,
  cut,
  constant,
  pick,
  gather,
  closure,
  count
};
constexpr int a_number = -1;

struct Step {
  Kind kind = Kind::row;
  std::size_t which = 0;          ///< the row, the relation, the reduction or the index
  std::array<int, 4> operands{};  ///< places of earlier nodes, or a_number
  std::array<double, 4> numbers{};
};

/// The indices of any program: the first chooses one of two, the others one of three.
constexpr std::size_t indices = 3;
constexpr std::size_t choices(std::size_t index) { return index == 0 ? 2 : 3; }

struct Program {
  std::size_t inputs = 0;
  std::vector<Index> indices;
  std::vector<double> leaves;  ///< inputs, then parameters
  std::vector<Step> steps;
  std::vector<std::size_t> outputs;
};

template <class Op, class T> T take_row(const Step& step, std::span<const T> nodes) {
  const auto node = [&](std::size_t i) { return nodes[static_cast<std::size_t>(step.operands[i])]; };
  if constexpr (micrograd::arity<Op> == 1) {
    return apply<Op>(node(0));
  } else if constexpr (micrograd::arity<Op> == 3) {
    return apply<Op>(node(0), node(1), node(2));
  } else {
    if constexpr (Op::info.number_operand != micrograd::NumberOperand::first) {
      if (step.operands[1] == a_number) return apply<Op>(node(0), step.numbers[1]);
    }
    if constexpr (Op::info.number_operand != micrograd::NumberOperand::second) {
      if (step.operands[0] == a_number) return apply<Op>(step.numbers[0], node(1));
    }
    if constexpr (Op::info.number_operand == micrograd::NumberOperand::none)
      return apply<Op>(node(0), node(1));
    throw std::logic_error("a number operand is a node");
  }
}

/// Bump as a closure, which is no program's but the engine's.
inline Value bump(const Value& x, const Value& y) {
  return Value::custom(Bump::value<double>(x.data(), y.data()), {x, y}, "bump", [x, y](const Value& out) {
    x.add_grad(out.grad() * Bump::dx<double>(x.data(), y.data(), out.data()));
    y.add_grad(out.grad() * Bump::dy<double>(x.data(), y.data(), out.data()));
  });
}
template <class T> T bump(const T& x, const T& y) { return apply<Bump>(x, y); }

template <class X, class Y> auto compare_by(std::size_t relation, const X& x, const Y& y) {
  switch (relation % 6) {
    case 0:
      return x < y;
    case 1:
      return x <= y;
    case 2:
      return x > y;
    case 3:
      return x >= y;
    case 4:
      return x == y;
    default:
      return x != y;
  }
}

/// Cut off from the graph.
inline Value cut(const Value& x) { return micrograd::detach(x); }
template <class T> Dual<T> cut(const Dual<T>& x) { return {x.value, T(0)}; }
template <class T> Bounded<T> cut(const Bounded<T>& x) { return x; }

template <class T> T reduce(std::size_t which, std::span<const T> x) {
  switch (which % 5) {
    case 0:
      return micrograd::sum(x);
    case 1:
      return micrograd::mean(x);
    case 2:
      return micrograd::dot(x, x);
    case 3:
      return micrograd::logsumexp(x);
    default:
      return micrograd::softmax(x)[1];
  }
}

template <class T>
T perform(const Step& step, std::span<const T> nodes, std::span<const Index> indices, Doubt& doubt) {
  static const auto rows = [] {
    std::vector<T (*)(const Step&, std::span<const T>)> list;
    micrograd::for_each_op([&]<class Op>() { list.push_back(take_row<Op, T>); });
    return list;
  }();
  const auto node = [&](std::size_t i) -> const T& {
    return nodes[static_cast<std::size_t>(step.operands[i])];
  };
  if (step.kind != Kind::row && step.operands[0] != step.operands[1]) {
    if (step.kind == Kind::choose || step.kind == Kind::branch) doubt.note(node(0), node(1));
  }
  using micrograd::select;
  switch (step.kind) {
    case Kind::row:
      return rows[step.which](step, nodes);
    case Kind::user:
      doubt.note(node(0) * node(1), T(0));
      return apply<Bump>(node(0), node(1));
    case Kind::closure:
      doubt.note(node(0) * node(1), T(0));
      return bump(node(0), node(1));
    case Kind::choose:
      return select(compare_by(step.which, node(0), node(1)), node(2), node(3));
    case Kind::choose_number: {
      doubt.note(node(0), T(step.numbers[1]));
      const auto condition = compare_by(step.which, node(0), step.numbers[1]);
      return step.which < 6 ? T(select(condition, node(2), step.numbers[3]))
                            : T(select(condition, step.numbers[2], node(3)));
    }
    case Kind::branch:
      if (compare_by(step.which, node(0), node(1))) return node(2) * node(3);
      return node(2) + 0.5 * node(3);
    case Kind::reduce: {
      const std::array<T, 3> list{node(0), node(1), node(2)};
      return reduce<T>(step.which, list);
    }
    case Kind::cut:
      return node(0) * cut(node(1));
    case Kind::pick: {
      const std::size_t by = step.which % indices.size();
      const std::array<T, 3> list{node(0), node(1), node(2)};
      return micrograd::pick(std::span(list).first(choices(by)), indices[by]);
    }
    case Kind::gather: {
      const std::size_t by = step.which % indices.size();
      const std::array<std::array<T, 2>, 3> table{
          {{node(0), node(1)}, {node(1), node(2)}, {node(3), node(3)}}};
      return micrograd::sum(micrograd::gather(std::span(table).first(choices(by)), indices[by]));
    }
    default:
      return T(step.numbers[0]);
  }
}

/// All nodes of the program, the leaves being given.
template <class T>
std::vector<T> run(const Program& program, std::vector<T> nodes, std::span<const Index> indices,
                   Doubt& doubt) {
  nodes.reserve(nodes.size() + program.steps.size());
  for (const Step& step : program.steps) nodes.push_back(perform<T>(step, nodes, indices, doubt));
  return nodes;
}

/// The outputs, on leaves of which some are inputs and the others parameters.
inline std::vector<Value> outputs_of(const Program& program, std::span<const Value> inputs,
                                     std::span<const Value> parameters, std::span<const Index> indices) {
  std::vector<Value> nodes(inputs.begin(), inputs.end());
  nodes.insert(nodes.end(), parameters.begin(), parameters.end());
  Doubt doubt;
  nodes = run<Value>(program, std::move(nodes), indices, doubt);
  std::vector<Value> outputs;
  for (const std::size_t output : program.outputs) outputs.push_back(nodes[output]);
  return outputs;
}

inline double as_float(double x) { return static_cast<double>(static_cast<float>(x)); }

/// What may be drawn.
struct Allowed {
  bool branches = false;
  bool closures = false;
  bool rows_of_the_user = true;
  std::span<const std::size_t> rows = {};  ///< only these rows of the table, and nothing but rows; empty: all
};

/// Draws programs whose every operation stays inside its row's domain and away from kinks at one point.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : generator_(seed) {}

  Program program(const Allowed& allowed) {
    Program program;
    program.inputs = 1 + below(3);
    for (std::size_t i = 0, n = program.inputs + below(3); i < n; ++i) {
      program.leaves.push_back(as_float(uniform(-2, 2)));
    }
    program.indices = some_indices();
    std::vector<Bounded<double>> nodes(program.leaves.begin(), program.leaves.end());
    const std::size_t length = 5 + below(16);
    for (int tries = 0; program.steps.size() < length && tries < 800; ++tries) {
      Step step;
      if (!draw(step, nodes, allowed)) continue;
      Doubt doubt;
      const Bounded<double> result = perform<Bounded<double>>(step, nodes, program.indices, doubt);
      if (!(std::abs(result.value) < 50.0)) continue;
      program.steps.push_back(step);
      nodes.push_back(result);
    }
    program.outputs.push_back(nodes.size() - 1);
    for (std::size_t i = below(3); i > 0; --i) program.outputs.push_back(below(nodes.size()));
    return program;
  }

  std::vector<Index> some_indices() {
    std::vector<Index> list;
    for (std::size_t i = 0; i < indices; ++i) list.emplace_back(below(choices(i)));
    return list;
  }

  std::size_t below(std::size_t n) { return generator_() % n; }
  double uniform(double low, double high) {
    return low + (high - low) * std::ldexp(static_cast<double>(generator_() >> 11U), -53);
  }

 private:
  /// Any earlier node, the latest three more often, so that graphs grow deep and share nodes.
  int place(std::size_t nodes) {
    return static_cast<int>(below(3) == 0 ? below(nodes)
                                          : nodes - 1 - below(std::min<std::size_t>(3, nodes)));
  }

  /// Numbers that identities look for are drawn often.
  double number(double low, double high) {
    const std::size_t draw = below(8);
    if (draw < 2 && low <= 1 && 1 <= high) return 1;
    if (draw == 2 && low <= 2 && 2 <= high) return 2;
    if (draw == 3 && low <= 0 && 0 <= high) return 0;
    return std::clamp(as_float(uniform(low, high)), low, high);
  }

  bool draw(Step& step, const std::vector<Bounded<double>>& nodes, const Allowed& allowed) {
    for (std::size_t i = 0; i < 4; ++i) {
      step.operands[i] = place(nodes.size());
      step.numbers[i] = number(-2, 2);
    }
    step.which = below(12);
    const std::size_t kind = below(24);
    step.kind = kind < static_cast<std::size_t>(Kind::count) ? static_cast<Kind>(kind) : Kind::row;
    if (step.kind == Kind::branch && !allowed.branches) return false;
    if (step.kind == Kind::closure && !allowed.closures) return false;
    if (step.kind == Kind::user && !allowed.rows_of_the_user) return false;
    if (step.kind != Kind::row && allowed.rows.empty()) return true;
    step.kind = Kind::row;
    step.which =
        allowed.rows.empty() ? below(micrograd::Ops::size) : allowed.rows[below(allowed.rows.size())];
    bool inside = false;
    std::size_t code = 0;
    micrograd::for_each_op([&]<class Op>() {
      if (code++ == step.which) inside = choose<Op>(step, nodes);
    });
    return inside;
  }

  template <class Op> bool choose(Step& step, const std::vector<Bounded<double>>& nodes) {
    const std::size_t arity = micrograd::arity<Op>;
    const std::size_t number_at = Op::info.number_operand != micrograd::NumberOperand::none
                                      ? (Op::info.number_operand == micrograd::NumberOperand::first ? 0U : 1U)
                                      : (arity == 2 && below(4) == 0 ? below(2) : 3U);
    Point at{};
    for (std::size_t i = 0; i < arity; ++i) {
      const micrograd::Domain domain = Op::info.domain[i];
      if (i == number_at) {
        step.operands[i] = a_number;
        at[i] = step.numbers[i] = number(domain.low, domain.high);
        continue;
      }
      // x - x and x / x have gradients that are nothing but rounding: fewer of them.
      if (i > 0 && step.operands[i] == step.operands[0] && below(4) != 0)
        step.operands[i] = place(nodes.size());
      at[i] = nodes[static_cast<std::size_t>(step.operands[i])].value;
      // A margin, because the other rows of a batch lie around this point.
      const double margin = 0.02 * (domain.high - domain.low);
      if (at[i] < domain.low + margin || at[i] > domain.high - margin) return false;
    }
    return Op::info.kink_distance == nullptr || Op::info.kink_distance(at[0], at[1], at[2]) > 1e-2;
  }

  std::mt19937_64 generator_;
};

}  // namespace random_programs
