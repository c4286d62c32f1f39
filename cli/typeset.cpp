// Wraps, aligns and colours.
#include "typeset.hpp"

#include <algorithm>
#include <string_view>

namespace micrograd::command {
namespace {

constexpr std::size_t widest = 100;  // longer lines are hard to read
constexpr std::string_view bold = "\x1b[1m", code_colour = "\x1b[36m", output_colour = "\x1b[32m",
                           rule_colour = "\x1b[2m", reset = "\x1b[0m";

struct Glyph {
  std::string_view text;
  std::size_t width;
  Look look;

  bool is_space() const { return text == " "; }
  bool is_wide() const { return width == 2; }
};

std::string_view colour_of(Look look) {
  switch (look) {
    case Look::strong:
      return bold;
    case Look::emphasis:
      return "\x1b[3m";
    case Look::code:
      return code_colour;
    case Look::link:
      return "\x1b[4m";
    case Look::picture:
      return "\x1b[35m";
    default:
      return {};
  }
}

bool is_one_of(std::string_view character, std::string_view marks) {
  return marks.find(character) != marks.npos;
}

/// Whether a line may end between two characters; spaces are seen to elsewhere.
bool may_break(const Glyph& before, const Glyph& after) {
  constexpr std::string_view closing = "，。！？；：、）」』》〉】〕”’…—·,.!?;:)]}%";
  constexpr std::string_view opening = "（「『《〈【〔“‘([{";
  if (!before.is_wide() && !after.is_wide()) return false;
  return !is_one_of(after.text, closing) && !is_one_of(before.text, opening);
}

/// Glyphs between two breaks that the author asked for.
std::vector<Glyph> glyphs_of(std::string_view text, Look look) {
  std::vector<Glyph> glyphs;
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    glyphs.push_back({character, display_width(character), look});
    text.remove_prefix(character.size());
  }
  return glyphs;
}

std::vector<std::vector<Glyph>> paragraphs_of(const Spans& spans, const Terminal& terminal) {
  std::vector<std::vector<Glyph>> paragraphs(1);
  for (const Span& span : spans) {
    // Where colour cannot tell code from words, its marks stay.
    const bool marked = span.look == Look::code && !terminal.colour;
    if (marked) paragraphs.back().push_back({"`", 1, span.look});
    std::string_view rest = span.text;
    while (true) {
      const std::size_t end = rest.find('\n');
      const std::vector<Glyph> glyphs = glyphs_of(rest.substr(0, end), span.look);
      paragraphs.back().insert(paragraphs.back().end(), glyphs.begin(), glyphs.end());
      if (end == rest.npos) break;
      paragraphs.emplace_back();
      rest.remove_prefix(end + 1);
    }
    if (marked) paragraphs.back().push_back({"`", 1, span.look});
  }
  if (paragraphs.front().empty() && paragraphs.size() > 1) paragraphs.erase(paragraphs.begin());
  return paragraphs;
}

Line line_of(std::string_view before, std::span<const Glyph> glyphs, std::string_view base,
             const Terminal& terminal) {
  Line line{std::string(before), display_width(before)};
  std::string_view now;
  for (const Glyph& glyph : glyphs) {
    const std::string_view colour = glyph.look == Look::plain ? base : colour_of(glyph.look);
    if (terminal.colour && colour != now) {
      if (!now.empty()) line.text += reset;
      line.text += colour;
      now = colour;
    }
    line.text += glyph.text;
    line.width += glyph.width;
  }
  if (!now.empty()) line.text += reset;
  return line;
}

/// How many glyphs go into a line of `room` columns; at least one word.
std::size_t fitting(std::span<const Glyph> glyphs, std::size_t room) {
  std::size_t used = 0, best = 0;
  for (std::size_t i = 0; i < glyphs.size(); ++i) {
    const bool break_above = i > 0 && (glyphs[i].is_space() || may_break(glyphs[i - 1], glyphs[i]));
    if (break_above) best = i;
    used += glyphs[i].width;
    if (used > room && best > 0) return best;
  }
  return glyphs.size();
}

std::size_t width_of(const Terminal& terminal) { return std::min(terminal.columns, widest); }

void wrap(const Spans& spans, std::string_view marker, std::string_view margin, std::string_view base,
          const Terminal& terminal, std::vector<Line>& lines) {
  std::string_view before = marker;
  const std::size_t width = width_of(terminal);
  for (const std::vector<Glyph>& paragraph : paragraphs_of(spans, terminal)) {
    std::span<const Glyph> rest(paragraph);
    do {
      while (!rest.empty() && rest.front().is_space()) rest = rest.subspan(1);
      const std::size_t room = width - std::min(width, display_width(before));
      const std::size_t count = fitting(rest, room);
      std::size_t shown = count;
      while (shown > 0 && rest[shown - 1].is_space()) --shown;
      lines.push_back(line_of(before, rest.first(shown), base, terminal));
      rest = rest.subspan(count);
      before = margin;
    } while (!rest.empty());
  }
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string result;
  for (std::size_t i = 0; i < times; ++i) result += text;
  return result;
}

void set_heading(const Block& block, const Terminal& terminal, std::vector<Line>& lines) {
  const std::size_t first = lines.size();
  wrap(block.spans, block.marker, block.margin, terminal.colour ? bold : "", terminal, lines);
  if (terminal.colour || block.level > 2) return;
  std::size_t width = 0;
  for (std::size_t i = first; i < lines.size(); ++i) width = std::max(width, lines[i].width);
  lines.push_back({std::string(width, block.level == 1 ? '=' : '-'), width});
}

/// A line of code in pieces that fit, broken at spaces where there are some; all but the first are set in
/// deeper than the line itself. Only where a person reads: what is piped must stay code.
std::vector<std::string> pieces_of(std::string_view code, std::size_t room, bool live) {
  const std::size_t indent = std::min(code.find_first_not_of(' '), code.size());
  const std::size_t margin = indent + 4;
  if (!live || display_width(code) <= room || room < margin + 8) return {std::string(code)};
  std::vector<std::string> pieces;
  std::string before;
  while (true) {
    const std::size_t fits = room - before.size();
    std::size_t end = 0, used = 0, space = 0;
    while (end < code.size()) {
      const std::string_view character = first_character(code.substr(end));
      used += display_width(character);
      if (used > fits) break;
      if (character == " " && end > (pieces.empty() ? indent : 0)) space = end;
      end += character.size();
    }
    if (end < code.size() && space > 0) end = space;
    pieces.push_back(before + std::string(code.substr(0, end)));
    code.remove_prefix(end);
    code.remove_prefix(std::min(code.find_first_not_of(' '), code.size()));
    if (code.empty()) return pieces;
    before = std::string(margin, ' ');
  }
}

void set_verbatim(const Block& block, const Terminal& terminal, std::vector<Line>& lines) {
  const bool output = block.kind == Block::Kind::output;
  std::string before = block.margin + std::string(terminal.columns < 60 ? 2 : 4, ' ');
  if (output) before += terminal.blocks ? "│ " : "| ";
  const std::size_t room = terminal.columns - std::min(terminal.columns, display_width(before));
  std::string_view rest = block.text;
  while (true) {
    const std::size_t end = rest.find('\n');
    for (const std::string& text : pieces_of(rest.substr(0, end), room, terminal.live)) {
      Line line{before, display_width(before) + display_width(text)};
      if (text.empty()) {
        line.text.erase(line.text.find_last_not_of(' ') + 1);
        line.width = display_width(line.text);
      } else if (terminal.colour) {
        line.text += std::string(output ? output_colour : code_colour) + text + std::string(reset);
      } else {
        line.text += text;
      }
      lines.push_back(std::move(line));
    }
    if (end == rest.npos) break;
    rest.remove_prefix(end + 1);
  }
}

std::size_t width_of(const Spans& spans, const Terminal& terminal) {
  std::size_t width = 0;
  for (const std::vector<Glyph>& paragraph : paragraphs_of(spans, terminal)) {
    for (const Glyph& glyph : paragraph) width += glyph.width;
  }
  return width;
}

/// A table that is too wide: its rows one below the other, each cell with its column's head.
void set_long_table(const Block& block, const Terminal& terminal, std::vector<Line>& lines) {
  for (std::size_t i = 1; i < block.rows.size(); ++i) {
    for (std::size_t j = 0; j < block.rows[i].size(); ++j) {
      Spans cell;
      const std::string head = j < block.rows[0].size() ? plain_text(block.rows[0][j]) : "";
      if (!head.empty()) cell.push_back({head + ": ", Look::strong});
      cell.insert(cell.end(), block.rows[i][j].begin(), block.rows[i][j].end());
      const std::string margin = block.margin + "  ";
      wrap(cell, j == 0 ? block.margin + "- " : margin, margin, "", terminal, lines);
    }
  }
}

void set_table(const Block& block, const Terminal& terminal, std::vector<Line>& lines) {
  constexpr std::size_t gap = 2;
  std::vector<std::size_t> widths;
  for (const std::vector<Spans>& row : block.rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t j = 0; j < row.size(); ++j) widths[j] = std::max(widths[j], width_of(row[j], terminal));
  }
  std::size_t whole = display_width(block.margin);
  for (const std::size_t width : widths) whole += width + gap;
  if (whole > width_of(terminal) + gap) {
    set_long_table(block, terminal, lines);
    return;
  }
  for (std::size_t i = 0; i < block.rows.size(); ++i) {
    Line line{block.margin, display_width(block.margin)};
    std::size_t owed = 0;  // columns to the next cell
    for (std::size_t j = 0; j < block.rows[i].size(); ++j) {
      std::vector<Line> cell;
      wrap(block.rows[i][j], "", "", i == 0 ? bold : "", {.colour = terminal.colour, .columns = widest * 2},
           cell);
      line.text += std::string(owed, ' ') + cell[0].text;
      line.width += owed + cell[0].width;
      owed = widths[j] - cell[0].width + gap;
    }
    lines.push_back(std::move(line));
    if (i > 0) continue;
    std::string rule = block.margin;
    for (std::size_t j = 0; j < widths.size(); ++j) {
      rule += (j > 0 ? std::string(gap, ' ') : "") + repeated(terminal.blocks ? "─" : "-", widths[j]);
    }
    lines.push_back({rule, display_width(rule)});
  }
}

