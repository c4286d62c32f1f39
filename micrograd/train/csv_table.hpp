// A CSV text taken apart into cells, without a word about what they mean; train/csv.hpp gives them meaning.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micrograd {

/// The cells of a CSV text: rows of equal length, the header among them. The cells are views of the text.
struct CsvTable {
  std::string file{};  ///< what errors call it
  std::size_t columns = 0;
  std::vector<std::string_view> cells{};  ///< row after row, as they stand, without blanks around them
  std::vector<std::size_t> lines{};       ///< of each row's beginning, from 1

  std::size_t rows() const { return lines.size(); }
  std::string_view cell(std::size_t row, std::size_t column) const { return cells[row * columns + column]; }
};

/// Takes `text` apart. Rows end with LF, CR LF or CR; rows with nothing in them are left out. A cell that
/// begins with a quote ends with one: separators and line ends between them belong to the cell, two quotes
/// stand for one. Blanks around a cell are dropped (unless a blank is the separator). `separator` 0 stands
/// for the first of tab, `;` and `,` which parts each of the first twenty rows into equally many cells, two
/// or more (if none does, for the one that finds most in the first row). Throws IoError, naming file and
/// line, for text that is not UTF-8 (a byte order mark is skipped) or holds zero bytes, for a quote that does
/// not end or does not end its cell, and for rows of different lengths. Throws UsageError for a separator
/// that is a quote or a line end.
CsvTable read_csv_table(std::string_view text, std::string file, char separator = 0);

/// What a cell says: without its quotes, two quotes inside made one.
std::string csv_text(std::string_view cell);
/// The finite number that a cell is, quoted or not, in the notation of C (1, -2.5, +3e-4); none if it is not.
std::optional<double> csv_number(std::string_view cell);
/// Whether a cell stands for a value that is missing: empty, NA, NaN (in small or capital letters) or ?.
bool is_csv_missing(std::string_view cell);
/// A cell as errors show it: in quotes, cut short if it is long, control characters replaced.
std::string csv_shown(std::string_view cell);

}  // namespace micrograd
