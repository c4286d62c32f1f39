// Reverse mode whose adjoints are numbers or, for higher order, Values. The numbers way is the ordinary pass
// with every gradient put back afterwards; the Values way walks the same nodes and evaluates the same rows on
// Value.
#include <micrograd/engine/grad.hpp>

#include <concepts>
#include <ranges>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/partials.hpp>
#include <micrograd/engine/watcher.hpp>
#include <micrograd/error.hpp>

namespace micrograd::engine {
namespace {

/// Keeps the gradients of some nodes and puts them back at its end, whatever happens in between.
class KeepGradients {
 public:
  KeepGradients(Graph& graph, std::span<Node* const> nodes) : graph_(graph) {
    for (Node* node : nodes) add(node);
  }
  KeepGradients(const KeepGradients&) = delete;
  KeepGradients& operator=(const KeepGradients&) = delete;
  ~KeepGradients() {
    for (const Kept& kept : std::views::reverse(kept_)) {  // reverse, since a node may be kept twice
      kept.node->grad = kept.grad;
      kept.node->flags &= static_cast<std::uint8_t>(~(Flag::number_pending | Flag::number_settled));
      const bool stored = (kept.node->flags & Flag::number_stored) != 0;
      if (stored && !kept.number_stored)
        graph_.find_note(kept.node)->number.set_grad(0.0);  // a closure looked
    }
  }
  void add(Node* node) {
    if ((node->flags & (Flag::number_pending | Flag::number_settled)) != 0) number_leaf(graph_, node);
    const bool number_stored = (node->flags & Flag::number_stored) != 0;
    if (number_stored) add(number_leaf(graph_, node));
    kept_.push_back({.node = node, .grad = node->grad, .number_stored = number_stored});
    node->grad = 0.0;
  }

 private:
  struct Kept {
    Node* node;
    double grad;
    bool number_stored;
  };
  Graph& graph_;
  std::vector<Kept> kept_;
};

/// The nodes under the outputs, newest first, with an adjoint each. Meanwhile a node's `grad` holds its
/// place.
class Adjoints {
 public:
  Adjoints(Graph& graph, std::span<Node* const> outputs, std::span<Node* const> inputs)
      : graph_(graph), nodes_(graph.reachable(outputs)), kept_(graph, nodes_) {
    for (Node* input : inputs) {
      kept_.add(input);
      input->grad = absent;
    }
    const auto give_place = [this](std::size_t i) { nodes_[i]->grad = static_cast<double>(i); };
    for (std::size_t i = 0; i < nodes_.size(); ++i) give_place(i);
    // The number in `2 * x` is no operand that a walk would meet.
    for (Node* input : inputs) {
      if (input->kind != leaf_kind || input->a == nullptr || has_place(input) || !has_place(input->a))
        continue;
      nodes_.push_back(input);
      give_place(nodes_.size() - 1);
    }
    adjoints_.resize(nodes_.size());
    // Only what leads to an input matters: no partial is computed for the rest.
    needed_.assign(nodes_.size(), false);
    for (Node* input : inputs) {
      if (input->grad != absent) needed_[place(input)] = true;
    }
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      for_each_operand(graph, nodes_[i], [&](const Node* operand) {
        if (needed_[place(operand)]) needed_[i] = true;
      });
      if (const Node* number = needed_number(nodes_[i]); number != nullptr) needed_[i] = true;
    }
  }

  void add(const Node* node, const Value& contribution) { adjoints_[place(node)].push_back(contribution); }

  void propagate();
  [[nodiscard]] Value of(const Node* node) { return node->grad == absent ? Value(0.0) : total(place(node)); }

 private:
  static constexpr double absent = -1.0;

