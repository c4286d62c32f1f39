// A Markdown page as a list of blocks, for a terminal to show: what CommonMark and tables can say, without
// raw HTML. Reading is md4c's; this keeps what it reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace micrograd::command {

enum class Look : std::uint8_t { plain, strong, emphasis, code, link, picture };

/// Text of one look. A '\n' in it is a line break that the author asked for; all other breaks are free.
struct Span {
  std::string text;
  Look look = Look::plain;
};

using Spans = std::vector<Span>;

struct Block {
  enum class Kind : std::uint8_t { heading, paragraph, code, output, rule, table };

  Kind kind = Kind::paragraph;
  unsigned level = 0;  ///< of a heading
  bool close = false;  ///< no blank line above it (within a tight list)
  std::string marker;  ///< what the first line starts with: of a list, "- "; of a quotation, "| "
  std::string margin;  ///< what the other lines start with, as wide as `marker`
  Spans spans;         ///< of a heading or a paragraph
  std::string text;    ///< of code and output, to be shown as it stands
  std::vector<std::vector<Spans>> rows;  ///< of a table, the heads first
};

/// The blocks of a page. A ```text block right below code of another language is that code's output. Pictures
/// become their alternative text and their path, seen from `folder`. Links become their text; HTML, and
/// comments with it, is left out. Lines that the author broke are joined, Chinese ones without a space.
std::vector<Block> parse_markdown(std::string_view page, const std::filesystem::path& folder);

/// The text without its looks.
std::string plain_text(const Spans& spans);

}  // namespace micrograd::command
