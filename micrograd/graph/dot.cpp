// Writing DOT. The labels are the delicate part: they pass through the string syntax of DOT, then the syntax
// of record shapes, then entities as in HTML.
#include <micrograd/graph/dot.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view hard_space = "\xC2\xA0";       // U+00A0

/// Length of the UTF-8 character that `text` begins with; 0 if it does not begin with one.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
  }
  const std::uint8_t second = byte(1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool beyond = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

/// `text` as it must stand between the quotes of a label to look like `text`. In a record's label braces,
/// bars and angles mean something too, and of several spaces one is left unless they are hard ones.
std::string escape(std::string_view text, bool record) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text.front();
    if (length != 1) {
      escaped += length == 0 ? replacement : text.substr(0, length);
    } else if (c == '\n') {
      escaped += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      escaped += c == '\t' ? std::string_view(" ") : c == '\r' ? std::string_view() : replacement;
    } else if (c == ' ') {
      // Graphviz 2.43 also drops one that follows a character of several bytes.
      const bool safe = !escaped.empty() && escaped.back() != ' ' &&
                        static_cast<unsigned char>(escaped.back()) < 0x80 && text.size() > 1 &&
                        text[1] != ' ';
      escaped += record && !safe ? hard_space : std::string_view(" ");
    } else if (c == '&') {
      escaped += "&amp;";
    } else if (c == '"' || c == '\\' ||
               (record && std::string_view("{}|<>").find(c) != std::string_view::npos)) {
      escaped += {'\\', c};
    } else {
      escaped += c;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return escaped;
}

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

/// 9000 as `9,000`
std::string with_commas(std::size_t n) {
  std::string text = std::to_string(n);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, ",");
  return text;
}

constexpr std::string_view grey = "#B8BDC4";
constexpr std::string_view grey_text = "#6B7480";

std::string box(const SnapshotNode& node, bool is_root, const DotOptions& options) {
  std::string text = "  n" + std::to_string(node.id) + " [label=\"{ ";
  if (!node.label.empty()) text += escape(node.label, true) + " | ";
  text += "data " + number(node.data, options.decimals) + " | grad " + number(node.grad, options.decimals) +
          " }\"";
  if (is_root) {
    text += ", fillcolor=\"#FFF1D6\", color=\"#B7791F\", penwidth=1.6";
  } else if (node.constant) {
    text += ", fillcolor=\"#F6F7F8\", color=\"" + std::string(grey) + "\", fontcolor=\"" +
            std::string(grey_text) + "\"";
  } else if (is_leaf(node)) {
    text += ", fillcolor=\"#E8F1FB\"";
  }
  return text + "];\n";
}

std::string bubble(const SnapshotNode& node, bool in_a_hurry) {
  std::string text = "  op" + std::to_string(node.id) + " [label=\"" +
                     escape(node.op.empty() ? "custom" : node.op, false) + "\"";
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
  if (cut) {
    text += "  cut" + id + " [label=\"…\", shape=plaintext, style=\"\", fontcolor=\"" +
            std::string(grey_text) + "\"];\n";
    text += "  cut" + id + " -> op" + id + " [style=dashed, color=\"" + std::string(grey) + "\"];\n";
  }
  return text + "  op" + id + " -> n" + id + ";\n";
}

}  // namespace

std::string to_dot(const Snapshot& graph, const DotOptions& options) {
  constexpr int most_decimals = 17;
  if (options.decimals < 0 || options.decimals > most_decimals) {
    throw UsageError("to_dot: decimals out of range (got " + std::to_string(options.decimals) +
                     ", expected 0 to 17)");
  }
  // Beyond some size a fair layout soon is better than the best one later.
  constexpr std::size_t large = 300;
  const bool in_a_hurry = graph.nodes.size() > large;
  std::string text = "digraph micrograd {\n  graph [rankdir=";
  text += options.top_down ? "TB" : "LR";
  text += ", nodesep=0.2, ranksep=0.3, bgcolor=white";
  text += in_a_hurry ? ", nslimit=1, nslimit1=1, mclimit=0.2];\n" : "];\n";
  text += "  edge [color=\"#5B6673\", arrowsize=0.7, tailport=";
  text += options.top_down ? "s];\n" : "e];\n";
  text += R"(  node [fontname="sans-serif", fontsize=12, fontcolor="#1F2933", style=filled])"
          ";\n";
  text += R"(  node [shape=record, height=0.4, fillcolor=white, color="#5B6673"])"
          ";\n";
  for (const SnapshotNode& node : graph.nodes) text += box(node, node.id + 1 == graph.nodes.size(), options);
  if (graph.cut > 0) {
    text += "  note [label=\"" + with_commas(graph.cut) + (graph.cut == 1 ? " older node" : " older nodes") +
            " not shown\", shape=note, fillcolor=\"#FFFBE6\", color=\"" + std::string(grey) +
            "\", fontcolor=\"" + std::string(grey_text) + "\"];\n";
  }
  text += R"(  node [shape=ellipse, width=0.35, height=0.35, margin="0.06,0.03"])"
          ";\n";
  text += R"(  node [fontsize=14, fontcolor=white, fillcolor="#2F6F6B", color="#2F6F6B"])"
          ";\n";
  for (const SnapshotNode& node : graph.nodes) {
    if (!is_leaf(node)) text += bubble(node, in_a_hurry) + edges(node);
  }
  return text + "}\n";
}

}  // namespace micrograd