void set_block(const Block& block, const Terminal& terminal, std::vector<Line>& lines) {
  switch (block.kind) {
    case Block::Kind::heading:
      set_heading(block, terminal, lines);
      break;
    case Block::Kind::paragraph:
      wrap(block.spans, block.marker, block.margin, "", terminal, lines);
      break;
    case Block::Kind::code:
    case Block::Kind::output:
      set_verbatim(block, terminal, lines);
      break;
    case Block::Kind::table:
      set_table(block, terminal, lines);
      break;
    case Block::Kind::rule: {
      const std::size_t width = width_of(terminal) / 2;
      std::string rule = repeated(terminal.blocks ? "─" : "-", width);
      if (terminal.colour) rule = std::string(rule_colour) + rule + std::string(reset);
      lines.push_back({rule, width});
      break;
    }
  }
}

}  // namespace

std::vector<Line> typeset(std::span<const Block> blocks, const Terminal& terminal) {
  std::vector<Line> lines;
  for (const Block& block : blocks) {
    if (!block.close) lines.push_back({});
    set_block(block, terminal, lines);
  }
  return lines;
}

std::vector<Line> typeset(const Spans& spans, std::size_t margin, const Terminal& terminal) {
  std::vector<Line> lines;
  wrap(spans, "", std::string(margin, ' '), "", terminal, lines);
  return lines;
}

}  // namespace micrograd::command
