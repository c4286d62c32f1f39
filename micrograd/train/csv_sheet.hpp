// A CSV table whose header is known for one and whose cells have been read as numbers: what csv.cpp and
// csv_learn.cpp work on.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <micrograd/train/csv.hpp>
#include <micrograd/train/csv_schema.hpp>
#include <micrograd/train/csv_table.hpp>

namespace micrograd {

class CsvSheet {
 public:
  /// `expected` are names that make a header of a row that holds them all; may be empty. Throws IoError if
  /// there are no rows but the header, or if the header names two columns alike.
  CsvSheet(CsvTable table, CsvHeader header, std::span<const std::string> expected);

  const std::string& file() const { return table_.file; }
  std::size_t columns() const { return table_.columns; }
  /// Without the header.
  std::size_t rows() const { return table_.rows() - first_; }
  /// Of the columns, by the header; `column 3` where that has no name. Empty if there is no header.
  const std::vector<std::string>& names() const { return names_; }
  std::string_view cell(std::size_t row, std::size_t column) const {
    return table_.cell(row + first_, column);
  }
  /// NaN where the cell is not a number.
  double number(std::size_t row, std::size_t column) const {
    return numbers_[(row + first_) * table_.columns + column];
  }
  bool is_missing(std::size_t row, std::size_t column) const;

  /// Throws the IoError that names file, line and column.
  [[noreturn]] void fail(std::size_t row, std::size_t column, const std::string& what) const;
  /// Throws the IoError that names file and column.
  [[noreturn]] void fail(std::size_t column, const std::string& what) const;
  [[noreturn]] void fail_not_a_number(std::size_t row, std::size_t column, const std::string& hint) const;

 private:
  bool looks_like_header() const;
  bool holds_all(std::span<const std::string> expected) const;
  void take_header();
  std::string place(std::size_t column) const;

  CsvTable table_;
  std::vector<double> numbers_;  // of every cell, the first row's too
  std::size_t first_ = 0;        // row of the table with which the data begin
  std::vector<std::string> names_;
};

/// The rows in which nothing is missing that cannot be filled, by the rule `missing`; `label` may be
/// sheet.columns() for none. Throws IoError at the first missing value that the rule forbids, or if no row is
/// left.
std::vector<std::size_t> usable_rows(const CsvSheet& sheet, std::span<const std::size_t> features,
                                     std::size_t label, CsvMissing missing);

/// How the sheet's cells become numbers, learnt from its usable rows; what stands in for missing values is
/// not learnt yet.
CsvSchema learn_csv_schema(const CsvSheet& sheet, const CsvOptions& options);

/// The name of the class that a whole number stands for; empty if it is none or above 2^53.
std::string csv_class_name(double number);

}  // namespace micrograd
