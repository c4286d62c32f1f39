// Text as a person sees it: places in it, how wide it is on a screen, which word was probably meant. All text
// is UTF-8.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace micrograd::command {

/// A piece of a text, in bytes.
struct Place {
  std::size_t begin = 0;
  std::size_t length = 0;
};

/// The character that starts at a byte: its code point and its length in bytes; length 0 if the bytes there
/// are not UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t length = 0;
};
[[nodiscard]] Character character_at(std::string_view text, std::size_t begin);

/// Columns that the text takes on a screen; Chinese characters and their like take two.
[[nodiscard]] std::size_t width_on_screen(std::string_view text);

/// The text in quotes for a message: at most 40 characters, and none that would disturb a terminal.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// The candidate that differs in the fewest letters, "" if none is near.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// What is wrong, got and expected, and what to do about it; the last two may be empty.
struct Complaint {
  std::string what;
  std::string detail;
  std::string hint;
};
/// Throws UsageError: `grad: WHAT (at column N, DETAIL); HINT`, then the line of the text and below it a mark
/// at the place.
[[noreturn]] void complain(std::string_view text, Place place, const Complaint& complaint);

}  // namespace micrograd::command
