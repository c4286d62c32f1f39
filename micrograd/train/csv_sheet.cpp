// Reads every cell as a number once; all later questions about kinds of cells look at the result.
#include <micrograd/train/csv_sheet.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <micrograd/error.hpp>

namespace micrograd {

CsvSheet::CsvSheet(CsvTable table, CsvHeader header, std::span<const std::string> expected)
    : table_(std::move(table)) {
  numbers_.reserve(table_.cells.size());
  for (const std::string_view cell : table_.cells) {
    numbers_.push_back(csv_number(cell).value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  const bool has_header = header == CsvHeader::automatic
                              ? table_.rows() > 0 && (holds_all(expected) || looks_like_header())
                              : header == CsvHeader::yes && table_.rows() > 0;
  if (has_header) take_header();
  if (rows() == 0) {
    throw IoError("load_csv: " + file() + ": no rows of data (got " +
                  (has_header ? "a header and nothing else" : "an empty file") + ", expected 1 row or more)");
  }
}

bool CsvSheet::looks_like_header() const {
  for (std::size_t column = 0; column < columns(); ++column) {
    const std::string_view top = table_.cell(0, column);
    if (!std::isnan(numbers_[column]) || is_csv_missing(top)) continue;
    bool has_numbers = false, has_words = false;
    for (std::size_t row = 1; row < table_.rows() && !has_words; ++row) {
      const bool is_number = !std::isnan(numbers_[row * columns() + column]);
      has_numbers = has_numbers || is_number;
      has_words = !is_number && !is_csv_missing(table_.cell(row, column));
    }
    if (has_numbers && !has_words) return true;
  }
  return false;
}

bool CsvSheet::holds_all(std::span<const std::string> expected) const {
  if (expected.empty()) return false;
  std::unordered_set<std::string> top;
  for (std::size_t column = 0; column < columns(); ++column) top.insert(csv_text(table_.cell(0, column)));
  return std::all_of(expected.begin(), expected.end(),
                     [&](const std::string& name) { return !name.empty() && top.contains(name); });
}

void CsvSheet::take_header() {
  std::unordered_map<std::string, std::size_t> seen;
  for (std::size_t column = 0; column < columns(); ++column) {
    std::string name = csv_text(table_.cell(0, column));
    if (name.empty()) name = "column " + std::to_string(column + 1);
    const auto [other, is_new] = seen.emplace(name, column);
    if (!is_new) {
      throw IoError("load_csv: " + file() + ": line " + std::to_string(table_.lines[0]) +
                    ": two columns have one name (got " + csv_shown(name) + " for columns " +
                    std::to_string(other->second + 1) + " and " + std::to_string(column + 1) +
                    ", expected different names)");
    }
    names_.push_back(std::move(name));
  }
  first_ = 1;
}

bool CsvSheet::is_missing(std::size_t row, std::size_t column) const {
  return std::isnan(number(row, column)) && is_csv_missing(cell(row, column));
}

std::string CsvSheet::place(std::size_t column) const {
  std::string text = "column " + std::to_string(column + 1);
  if (!names_.empty()) {
    const std::string shown = csv_shown(names_[column]);
    text += " (" + shown.substr(1, shown.size() - 2) + ")";
  }
  return text;
}

void CsvSheet::fail(std::size_t row, std::size_t column, const std::string& what) const {
  throw IoError("load_csv: " + file() + ": line " + std::to_string(table_.lines[row + first_]) + ", " +
                place(column) + ": " + what);
}

void CsvSheet::fail(std::size_t column, const std::string& what) const {
  throw IoError("load_csv: " + file() + ": " + place(column) + ": " + what);
}

void CsvSheet::fail_not_a_number(std::size_t row, std::size_t column, const std::string& hint) const {
  std::string decimal = csv_text(cell(row, column));
  std::replace(decimal.begin(), decimal.end(), ',', '.');
  const bool has_comma = decimal != csv_text(cell(row, column)) && csv_number(decimal).has_value();
  fail(row, column,
       "not a number (got " + csv_shown(cell(row, column)) + ", expected a finite number)" +
           (has_comma ? "; write decimals with a point" : hint));
}

std::vector<std::size_t> usable_rows(const CsvSheet& sheet, std::span<const std::size_t> features,
                                     std::size_t label, CsvMissing missing) {
  const bool has_label = label < sheet.columns();
  std::vector<std::size_t> rows;
  rows.reserve(sheet.rows());
  for (std::size_t row = 0; row < sheet.rows(); ++row) {
    bool is_usable = true;
    if (has_label && sheet.is_missing(row, label)) {
      if (missing != CsvMissing::drop) {
        sheet.fail(row, label,
                   "the value to predict is missing (got " + csv_shown(sheet.cell(row, label)) +
                       ", expected a number or a word); set missing to drop to leave such rows out");
      }
      is_usable = false;
    }
    if (missing == CsvMissing::error || missing == CsvMissing::drop) {
      const auto gap = std::find_if(features.begin(), features.end(),
                                    [&](std::size_t column) { return sheet.is_missing(row, column); });
      if (gap != features.end()) {
        if (missing == CsvMissing::error) {
          sheet.fail(row, *gap,
                     "a value is missing (got " + csv_shown(sheet.cell(row, *gap)) +
                         ", expected a number or a word); set missing to drop to leave such rows out, or to "
                         "mean to put the column's mean there");
        }
        is_usable = false;
      }
    }
    if (is_usable) rows.push_back(row);
  }
  if (rows.empty()) {
    throw IoError("load_csv: " + sheet.file() + ": no rows are left (got " + std::to_string(sheet.rows()) +
                  " rows, each with a missing value, expected 1 complete row or more)");
  }
  return rows;
}

std::string csv_class_name(double number) {
  constexpr double kLargest = 0x1p53;
  const bool is_whole = std::trunc(number) == number && std::abs(number) <= kLargest;
  return is_whole ? std::to_string(static_cast<long long>(number)) : std::string();
}

}  // namespace micrograd
