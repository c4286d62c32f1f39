// What a schema says about the data it makes, and whether it says it without contradiction.
#include <micrograd/train/csv_schema.hpp>

#include <algorithm>
#include <cmath>
#include <set>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

[[noreturn]] void fail(const std::string& what) { throw UsageError("CsvSchema: " + what); }

void check_distinct(const std::vector<std::string>& words, const std::string& what) {
  std::set<std::string_view> seen;
  for (const std::string& word : words) {
    if (!seen.insert(word).second) {
      std::string message = what;
      message.append(" are not distinct (got '").append(word).append("' twice, expected it once)");
      fail(message);
    }
  }
}

/// The mean of the numbers of a column; nothing if all are missing.
std::vector<double> mean_of(const Dataset& data, std::size_t column) {
  std::size_t count = 0;
  double sum = 0;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const double number = data.row(row)[column];
    if (std::isnan(number)) continue;
    ++count;
    sum += number;
  }
  if (count == 0) return {};
  const auto numbers = static_cast<double>(count);
  if (std::isfinite(sum)) return {sum / numbers};
  double mean = 0;  // the sum has overflowed, this one cannot
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const double number = data.row(row)[column];
    if (!std::isnan(number)) mean += number / numbers;
  }
  return {mean};
}

void check_width(const char* who, const CsvSchema& schema, const Dataset& data) {
  if (data.columns == schema.columns()) return;
  fail(std::string(who) + ": the widths differ (got " + std::to_string(data.columns) + " columns, expected " +
       std::to_string(schema.columns()) + ")");
}

}  // namespace

void CsvSchema::learn_fills(const Dataset& data) {
  check_width("learn_fills", *this, data);
  std::size_t first = 0;
  for (CsvColumn& feature : features) {
    feature.fill.clear();
    for (std::size_t i = 0; i < feature.width(); ++i) {
      const std::vector<double> mean = mean_of(data, first + i);
      feature.fill.insert(feature.fill.end(), mean.begin(), mean.end());
    }
    first += feature.width();
  }
}

void CsvSchema::fill_missing(Dataset& data) const {
  check_width("fill_missing", *this, data);
  std::size_t first = 0;
  for (const CsvColumn& feature : features) {
    for (std::size_t row = 0; row < data.rows(); ++row) {
      double* const numbers = &data.values[row * data.columns + first];
      if (!std::isnan(*numbers)) continue;  // words are missing in all their columns or in none
      if (feature.fill.empty()) {
        fail("fill_missing: nothing can stand in for a missing value (got no value of column " +
             std::to_string(feature.position + 1) + (feature.name.empty() ? "" : " '" + feature.name + "'") +
             " in the rows to learn from, expected 1 or more); ignore the column (--ignore), or hold out " +
             "fewer rows");
      }
      std::copy(feature.fill.begin(), feature.fill.end(), numbers);
    }
    first += feature.width();
  }
}

std::size_t CsvSchema::columns() const {
  std::size_t total = 0;
  for (const CsvColumn& feature : features) total += feature.width();
  return total;
}

std::vector<std::string> CsvSchema::names() const {
  std::vector<std::string> names;
  for (const CsvColumn& feature : features) {
    if (feature.name.empty()) return {};
    if (feature.categories.empty()) names.push_back(feature.name);
    for (const std::string& category : feature.categories) names.push_back(feature.name + '=' + category);
  }
  return names;
}

void CsvSchema::check() const {
  if (features.empty()) fail("nothing to learn from (got 0 columns, expected 1 or more)");
  check_distinct(classes, "the classes");
  std::set<std::size_t> positions;
  std::vector<std::string> names;
  const auto take = [&](std::size_t position, const std::string& name) {
    const std::string called = name.empty() ? "" : " of '" + name + "'";
    if (position >= file_columns) {
      fail("a position lies outside the file (got " + std::to_string(position) + called +
           ", expected less than " + std::to_string(file_columns) + ")");
    }
    if (!positions.insert(position).second) {
      fail("two columns have one position (got " + std::to_string(position) + called +
           ", expected each position once)");
    }
    if (!name.empty()) names.push_back(name);
  };
  take(label_position, label);
  for (const CsvColumn& feature : features) {
    take(feature.position, feature.name);
    check_distinct(feature.categories, "the categories of column " + std::to_string(feature.position + 1));
    if (!feature.fill.empty() && feature.fill.size() != feature.width()) {
      fail("column " + std::to_string(feature.position + 1) + " has a wrong number of fills (got " +
           std::to_string(feature.fill.size()) + ", expected 0 or " + std::to_string(feature.width()) + ")");
    }
    for (const double fill : feature.fill) {
      if (!std::isfinite(fill)) {
        fail("a fill of column " + std::to_string(feature.position + 1) + " is not a number (got " +
             std::to_string(fill) + ", expected a finite number)");
      }
    }
  }
  if (!names.empty() && names.size() != features.size() + 1) {
    fail("some columns have names and some have none (got " + std::to_string(names.size()) +
         " names, expected " + std::to_string(features.size() + 1) + " or 0)");
  }
  check_distinct(names, "the names of the columns");
}

}  // namespace micrograd
