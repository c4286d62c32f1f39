// Decides what each column is: numbers, words, or what is to be predicted.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/train/csv_sheet.hpp>

namespace micrograd {
namespace {

constexpr std::size_t kMostNumberedClasses = 20;

/// The column that an option names.
std::size_t find_column(const CsvSheet& sheet, const std::string& which, const char* option) {
  const std::vector<std::string>& names = sheet.names();
  const auto named = std::find(names.begin(), names.end(), which);
  if (named != names.end()) return static_cast<std::size_t>(named - names.begin());
  const auto count = static_cast<long long>(sheet.columns());
  long long number = 0;
  const auto [end, error] = std::from_chars(which.data(), which.data() + which.size(), number);
  const bool is_number = error == std::errc() && end == which.data() + which.size();
  if (is_number && number >= 1 && number <= count) return static_cast<std::size_t>(number - 1);
  if (is_number && number <= -1 && number >= -count) return static_cast<std::size_t>(number + count);
  throw UsageError("load_csv: " + sheet.file() + ": there is no such column (got " + csv_shown(which) +
                   " as " + option + ", expected " + (names.empty() ? "" : "a name from the header, ") +
                   "a number from 1 to " + std::to_string(count) + ", or from the end -1 to -" +
                   std::to_string(count) + ")" +
                   (names.empty() && !is_number ? "; the file seems to have no header" : ""));
}

/// What the cells of a column are, over the usable rows.
struct Census {
  std::size_t numbers = 0;
  std::size_t words = 0;
  std::size_t first_word = 0;  // its row
};

std::vector<Census> take_census(const CsvSheet& sheet, const std::vector<std::size_t>& rows) {
  std::vector<Census> columns(sheet.columns());
  for (const std::size_t row : rows) {
    for (std::size_t column = 0; column < columns.size(); ++column) {
      Census& census = columns[column];
      if (!std::isnan(sheet.number(row, column))) {
        ++census.numbers;
      } else if (!is_csv_missing(sheet.cell(row, column))) {
        if (census.words++ == 0) census.first_word = row;
      }
    }
  }
  return columns;
}

void learn_words(const CsvSheet& sheet, const std::vector<std::size_t>& rows, std::size_t most,
                 CsvColumn& feature) {
  std::set<std::string> found;
  for (const std::size_t row : rows) {
    if (sheet.is_missing(row, feature.position)) continue;
    found.insert(csv_text(sheet.cell(row, feature.position)));
    if (found.size() > most) {
      sheet.fail(row, feature.position,
                 "too many different words (got " + csv_shown(sheet.cell(row, feature.position)) + " after " +
                     std::to_string(most) + " others, expected at most " + std::to_string(most) +
                     "); name the column in ignore, or raise most_categories");
    }
  }
  feature.categories.assign(found.begin(), found.end());
}

CsvColumn learn_feature(const CsvSheet& sheet, const std::vector<std::size_t>& rows, std::size_t column,
                        const Census& census, bool is_listed_as_words, const CsvOptions& options) {
  CsvColumn feature{.name = sheet.names().empty() ? "" : sheet.names()[column], .position = column};
  if (census.numbers + census.words == 0) {
    sheet.fail(column,
               "every value is missing (got " + std::to_string(rows.size()) +
                   " rows without one, expected 1 value or more); name the column in ignore (--ignore)");
  }
  if (is_listed_as_words || (options.one_hot && census.numbers == 0)) {
    learn_words(sheet, rows, options.most_categories, feature);
    return feature;
  }
  if (census.words > 0 && census.numbers == 0) {
    sheet.fail_not_a_number(
        census.first_word, column,
        "; set one_hot (--one-hot) to turn columns of words into columns of 0 and 1, or name the "
        "column in ignore (--ignore)");
  }
  if (census.words > 0) {
    sheet.fail_not_a_number(
        census.first_word, column,
        "; other rows have numbers there; name the column in words (--words) to take them all as "
        "words, or in ignore (--ignore)");
  }
  return feature;
}

/// The different whole numbers of a column without words, by value; none if any other number is among them.
/// `other` is then its row.
std::set<double> whole_numbers(const CsvSheet& sheet, const std::vector<std::size_t>& rows,
                               std::size_t column, std::size_t most, std::size_t& other) {
  std::set<double> found;
  for (const std::size_t row : rows) {
    const double number = sheet.number(row, column);
    if (csv_class_name(number).empty() || (found.insert(number).second && found.size() > most)) {
      other = row;
      return {};
    }
  }
  return found;
}

std::vector<std::string> learn_classes(const CsvSheet& sheet, const std::vector<std::size_t>& rows,
                                       std::size_t column, const Census& census, CsvTask task) {
  const bool decides_itself = task == CsvTask::automatic;
  if (task == CsvTask::numbers || (decides_itself && census.words > 0 && census.numbers > 0)) {
    if (census.words == 0) return {};
    sheet.fail_not_a_number(census.first_word, column,
                            decides_itself ? "; other rows have numbers there; set task (--task) to classes "
                                             "if all of them are names of classes"
                                           : "; set task (--task) to classes to predict words");
  }
  if (census.words > 0) {
    std::unordered_set<std::string> words;
    for (const std::size_t row : rows) words.insert(csv_text(sheet.cell(row, column)));
    std::vector<std::string> classes(words.begin(), words.end());
    std::sort(classes.begin(), classes.end());
    return classes;
  }
  std::size_t other = 0;
  const std::size_t most = decides_itself ? std::min(kMostNumberedClasses, rows.size() / 2) : rows.size();
  const std::set<double> numbers = whole_numbers(sheet, rows, column, most, other);
  if (numbers.empty() && !decides_itself) {
    sheet.fail(other, column,
               "not a class (got " + csv_shown(sheet.cell(other, column)) +
                   ", expected a word or a whole number); set task (--task) to numbers to predict numbers");
  }
  std::vector<std::string> classes;
  classes.reserve(numbers.size());
  for (const double number : numbers) classes.push_back(csv_class_name(number));
  return classes;
}

}  // namespace

CsvSchema learn_csv_schema(const CsvSheet& sheet, const CsvOptions& options) {
  CsvSchema schema{.label_position = find_column(sheet, options.label, "label"),
                   .file_columns = sheet.columns()};
  if (!sheet.names().empty()) schema.label = sheet.names()[schema.label_position];
  std::set<std::size_t> ignored, words;
  for (const std::string& which : options.ignore) ignored.insert(find_column(sheet, which, "ignore"));
  for (const std::string& which : options.words) words.insert(find_column(sheet, which, "words"));
  if (ignored.contains(schema.label_position)) {
    throw UsageError("load_csv: " + sheet.file() + ": the column to predict is to be ignored (got " +
                     csv_shown(options.label) + " as label, expected another column)");
  }

  std::vector<std::size_t> features;
  for (std::size_t column = 0; column < sheet.columns(); ++column) {
    if (column != schema.label_position && !ignored.contains(column)) features.push_back(column);
  }
  if (features.empty()) {
    throw IoError("load_csv: " + sheet.file() + ": no columns to learn from (got " +
                  std::to_string(sheet.columns()) + " in all, expected 1 or more beside the one to predict" +
                  " and those to ignore)");
  }
  const std::vector<std::size_t> rows = usable_rows(sheet, features, schema.label_position, options.missing);
  const std::vector<Census> census = take_census(sheet, rows);
  for (const std::size_t column : features) {
    schema.features.push_back(
        learn_feature(sheet, rows, column, census[column], words.contains(column), options));
  }
  schema.classes =
      learn_classes(sheet, rows, schema.label_position, census[schema.label_position], options.task);
  return schema;
}

}  // namespace micrograd
