// One pass over the bytes; cells stay where they are in the text.
#include <micrograd/train/csv_table.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

bool is_line_end(char c) { return c == '\n' || c == '\r'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

[[noreturn]] void fail(const std::string& file, std::size_t line, const std::string& what) {
  throw IoError("load_csv: " + file + ": line " + std::to_string(line) + ": " + what);
}

/// Reads one row after the other.
class Scanner {
 public:
  Scanner(std::string_view text, char separator)
      : at_(text.data()), end_(text.data() + text.size()), separator_(separator) {}

  /// Appends the cells of the next row that has something in it; false at the end of the text or at a fault.
  bool next(std::vector<std::string_view>& cells) {
    while (at_ != end_ && !fault_) {
      row_line_ = line_;
      const std::size_t first = cells.size();
      do cells.push_back(next_cell());
      while (!fault_ && take_separator());
      if (fault_) return false;
      const bool is_empty = cells.size() == first + 1 && cells.back().empty();
      take_line_end();
      if (!is_empty) return true;
      cells.pop_back();
    }
    return false;
  }

  std::size_t row_line() const { return row_line_; }
  /// What is wrong with the text, if anything is.
  const std::optional<std::string>& fault() const { return fault_; }
  std::size_t fault_line() const { return fault_line_; }

 private:
  bool is_padding(char c) const { return is_blank(c) && c != separator_; }
  bool ends_cell(const char* p) const { return p == end_ || *p == separator_ || is_line_end(*p); }

  std::string_view next_cell() {
    while (at_ != end_ && is_padding(*at_)) ++at_;
    const char* const first = at_;
    if (at_ != end_ && *at_ == '"') {
      skip_quoted();
      const char* const last = at_;
      while (at_ != end_ && is_padding(*at_)) ++at_;
      if (!fault_ && !ends_cell(at_)) {
        const char* rest = at_;
        while (!ends_cell(rest)) ++rest;
        stop("text after the closing quote of a cell (got " +
                 csv_shown({at_, static_cast<std::size_t>(rest - at_)}) + ", expected " +
                 csv_shown({&separator_, 1}) + " or the end of the line)",
             line_);
      }
      return {first, static_cast<std::size_t>(last - first)};
    }
    while (!ends_cell(at_)) ++at_;
    const char* last = at_;
    while (last != first && is_padding(last[-1])) --last;
    return {first, static_cast<std::size_t>(last - first)};
  }

  void skip_quoted() {
    const std::size_t opened = line_;
    for (++at_; at_ != end_; ++at_) {
      if (*at_ == '"') {
        if (at_ + 1 == end_ || at_[1] != '"') {
          ++at_;
          return;
        }
        ++at_;
      } else if (*at_ == '\n' || (*at_ == '\r' && (at_ + 1 == end_ || at_[1] != '\n'))) {
        ++line_;
      }
    }
    stop("a quoted cell begins here and never ends (got the end of the file, expected '\"')", opened);
  }

  bool take_separator() {
    if (at_ == end_ || *at_ != separator_) return false;
    ++at_;
    return true;
  }

  void take_line_end() {
    if (at_ == end_) return;
    if (*at_ == '\r' && at_ + 1 != end_ && at_[1] == '\n') ++at_;
    ++at_;
    ++line_;
  }

  void stop(std::string what, std::size_t line) {
    fault_ = std::move(what);
    fault_line_ = line;
  }

  const char* at_;
  const char* end_;
  char separator_;
  std::size_t line_ = 1;
  std::size_t row_line_ = 1;
  std::optional<std::string> fault_;
  std::size_t fault_line_ = 0;
};

char most_likely_separator(std::string_view text) {
  constexpr int kRowsLookedAt = 20;
  char widest = ',';
  std::size_t most = 1;
  // The comma comes last, since with the others it may be part of the numbers.
  for (const char candidate : {'\t', ';', ','}) {
    Scanner scanner(text, candidate);
    std::vector<std::string_view> cells;
    std::size_t width = 0;
    bool is_even = true;
    for (int row = 0; row < kRowsLookedAt && is_even; ++row) {
      cells.clear();
      if (!scanner.next(cells)) break;
      if (row == 0) width = cells.size();
      is_even = cells.size() == width;
    }
    if (scanner.fault()) continue;
    if (is_even && width > 1) return candidate;
    if (width > most) {
      most = width;
      widest = candidate;
    }
  }
  return widest;
}

/// The length of the UTF-8 character at the front of `rest`, which is not empty; 0 if it is none.
std::size_t character_length(std::string_view rest) {
  const auto byte = [&](std::size_t i) {
    return i < rest.size() ? static_cast<unsigned>(static_cast<unsigned char>(rest[i])) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead == 0) return 0;
  if (lead < 0x80U) return 1;
  if (lead >= 0xC2U && lead <= 0xDFU) return follows(1) ? 2 : 0;
  if (lead >= 0xE0U && lead <= 0xEFU) {
    const bool is_overlong = lead == 0xE0U && byte(1) < 0xA0U;
    const bool is_surrogate = lead == 0xEDU && byte(1) > 0x9FU;
    return follows(1) && follows(2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (lead >= 0xF0U && lead <= 0xF4U) {
    const bool is_overlong = lead == 0xF0U && byte(1) < 0x90U;
    const bool is_too_large = lead == 0xF4U && byte(1) > 0x8FU;
    return follows(1) && follows(2) && follows(3) && !is_overlong && !is_too_large ? 4 : 0;
  }
  return 0;
}

/// Whether the next eight bytes are all ASCII and none is zero.
bool are_eight_plain(const char* at) {
  constexpr std::uint64_t highs = 0x8080808080808080U;
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return ((word | (word - ones)) & highs) == 0;
}

void check_encoding(std::string_view text, const std::string& file) {
  if (text.starts_with("\x1f\x8b")) {
    throw IoError("load_csv: " + file +
                  ": the file is compressed (got gzip, expected text); unpack it first");
  }
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8 && are_eight_plain(text.data() + at)) {
      at += 8;
      continue;
    }
    const std::size_t length = character_length(text.substr(at));
    if (length == 0) {
      const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
      fail(file, static_cast<std::size_t>(line),
           "not a text in UTF-8 (got byte " + std::to_string(static_cast<unsigned char>(text[at])) +
               " after " + std::to_string(at) + " bytes, expected a character); save the file as UTF-8");
    }
    at += length;
  }
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The first `size` bytes of a text, or a few less so that no character is cut in two.
std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return text.substr(0, size);
}

/// Between the quotes, if there are any; two quotes inside stay two.
std::string_view unquoted(std::string_view cell) {
  return cell.starts_with('"') ? cell.substr(1, cell.size() - 2) : cell;
}

}  // namespace

