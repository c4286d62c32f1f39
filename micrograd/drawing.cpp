// The pieces of a drawing. The labels are the delicate part: they pass through the string syntax of DOT, then
// the syntax of record shapes, then entities as in HTML.
#include <micrograd/drawing.hpp>

#include <cstdint>

namespace micrograd::drawing {
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

/// 9000 as `9,000`
std::string with_commas(std::size_t n) {
  std::string text = std::to_string(n);
  for (std::size_t i = text.size(); i > 3;) text.insert(i -= 3, ",");
  return text;
}

}  // namespace

// In a record's label braces, bars and angles mean something too, and of several spaces one is left unless
// they are hard ones.
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

std::string opening(const Opening& how) {
  std::string text = "digraph micrograd {\n  graph [rankdir=";
  text += how.top_down ? "TB" : "LR";
  text += ", nodesep=0.2, ranksep=0.3, bgcolor=white";
  text += how.in_a_hurry ? ", nslimit=1, nslimit1=1, mclimit=0.2];\n" : "];\n";
  text += "  edge [color=\"#5B6673\", arrowsize=0.7, tailport=";
  text += how.top_down ? "s];\n" : "e];\n";
  text += R"(  node [fontname="sans-serif", fontsize=12, fontcolor="#1F2933", style=filled];
  node [shape=record, height=0.4, fillcolor=white, color="#5B6673"];
)";
  return text;
}

std::string cut_mark(std::string_view id) {
  const std::string mark = "  cut" + std::string(id);
  return mark + " [label=\"…\", shape=plaintext, style=\"\", fontcolor=\"" + std::string(grey_text) +
         "\"];\n" + mark + " -> op" + std::string(id) + " [style=dashed, color=\"" + std::string(grey) +
         "\"];\n";
}

std::string cut_note(std::size_t count, std::string_view what) {
  if (count == 0) return {};
  return "  note [label=\"" + with_commas(count) + " " + std::string(what) + (count == 1 ? "" : "s") +
         " not shown\", shape=note, fillcolor=\"#FFFBE6\", color=\"" + std::string(grey) +
         "\", fontcolor=\"" + std::string(grey_text) + "\"];\n";
}

}  // namespace micrograd::drawing
