// Words for nodes: labels, operation names, operands with their values.
#include <micrograd/engine/describe.hpp>

#include <array>
#include <charconv>
#include <cmath>

#include <micrograd/engine/graph.hpp>

namespace micrograd::engine {
namespace {

constexpr auto op_names = [] {
  std::array<std::string_view, Ops::size> names{};
  for_each_op([&names]<class Op>() { names[code<Op>] = Op::info.name; });
  return names;
}();

}  // namespace

std::string describe_number(double x) {
  if (std::isnan(x)) return "nan";  // its sign means nothing
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), x).ptr;
  return {text.data(), end};
}

std::string_view label_of(Graph& graph, const Node* node) {
  if (const Note* note = graph.find_note(node); note != nullptr && !note->label.empty()) return note->label;
  return (node->flags & Flag::constant) != 0 ? "Cons" : "";
}

std::string_view op_of(Graph& graph, const Node* node) {
  if (node->kind == leaf_kind) return "";
  if (node->kind == custom_kind) return graph.find_note(node)->custom->name;
  return op_names[kinds[node->kind - first_op_kind].op];
}

std::string describe(Graph& graph, const Node* node) {
  const std::string_view label = label_of(graph, node);
  std::string name(label);
  if (label.empty()) name = node->kind == leaf_kind ? "leaf" : std::string(op_of(graph, node)) + " node";
  return name + " = " + describe_number(node->data);
}

std::string describe_operation(Graph& graph, const Node* node) {
  std::string text(op_of(graph, node));
  const std::string_view label = label_of(graph, node);
  if (!label.empty()) text += " '" + std::string(label) + "'";
  std::string operands;
  const auto add = [&operands](const std::string& operand) {
    operands += (operands.empty() ? " of " : ", ") + operand;
  };
  const bool number_form = has_number(node->kind);
  const bool number_left = number_form && form_of(node->kind) == Form::number_left;
  if (number_left) add(describe_number(node->number));
  for_each_operand(graph, node, [&](const Node* operand) { add(describe(graph, operand)); });
  if (number_form && !number_left) add(describe_number(node->number));
  return text + operands;
}

}  // namespace micrograd::engine
