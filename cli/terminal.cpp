// Asks the terminal, counts columns, draws the bar.
#include "terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace micrograd::command {
namespace {

/// The character that starts at `at`, which is moved behind it; a byte that starts none stands for itself.
char32_t next_character(std::string_view utf8, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
  const unsigned char first = byte(at);
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  if (length == 1 || at + length > utf8.size()) return byte(at++);
  char32_t character = first & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) character = (character << 6U) | (byte(at + i) & 0x3fU);
  at += length;
  return character;
}

/// East Asian wide characters (Unicode's UAX 11, the blocks that matter here).
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
         (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
         (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
}

/// As much of the text as fits into `columns`.
std::string_view cut(std::string_view utf8, std::size_t columns) {
  std::size_t at = 0, used = 0;
  while (at < utf8.size()) {
    std::size_t next = at;
    used += is_wide(next_character(utf8, next)) ? 2 : 1;
    if (used > columns) break;
    at = next;
  }
  return utf8.substr(0, at);
}

/// What the C library would say after setlocale, which a library must not call.
bool locale_is_utf8() {
  for (const char* const variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view name(value);
    return name.find("UTF-8") != name.npos || name.find("utf8") != name.npos;
  }
  return false;
}

}  // namespace

Terminal standard_output() {
  const char* const kind = std::getenv("TERM");
  const bool live = isatty(STDOUT_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
  const char* const no_colour = std::getenv("NO_COLOR");
  Terminal terminal{.live = live,
                    .colour = live && (no_colour == nullptr || *no_colour == '\0'),
                    .blocks = locale_is_utf8(),
                    .columns = 80,
                    .rows = 24};
  winsize size{};
  if (live && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
    if (size.ws_col > 0) terminal.columns = size.ws_col;
    if (size.ws_row > 0) terminal.rows = size.ws_row;
  }
  return terminal;
}

std::string duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  const auto whole = static_cast<std::uint64_t>(std::min(std::round(seconds), 1e15));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string_view first_character(std::string_view utf8) {
  std::size_t end = 0;
  if (!utf8.empty()) next_character(utf8, end);
  return utf8.substr(0, end);
}

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < utf8.size();) columns += is_wide(next_character(utf8, at)) ? 2 : 1;
  return columns;
}

std::string bar(double part, std::size_t width, bool blocks) {
  const double clean = std::isfinite(part) ? std::clamp(part, 0.0, 1.0) : 0.0;
  const double filled = clean * static_cast<double>(width);
  const auto whole = static_cast<std::size_t>(filled);
  if (!blocks) return "|" + std::string(whole, '#') + std::string(width - whole, ' ') + "|";
  // Eighths of a column, so that the bar moves smoothly.
  constexpr std::array<std::string_view, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighth = static_cast<std::size_t>((filled - static_cast<double>(whole)) * 8);
  std::string text = "|";
  for (std::size_t i = 0; i < whole; ++i) text += "█";
  text += eighths[eighth];
  return text + std::string(width - whole - (eighth > 0 ? 1 : 0), ' ') + "|";
}

void ProgressLine::show(std::string_view before, double part, std::string_view after) {
  if (!terminal_.live) return;
  constexpr std::size_t shortest = 8, longest = 40, around = 4;  // two bounds, a space on either side
  constexpr std::size_t spare = 3;  // a line that wraps cannot be removed: not even with ^C behind it
  const std::size_t room = terminal_.columns - std::min(terminal_.columns, spare);
  const std::size_t words = display_width(before) + display_width(after);
  std::string line(before);
  if (words + around + shortest <= room) {
    const std::string drawn = bar(part, std::min(longest, room - words - around), terminal_.blocks);
    line += " " + (terminal_.colour ? "\x1b[36m" + drawn + "\x1b[0m" : drawn) + " ";
    line += after;
  } else {
    line += ' ';
    line += after;
    line = cut(line, room);
  }
  out_ << "\r\x1b[K" << line << std::flush;
  shown_ = true;
}

void ProgressLine::clear() {
  if (!shown_) return;
  out_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace micrograd::command