CsvTable read_csv_table(std::string_view text, std::string file, char separator) {
  if (separator == '"' || is_line_end(separator)) {
    throw UsageError("load_csv: the separator has another meaning (got " +
                     std::string(separator == '"' ? "a quote" : "a line end") +
                     ", expected another character)");
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  check_encoding(text, file);
  if (separator == 0) separator = most_likely_separator(text);

  CsvTable table{.file = std::move(file)};
  // At most one cell a separator and a line end, so that the vector need not grow in a plain table.
  table.cells.reserve(static_cast<std::size_t>(std::count(text.begin(), text.end(), separator) +
                                               std::count(text.begin(), text.end(), '\n') + 1));
  Scanner scanner(text, separator);
  while (scanner.next(table.cells)) {
    if (table.lines.empty()) table.columns = table.cells.size();
    const std::size_t width = table.cells.size() - table.lines.size() * table.columns;
    if (width != table.columns) {
      fail(table.file, scanner.row_line(),
           "the row has another length (got " + std::to_string(width) + " cells, expected " +
               std::to_string(table.columns) + " as in line " + std::to_string(table.lines.front()) + ")");
    }
    table.lines.push_back(scanner.row_line());
  }
  if (const auto& fault = scanner.fault()) fail(table.file, scanner.fault_line(), *fault);
  return table;
}

std::string csv_text(std::string_view cell) {
  const std::string_view inside = unquoted(cell);
  if (inside.size() == cell.size()) return std::string(cell);
  std::string text;
  text.reserve(inside.size());
  for (std::size_t at = 0; at < inside.size();) {
    const std::size_t quote = std::min(inside.find('"', at), inside.size() - 1);
    text.append(inside, at, quote + 1 - at);
    at = quote + (inside[quote] == '"' ? 2 : 1);
  }
  return text;
}

std::optional<double> csv_number(std::string_view cell) {
  cell = unquoted(cell);
  // Most tables are full of short whole numbers, and these need no more than this.
  constexpr std::size_t kExactDigits = 15;
  std::int64_t whole = 0;
  std::size_t digits = 0;
  while (digits < cell.size() && digits < kExactDigits && cell[digits] >= '0' && cell[digits] <= '9') {
    whole = 10 * whole + (cell[digits++] - '0');
  }
  if (digits == cell.size() && digits > 0) return static_cast<double>(whole);

  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  const bool is_number = error == std::errc() && end == cell.data() + cell.size() && std::isfinite(number);
  return is_number ? std::optional(number) : std::nullopt;
}

bool is_csv_missing(std::string_view cell) {
  cell = unquoted(cell);
  if (cell.empty() || cell == "?") return true;
  const auto is = [&](std::string_view word) {
    return cell.size() == word.size() &&
           std::equal(cell.begin(), cell.end(), word.begin(), [](char a, char b) { return lower(a) == b; });
  };
  return is("na") || is("nan");
}

std::string csv_shown(std::string_view cell) {
  constexpr std::size_t kLongest = 40;
  std::string text = csv_text(cut(cell, 2 * kLongest));
  if (text.size() > kLongest || cell.size() > 2 * kLongest) text = std::string(cut(text, kLongest)) + "...";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20U || c == 0x7F) c = ' ';
  }
  return '\'' + text + '\'';
}

}  // namespace micrograd