  static std::size_t place(const Node* node) { return static_cast<std::size_t>(node->grad); }
  /// For nodes that need not be among ours: their `grad` may be anything.
  [[nodiscard]] bool has_place(const Node* node) const {
    return node->grad >= 0.0 && node->grad < static_cast<double>(nodes_.size()) &&
           nodes_[place(node)] == node;
  }
  /// The leaf that stands for the node's number, if somebody asks for its gradient; else null.
  [[nodiscard]] Node* needed_number(Node* node) {
    if (!has_number(node->kind) || (node->flags & Flag::number_stored) == 0) return nullptr;
    Node* const leaf = number_leaf(graph_, node);
    return has_place(leaf) && needed_[place(leaf)] ? leaf : nullptr;
  }
  Value total(std::size_t place) {
    std::vector<Value>& parts = adjoints_[place];
    if (parts.empty()) return Value(0.0);
    while (parts.size() > 1) {
      const Value last = std::move(parts.back());
      parts.pop_back();
      parts.back() += last;
    }
    return parts.front();
  }
  template <class Op, Form form>
  void push(Node* node, const Value& adjoint);
  void push_custom(Node* node, const Value& adjoint);

  Graph& graph_;
  std::vector<Node*> nodes_;
  KeepGradients kept_;
  std::vector<std::vector<Value>> adjoints_;
  std::vector<bool> needed_;
};

Value chain(const Value& adjoint, const Value& partial) { return adjoint * partial; }
Value chain(const Value& adjoint, double partial) {
  if (partial == 1.0) return adjoint;
  return partial == -1.0 ? -adjoint : adjoint * partial;
}

/// A partial that does not depend on the two operands, as those of + and -.
template <class Op, std::size_t I>
concept ConstantPartial = Op::info.flat[I] || requires(const Value& x) {
  { partial<Op, I, Value>(x, x, x) } -> std::same_as<double>;
};

template <class Op, Form form>
void Adjoints::push(Node* node, const Value& adjoint) {
  const Value r = Value::handle(node);
  const Value x = Value::handle(node->a);
  // Where a partial depends on the number, the gradient is a function of the leaf that stands for it.
  const auto number = [&]<std::size_t I>() -> Operand<Op, I, Value> {
    if constexpr (std::is_same_v<Operand<Op, I, Value>, double>) {
      return node->number;
    } else if constexpr (ConstantPartial<Op, 0> && ConstantPartial<Op, 1>) {
      return Value(node->number);
    } else {
      return Value::handle(number_leaf(graph_, node));
    }
  };
  const auto give = [&]<std::size_t I>(const Node* operand, const auto&... operands) {
    if constexpr (!Op::info.flat[I]) {
      if (needed_[place(operand)]) add(operand, chain(adjoint, partial<Op, I, Value>(operands..., r)));
    }
  };
  if constexpr (form == Form::one) {
    give.template operator()<0>(node->a, x);
  } else if constexpr (form == Form::number_right) {
    const auto y = number.template operator()<1>();
    give.template operator()<0>(node->a, x, y);
    if (const Node* leaf = needed_number(node); leaf != nullptr) give.template operator()<1>(leaf, x, y);
  } else if constexpr (form == Form::number_left) {
    const auto y = number.template operator()<0>();
    if (const Node* leaf = needed_number(node); leaf != nullptr) give.template operator()<0>(leaf, y, x);
    give.template operator()<1>(node->a, y, x);
  } else {
    const Value y = Value::handle(node->b);
    if constexpr (form == Form::two) {
      give.template operator()<0>(node->a, x, y);
      give.template operator()<1>(node->b, x, y);
    } else {
      const Node* third = graph_.find_note(node)->third;
      const Value z = Value::handle(graph_.find_note(node)->third);
      give.template operator()<0>(node->a, x, y, z);
      give.template operator()<1>(node->b, x, y, z);
      give.template operator()<2>(third, x, y, z);
    }
  }
}

void Adjoints::push_custom(Node* node, const Value& adjoint) {
  const Custom& custom = *graph_.find_note(node)->custom;
  if (custom.rule == nullptr) {
    throw UsageError(
        "grad: the custom operation '" + custom.name +
        "' has a closure for its rule, which cannot be differentiated again (create_graph = true); "
        "write it as a row and call it with apply<Row>(…)");
  }
  std::vector<Value> operands;
  operands.reserve(custom.operands.size());
  for (Node* operand : custom.operands) operands.push_back(Value::handle(operand));
  const std::vector<Node*> nodes = custom.operands;
  const Rule& rule = *custom.rule;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (rule.flat[i] || !needed_[place(nodes[i])]) continue;
    add(nodes[i], chain(adjoint, rule.partial_value(operands, Value::handle(node), i)));
  }
}

