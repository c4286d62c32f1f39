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
      const bool single = !escaped.empty() && escaped.back() != ' ' && text.size() > 1 && text[1] != ' ';
      escaped += record && !single ? hard_space : std::string_view(" ");
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
  const double size = std::abs(x);
  const bool fixed = size == 0 || (size >= 0.5 * std::pow(10.0, -decimals) && size < 1e7) || std::isinf(x);
  std::array<char, 64> text{};
  const auto form = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), x, form, decimals).ptr;
  return {text.data(), end};
}

/// 9000 as `9,000`
std::string with_commas(std::size_t n) {
  std::string text = std::to_string(n);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, ",");
  return text;
}

std::string box(const SnapshotNode& node, bool is_root, const DotOptions& options) {
  std::string text = "  n" + std::to_string(node.id) + " [label=\"{ ";
  if (!node.label.empty()) text += escape(node.label, true) + " | ";
  text += "data " + number(node.data, options.decimals) + " | grad " + number(node.grad, options.decimals) +
          " }\"";
  if (node.constant) {
    text += ", color=\"#B8BDC4\", fontcolor=\"#7A828C\", fillcolor=\"#F6F7F8\"";
  } else if (is_root) {
    text += ", fillcolor=\"#FFF1D6\", color=\"#B7791F\", penwidth=1.6";
  } else if (node.op.empty()) {
    text += ", fillcolor=\"#E8F1FB\"";
  }
  return text + "];\n";
}

}  // namespace

std::string to_dot(const Snapshot& graph, const DotOptions& options) {
  constexpr int most_decimals = 17;
  if (options.decimals < 0 || options.decimals > most_decimals) {
    throw UsageError("to_dot: decimals out of range (got " + std::to_string(options.decimals) +
                     ", expected 0 to 17)");
  }
  std::string text = "digraph micrograd {\n";
  text += std::string("  graph [rankdir=") + (options.top_down ? "TB" : "LR") +
          ", bgcolor=white, nodesep=0.2, ranksep=0.3, fontname=\"sans-serif\"];\n"
          "  node [shape=record, style=filled, fillcolor=white, color=\"#5B6673\", fontcolor=\"#1F2933\", "
          "fontname=\"sans-serif\", fontsize=12, height=0.4];\n"
          "  edge [color=\"#5B6673\", arrowsize=0.7, tailport=" +
          (options.top_down ? "s" : "e") + "];\n";
  for (const SnapshotNode& node : graph.nodes) {
    const std::string id = std::to_string(node.id);
    text += box(node, node.id + 1 == graph.nodes.size(), options);
    if (node.op.empty()) continue;
    text += "  op" + id + " [label=\"" + escape(node.op, false) +
            "\", shape=ellipse, style=filled, fillcolor=\"#2F6F6B\", color=\"#2F6F6B\", fontcolor=white, "
            "margin=\"0.06,0.03\", width=0.35, height=0.35];\n"
            "  op" +
            id + " -> n" + id + ";\n";
    bool cut = false;
    for (const std::size_t operand : node.operands) {
      if (operand == cut_operand) {
        cut = true;
      } else {
        text += "  n" + std::to_string(operand) + " -> op" + id + ";\n";
      }
    }
    if (cut) {
      text += "  cut" + id +
              " [label=\"…\", shape=plaintext, style=\"\", fontcolor=\"#7A828C\", width=0.2];\n"
              "  cut" +
              id + " -> op" + id + " [style=dashed, color=\"#B8BDC4\"];\n";
    }
  }
  if (graph.cut > 0) {
    text += "  note [label=\"" + with_commas(graph.cut) + (graph.cut == 1 ? " older node" : " older nodes") +
            " not shown\", shape=note, fillcolor=\"#FFFBE6\", color=\"#B8BDC4\", fontcolor=\"#7A828C\"];\n";
  }
  return text + "}\n";
}

}  // namespace micrograd
