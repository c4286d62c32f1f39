// The parts of Value that are not on the hot path: labels, operands, setters, custom operations, printing;
// and the guards of no_grad and anomaly mode.
#include <micrograd/engine/value.hpp>

#include <ostream>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/partials.hpp>
#include <micrograd/engine/watcher.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

using engine::Graph;
using engine::Node;

void Value::set_data(double data) const {
  if (engine::tape.watcher != nullptr) engine::tape.watcher->changed(*this, "set_data");
  Node* const leaf = node();
  Graph& graph = Graph::of(leaf, "set_data");
  if (leaf->kind != engine::leaf_kind) {
    throw UsageError("set_data: only a leaf's data can be set (got the result of " +
                     engine::describe_operation(graph, leaf) + ", new data " + engine::describe_number(data) +
                     "); make a new leaf, Value(" + engine::describe_number(data) + ")");
  }
  if ((leaf->flags & engine::Flag::number_partner) != 0) {
    engine::settle_partners(graph);
    leaf->flags &= static_cast<std::uint8_t>(~engine::Flag::number_partner);
  }
  if (leaf->a != nullptr) leaf->a->number = data;  // the leaf stands for the number of this node
  leaf->data = data;
}

void Value::set_grad(double grad) const {
  if (engine::tape.watcher != nullptr) engine::tape.watcher->changed(*this, "set_grad");
  Node* const target = node();
  if ((target->flags & engine::Flag::number_pending) != 0) engine::settle_number(target);
  target->grad = grad;
}

std::string_view Value::label() const { return engine::label_of(*engine::Chunk::of(node())->owner, node()); }

void Value::set_label(std::string_view label) const {
  Graph::of(node(), "set_label").note(node()).label = label;
}

std::string_view Value::op() const { return engine::op_of(*engine::Chunk::of(node())->owner, node()); }

std::vector<Value> Value::prev() const {
  Node* const consumer = node();
  Graph& graph = Graph::of(consumer, "prev");
  std::vector<Value> operands;
  engine::for_each_operand(graph, consumer, [&](Node* operand) { operands.push_back(handle(operand)); });
  if (engine::has_number(consumer->kind)) {
    const auto place = static_cast<std::ptrdiff_t>(engine::number_index(engine::form_of(consumer->kind)));
    operands.insert(operands.begin() + place, handle(engine::number_leaf(graph, consumer)));
  }
  return operands;
}

Value Value::custom(double data, std::span<const Value> operands, std::string_view name,
                    std::function<void(const Value& out)> closure) {
  if (!closure) {
    throw UsageError(
        "custom: operation '" + std::string(name) +
        "' has no closure; pass a function that adds out.grad() times each partial to the operands");
  }
  engine::Custom custom{.name = std::string(name), .operands = {}, .closure = std::move(closure)};
  for (const Value& operand : operands) custom.operands.push_back(engine::operand(operand));
  return engine::record_custom(data, std::move(custom));
}

Value Value::constant(double number) {
  Value leaf(number);
  leaf.node()->flags |= engine::Flag::constant;
  return leaf;
}

std::ostream& operator<<(std::ostream& out, const Value& x) {
  return out << "Value(data=" << x.data() << ", grad=" << x.grad() << ")";
}

namespace engine {

template <class F> static Value record_with_note(Kind kind, double data, F&& fill) {
  Graph& graph = Graph::current();
  Value result = Value::adopt(record_leaf(data));
  if (graph.no_grad > 0) return result;
  Node* const node = result.node();
  fill(node, graph.note(node));
  node->kind = kind;
  graph.recorded_with_note(node);
  return result;
}

Value record_three(Kind kind, double data, Node* a, Node* b, Node* c) {
  return record_with_note(kind, data, [=](Node* node, Note& note) {
    node->a = a;
    node->b = b;
    note.third = c;
  });
}

Value record_custom(double data, Custom custom) {
  return record_with_note(custom_kind, data, [&custom](Node* /*node*/, Note& note) {
    note.custom = std::make_unique<Custom>(std::move(custom));
  });
}

}  // namespace engine

engine::ModeGuard::ModeGuard(int Graph::* users) : users_(users) {
  ++(Graph::current().*users_);
  Graph::current().update_limit();
}
engine::ModeGuard::~ModeGuard() {
  --(Graph::current().*users_);
  Graph::current().update_limit();
}
engine::Recording::Recording() : no_grad_before_(std::exchange(Graph::current().no_grad, 0)) {
  Graph::current().update_limit();
}
engine::Recording::~Recording() {
  Graph::current().no_grad = no_grad_before_;
  Graph::current().update_limit();
}
NoGrad::NoGrad() : ModeGuard(&Graph::no_grad) {
  if (engine::tape.watcher != nullptr) engine::tape.watcher->unrecorded();
}
AnomalyMode::AnomalyMode() : ModeGuard(&Graph::anomaly) {}

GraphStats graph_stats() { return Graph::current().stats(); }
void trim_graph() { Graph::current().trim(); }

}  // namespace micrograd