void Adjoints::propagate() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node* const node = nodes_[i];
    if (!needed_[i] || node->kind == leaf_kind || adjoints_[i].empty()) continue;
    if (tape.watcher != nullptr) tape.watcher->differentiated(node);
    const Value adjoint = total(i);
    if (node->kind == custom_kind) {
      push_custom(node, adjoint);
    } else {
      dispatch(node->kind, [&]<class Op, Form form>() { push<Op, form>(node, adjoint); });
    }
  }
}

std::vector<Value> grad_as_values(Graph& graph, std::span<Node* const> outputs, std::span<Node* const> inputs,
                                  std::span<const Value> seeds) {
  Adjoints adjoints(graph, outputs, inputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) adjoints.add(outputs[i], seeds[i]);
  adjoints.propagate();
  std::vector<Value> gradients;
  for (const Node* input : inputs) gradients.push_back(adjoints.of(input));
  return gradients;
}

std::vector<Value> grad_as_numbers(Graph& graph, std::span<Node* const> outputs,
                                   std::span<Node* const> inputs, std::span<const Value> seeds) {
  std::vector<double> numbers;
  for (const Value& seed : seeds) numbers.push_back(seed.data());
  std::vector<double> gradients;
  {
    const std::vector<Node*> below = graph.reachable(outputs);
    KeepGradients kept(graph, below);
    for (Node* input : inputs) kept.add(input);
    run_backward(graph, outputs, numbers);
    for (const Node* input : inputs) gradients.push_back(input->grad);
  }
  return {gradients.begin(), gradients.end()};
}

}  // namespace
}  // namespace micrograd::engine

namespace micrograd {

std::vector<Value> grad(std::span<const Value> outputs, std::span<const Value> inputs,
                        const GradOptions& options) {
  std::vector<Value> seeds = options.seeds;
  if (seeds.empty()) seeds.assign(outputs.size(), Value(1.0));
  if (seeds.size() != outputs.size()) {
    throw UsageError("grad: every output needs a seed (got " + std::to_string(outputs.size()) + " outputs, " +
                     std::to_string(seeds.size()) + " seeds)");
  }
  if (outputs.empty()) return std::vector<Value>(inputs.size());
  const std::vector<Value> held(outputs.begin(), outputs.end());  // a closure may drop the caller's handles
  const std::vector<Value> held_inputs(inputs.begin(), inputs.end());
  engine::Graph& graph = engine::Graph::of(held.front().node(), "grad");
  const auto nodes_of = [&graph, &held](const std::vector<Value>& values) {
    std::vector<engine::Node*> nodes;
    for (const Value& value : values) {
      nodes.push_back(value.node());
      if (&engine::Graph::of(nodes.back(), "grad") == &graph) continue;
      throw UsageError("grad: outputs and inputs belong to graphs of different threads (got " +
                       engine::describe(graph, held.front().node()) + " and " +
                       engine::describe(engine::Graph::of(nodes.back(), "grad"), nodes.back()) +
                       "); run grad once for each");
    }
    return nodes;
  };
  const auto compute = options.create_graph ? engine::grad_as_values : engine::grad_as_numbers;
  return compute(graph, nodes_of(held), nodes_of(held_inputs), seeds);
}

}  // namespace micrograd
