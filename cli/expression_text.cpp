// UTF-8, the line with the mark below it, and the distance between words.
#include <cli/expression_text.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <micrograd/error.hpp>

namespace micrograd::command {

namespace {

constexpr std::size_t longest_quote = 40;
constexpr std::size_t widest_line = 72;

/// Whether a terminal shows the character two columns wide (the blocks of Unicode's East Asian Width that
/// matter in practice).
bool takes_two_columns(char32_t code) {
  constexpr std::array<std::pair<char32_t, char32_t>, 8> blocks{{{0x1100, 0x115F},
                                                                 {0x2E80, 0xA4CF},
                                                                 {0xAC00, 0xD7A3},
                                                                 {0xF900, 0xFAFF},
                                                                 {0xFE30, 0xFE6F},
                                                                 {0xFF00, 0xFF60},
                                                                 {0x1F300, 0x1FAFF},
                                                                 {0x20000, 0x3FFFD}}};
  return std::ranges::any_of(blocks,
                             [code](auto block) { return block.first <= code && code <= block.second; });
}

bool is_control(char32_t code) { return code < 0x20 || (0x7F <= code && code < 0xA0); }

/// One character of a line as it is shown: a control character becomes a space, broken UTF-8 a question mark.
struct Shown {
  std::size_t begin;  ///< its first byte in the line
  std::string text;
  std::size_t width;
};

std::vector<Shown> shown(std::string_view line) {
  std::vector<Shown> characters;
  for (std::size_t i = 0; i < line.size();) {
    const Character character = character_at(line, i);
    if (character.length == 0) {
      characters.push_back({.begin = i, .text = "?", .width = 1});
    } else if (is_control(character.code)) {
      characters.push_back({.begin = i, .text = " ", .width = 1});
    } else {
      characters.push_back({.begin = i,
                            .text = std::string(line.substr(i, character.length)),
                            .width = takes_two_columns(character.code) ? 2U : 1U});
    }
    i += std::max<std::size_t>(1, character.length);
  }
  return characters;
}

/// The line, or what is around the place if the line is long, and below it `^~~~` under the place.
std::string marked(const std::vector<Shown>& line, std::size_t begin, std::size_t length) {
  std::size_t from = 0;
  if (line.size() > widest_line && begin > widest_line / 2) from = begin - widest_line / 2;
  const std::size_t to = std::min(line.size(), from + widest_line);
  std::string above = from > 0 ? "  …" : "  ";
  std::string below(from > 0 ? 3 : 2, ' ');
  for (std::size_t i = from; i < to; ++i) {
    above += line[i].text;
    if (i < begin) below.append(line[i].width, ' ');
    if (i >= begin && i < begin + length) {
      below += i == begin ? '^' : '~';
      below.append(line[i].width - 1, '~');
    }
  }
  if (to < line.size()) above += "…";
  if (length == 0 || begin >= to) below += '^';
  return above + "\n" + below;
}

std::u32string code_points(std::string_view text) {
  std::u32string codes;
  for (std::size_t i = 0; i < text.size();) {
    const Character character = character_at(text, i);
    codes += character.code;
    i += std::max<std::size_t>(1, character.length);
  }
  return codes;
}

/// Letters to change, insert, leave out or swap with their neighbour, to get from one word to the other.
std::size_t distance(std::u32string_view from, std::u32string_view to) {
  std::vector<std::vector<std::size_t>> d(from.size() + 1, std::vector<std::size_t>(to.size() + 1));
  for (std::size_t i = 0; i <= from.size(); ++i) {
    for (std::size_t j = 0; j <= to.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t change = from[i - 1] == to[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[from.size()][to.size()];
}

}  // namespace

Character character_at(std::string_view text, std::size_t begin) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const unsigned char first = byte(begin);
  if (begin >= text.size()) return {};
  if (first < 0x80) return {.code = first, .length = 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return {};
  char32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(begin + i) & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (byte(begin + i) & 0x3FU);
  }
  const bool too_long = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (too_long || code > 0x10FFFF || (0xD800 <= code && code <= 0xDFFF)) return {};
  return {.code = code, .length = length};
}

std::size_t width_on_screen(std::string_view text) {
  std::size_t width = 0;
  for (const Shown& character : shown(text)) width += character.width;
  return width;
}

std::string in_quotes(std::string_view text) {
  // A character has at most four bytes, so this many are enough to see that the text is too long.
  const std::vector<Shown> characters = shown(text.substr(0, 4 * (longest_quote + 1)));
  std::string result = "'";
  for (std::size_t i = 0; i < std::min(characters.size(), longest_quote); ++i) result += characters[i].text;
  return result + (characters.size() > longest_quote ? "…'" : "'");
}

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  if (word.size() > longest_quote) return {};
  const std::u32string wanted = code_points(word);
  std::string best;
  std::size_t fewest = 1 + std::min<std::size_t>(2, wanted.size() / 2);  // every letter is near every other
  for (const std::string& candidate : candidates) {
    if (candidate.size() > longest_quote) continue;
    const std::size_t d = distance(wanted, code_points(candidate));
    if (d < fewest) {
      fewest = d;
      best = candidate;
    }
  }
  return best;
}

void complain(std::string_view text, Place place, const Complaint& complaint) {
  const std::size_t begin = std::min(place.begin, text.size());
  const std::size_t line_begin = begin == 0 ? 0 : text.rfind('\n', begin - 1) + 1;  // npos + 1 is 0
  const std::size_t line_end = std::min(text.find('\n', begin), text.size());
  const std::vector<Shown> line = shown(text.substr(line_begin, line_end - line_begin));
  const auto character_of = [&](std::size_t byte) {
    return static_cast<std::size_t>(std::ranges::lower_bound(line, byte - line_begin, {}, &Shown::begin) -
                                    line.begin());
  };
  const std::size_t column = character_of(begin);
  const std::size_t length = character_of(std::min(begin + place.length, line_end)) - column;
  std::string message = "grad: " + complaint.what + " (at ";
  if (text.find('\n') != std::string_view::npos) {
    message += "line " +
               std::to_string(
                   1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n')) +
               ", ";
  }
  message += "column " + std::to_string(column + 1);
  if (!complaint.detail.empty()) message += ", " + complaint.detail;
  message += ")";
  if (!complaint.hint.empty()) message += "; " + complaint.hint;
  throw UsageError(message + "\n" + marked(line, column, length));
}

}  // namespace micrograd::command
