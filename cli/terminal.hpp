// What kind of place the output goes to, and a progress line that suits it.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace micrograd::command {

struct Terminal {
  bool live = false;         ///< a person watches: lines may be overwritten
  bool colour = false;       ///< and may be coloured (live, and NO_COLOR is not set)
  bool blocks = false;       ///< shows block characters (the locale is UTF-8)
  std::size_t columns = 80;  ///< width of a line
  std::size_t rows = 24;     ///< lines of the window
};

/// What standard output is connected to; asked anew each time, since windows change their size.
Terminal standard_output();

/// Seconds as people read them: `7 s`, `1:05`, `2:03:04`; `?` for what is not finite.
std::string duration(double seconds);

/// The bytes of the text's first character; of a byte that starts none, that byte. Empty for an empty text.
std::string_view first_character(std::string_view utf8);

/// How wide a text is on a terminal, in columns; Chinese and other wide characters count twice.
std::size_t display_width(std::string_view utf8);

/// `part` of a whole (0 to 1) as a bar of `width` columns between `|` and `|`, of blocks or of `#`.
std::string bar(double part, std::size_t width, bool blocks);

/// One line that stays at the bottom while other lines scroll by above it. Writes nothing on a terminal that
/// is not live.
class ProgressLine {
 public:
  ProgressLine(std::ostream& out, Terminal terminal) : out_(out), terminal_(terminal) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Replaces the line by `before`, a bar for `part`, and `after`; what does not fit is left out: first the
  /// bar, then the end of the text.
  void show(std::string_view before, double part, std::string_view after);
  /// Removes the line, so that other output can take its place.
  void clear();
  void set_columns(std::size_t columns) { terminal_.columns = columns; }

 private:
  std::ostream& out_;
  Terminal terminal_;
  bool shown_ = false;
};

}  // namespace micrograd::command
