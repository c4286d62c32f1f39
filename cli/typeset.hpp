// Blocks of a page as lines for a terminal: wrapped to its width, with colours where it has them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "markdown.hpp"
#include "terminal.hpp"

namespace micrograd::command {

struct Line {
  std::string text;       ///< with the codes of its colours
  std::size_t width = 0;  ///< in columns, without them
};

/// The blocks, a blank line above each. Paragraphs are wrapped to the terminal's width, at most 100 columns,
/// between words and between Chinese characters, but not before a mark that closes. Words longer than a line
/// stand as they are; so does code, except on a live terminal, where its long lines are broken too.
std::vector<Line> typeset(std::span<const Block> blocks, const Terminal& terminal);

/// A text wrapped alike; every line but the first starts with `margin` spaces.
std::vector<Line> typeset(const Spans& spans, std::size_t margin, const Terminal& terminal);

}  // namespace micrograd::command
