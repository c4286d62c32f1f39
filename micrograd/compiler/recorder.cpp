// What is refused here would make a program that gives other numbers than the function.
#include <micrograd/compiler/recorder.hpp>

#include <algorithm>
#include <utility>

#include <micrograd/compiler/code.hpp>
#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/graph.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {

using engine::Graph;
using engine::Node;

std::string shown(const Value& x) {
  Node* const node = x.node();
  return engine::describe(Graph::of(node, "compile"), node);
}

Recorder::Recorder(std::span<const Value> inputs, std::span<const Value> parameters, std::string where)
    : start_(0.0), where_(std::move(where)) {
  for (const Value& x : inputs) sources_.insert(x.node());
  for (const Value& x : parameters) sources_.insert(x.node());
}

std::uint32_t Recorder::compared(engine::Relation relation, const Value& x, const Value& y, bool truth) {
  comparisons.push_back({.relation = relation, .x = x, .y = y, .truth = truth});
  return static_cast<std::uint32_t>(comparisons.size());
}

void Recorder::selected(std::uint32_t comparison, const Value& result) {
  selections.emplace(result.node(), comparison - 1);
  held_.push_back(result);
}

std::size_t Recorder::chosen(const char* who, const Index& index, std::size_t size) {
  const Value& column = *index.column();
  if (!sources_.contains(column.node())) {
    throw UsageError(std::string(who) + ": the index '" + std::string(column.label()) +
                     "' is that of another function that was compiled");
  }
  const double number = column.node()->data;
  if (!is_allowed({.size = size}, number)) refuse_index(where_, column.label(), {.size = size}, number);
  const auto [at, is_new] = sizes.try_emplace(column.node(), size);
  if (!is_new) at->second = std::min(at->second, size);
  return static_cast<std::size_t>(number);
}

void Recorder::picked(const Value& result) {
  picks.insert(result.node());
  held_.push_back(result);
}

void Recorder::detached(const Value& source, const Value& result) {
  detachments.emplace(result.node(), source);
  held_.push_back(result);
}

void Recorder::read(const Value& x) {
  Node* const node = x.node();
  const bool made_here = node == start_.node() || engine::created_before(start_.node(), node);
  if (node->kind == engine::leaf_kind && made_here && !detachments.contains(node) &&
      !sources_.contains(node)) {
    return;  // a number of the source
  }
  if (node->kind == engine::leaf_kind && !made_here && !sources_.contains(node)) return;  // refused when used
  throw UsageError("data: the value " + shown(x) +
                   " is being compiled, and a program cannot follow what becomes of a plain number; compute "
                   "with the Value, branch with select, or compare Values");
}

void Recorder::changed(const Value& x) {
  throw UsageError("set_data: a function that is being compiled must not change data (got " + shown(x) +
                   "); compute a new Value instead");
}

void Recorder::swept(std::span<Node* const> roots) {
  // A pass over a graph of its own, made of plain numbers, gives a plain number like any other.
  for (const Node* node : Graph::current().reachable(roots)) {
    if (!sources_.contains(node) && !detachments.contains(node)) continue;
    throw UsageError(
        "backward: the value " + engine::describe(Graph::current(), node) +
        " is being compiled, and a program cannot follow gradients that are plain numbers; use grad with "
        "create_graph, or the program's own derivatives");
  }
}

void Recorder::differentiated(const Node* operation) {
  if (picks.contains(operation)) {
    throw UsageError(
        "grad: a value that was picked by an index that is being compiled has another gradient on other rows "
        "(got create_graph); use the program's own derivatives");
  }
  if (!selections.contains(operation)) return;
  throw UsageError(
      "grad: a select by a comparison of values that are being compiled has another gradient on other rows "
      "(got create_graph); use relu, min, max or abs, or the program's own derivatives");
}

void Recorder::unrecorded() {
  throw UsageError(
      "no_grad: a function that is being compiled must record all it does; use detach to stop a "
      "gradient");
}

}  // namespace micrograd::compiler
