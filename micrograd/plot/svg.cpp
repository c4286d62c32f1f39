// SVG as text.
#include <micrograd/plot/svg.hpp>

#include <array>
#include <charconv>
#include <cstdio>
#include <functional>
#include <map>

namespace micrograd::plot {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Where the name of an element starts, as in id="NAME", href="#NAME" and url(#NAME).
bool opens_name(std::string_view before) {
  return before.ends_with("id=\"") || before.ends_with("\"#") || before.ends_with("(#");
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') {
          result += "\uFFFD";
        } else {
          result += c;
        }
    }
  }
  return result;
}

std::string printable(std::string_view bytes) {
  std::string result;
  for (const char c : bytes) {
    if (c >= ' ' && c <= '~') {
      result += c;
      continue;
    }
    std::array<char, 8> code{};
    std::snprintf(code.data(), code.size(), "\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    result += code.data();
  }
  return result;
}

std::string short_number(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), number, std::chars_format::general, 6).ptr;
  return {text.data(), end};
}

std::string fixed_number(double number, int digits) {
  std::array<char, 400> text{};  // the largest double has 309 digits before the point
  const auto end = std::to_chars(text.begin(), text.end(), number, std::chars_format::fixed, digits).ptr;
  return {text.data(), end};
}

std::string completed_svg(std::string svg, std::string_view title, std::string_view description) {
  constexpr std::array<std::string_view, 2> counted{"surface", "image"};
  std::string result;
  result.reserve(svg.size() + title.size() + description.size() + 64);
  std::map<std::string, std::size_t, std::less<>> numbers;
  const std::string_view text = svg;
  bool titled = false;
  for (std::size_t i = 0; i < text.size();) {
    bool replaced = false;
    if (text[i] == 's' || text[i] == 'i') {
      for (const std::string_view word : counted) {
        if (text.compare(i, word.size(), word) != 0 || !opens_name(text.substr(0, i))) continue;
        std::size_t end = i + word.size();
        while (end < text.size() && is_digit(text[end])) ++end;
        if (end == i + word.size()) continue;
        const auto place =
            numbers.try_emplace(std::string(text.substr(i, end - i)), numbers.size() + 1).first;
        result.append(word).append(std::to_string(place->second));
        i = end;
        replaced = true;
        break;
      }
    }
    if (replaced) continue;
    result += text[i];
    if (!titled && text[i] == '>' && result.find("<svg") != std::string::npos) {
      titled = true;
      result.append("\n<title>").append(escaped(title)).append("</title>\n<desc>");
      result.append(escaped(description)).append("</desc>");
    }
    ++i;
  }
  return result;
}

}  // namespace micrograd::plot
