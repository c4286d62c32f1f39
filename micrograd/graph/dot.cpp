// Writing DOT: which boxes and bubbles there are. What they look like stands in drawing.cpp.
#include <micrograd/graph/dot.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include <micrograd/drawing.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

/// Fixed decimals, as in the classic pictures; very large and very small numbers as powers of ten.
std::string number(double x, int decimals) {
  if (std::isnan(x)) return "nan";
  if (x == 0) x = 0;  // without its sign
  const double size = std::abs(x);
  const bool fixed = size == 0 || (size >= 0.5 * std::pow(10.0, -decimals) && size < 1e7) || std::isinf(x);
  std::array<char, 64> text{};
  const auto form = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), x, form, decimals).ptr;
  return {text.data(), end};
}

bool is_leaf(const SnapshotNode& node) { return node.op.empty() && node.operands.empty(); }

std::string box(const SnapshotNode& node, bool is_root, const DotOptions& options) {
  std::string text = "  n" + std::to_string(node.id) + " [label=\"{ ";
  if (!node.label.empty()) text += drawing::escape(node.label, true) + " | ";
  text += "data " + number(node.data, options.decimals) + " | grad " + number(node.grad, options.decimals) +
          " }\"";
  if (is_root) {
    text += drawing::result;
  } else if (node.constant) {
    text += drawing::constant;
  } else if (is_leaf(node)) {
    text += drawing::leaf;
  }
  return text + "];\n";
}

std::string bubble(const SnapshotNode& node, bool in_a_hurry) {
  std::string text = "  op" + std::to_string(node.id) + " [label=\"" +
                     drawing::escape(node.op.empty() ? "custom" : node.op, false) + "\"";
  const bool commutes = node.op == "+" || node.op == "*";
  if (node.operands.size() > 1 && !commutes && !in_a_hurry)
    text += ", ordering=in";  // as written, not as fits best
  return text + "];\n";
}

std::string edges(const SnapshotNode& node) {
  const std::string id = std::to_string(node.id);
  std::string text;
  bool cut = false;
  for (const std::size_t operand : node.operands) {
    cut = cut || operand == cut_operand;
    if (operand != cut_operand) text += "  n" + std::to_string(operand) + " -> op" + id + ";\n";
  }
  if (cut) text += drawing::cut_mark(id);
  return text + "  op" + id + " -> n" + id + ";\n";
}

}  // namespace

std::string to_dot(const Snapshot& graph, const DotOptions& options) {
  constexpr int most_decimals = 17;
  if (options.decimals < 0 || options.decimals > most_decimals) {
    throw UsageError("to_dot: decimals out of range (got " + std::to_string(options.decimals) +
                     ", expected 0 to 17)");
  }
  const bool in_a_hurry = graph.nodes.size() > drawing::large;
  std::string text = drawing::opening({.top_down = options.top_down, .in_a_hurry = in_a_hurry});
  for (const SnapshotNode& node : graph.nodes) text += box(node, node.id + 1 == graph.nodes.size(), options);
  text += drawing::cut_note(graph.cut, "older node");
  text += drawing::bubbles;
  for (const SnapshotNode& node : graph.nodes) {
    if (!is_leaf(node)) text += bubble(node, in_a_hurry) + edges(node);
  }
  return text + "}\n";
}

}  // namespace micrograd
