// Puts the columns of a file in their places and encodes its rows, the training file's like any later one's.
#include <micrograd/train/csv.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/train/csv_sheet.hpp>
#include <micrograd/train/csv_table.hpp>

namespace micrograd {
namespace {

using Numbering = std::unordered_map<std::string, std::size_t>;

Numbering number_all(const std::vector<std::string>& words) {
  Numbering numbering;
  for (std::size_t i = 0; i < words.size(); ++i) numbering.emplace(words[i], i);
  return numbering;
}

std::string listed(const std::vector<std::string>& words) {
  constexpr std::size_t kMostListed = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), kMostListed); ++i) {
    text += (i == 0 ? "" : ", ") + csv_shown(words[i]);
  }
  return words.size() > kMostListed ? text + ", ..." : text;
}

/// Where the columns of a schema lie in a file.
struct Places {
  std::vector<std::size_t> features;
  std::size_t label;  // the number of columns if the file has none
};

Places places_in_training_file(const CsvSchema& schema) {
  Places places{.features = {}, .label = schema.label_position};
  for (const CsvColumn& feature : schema.features) places.features.push_back(feature.position);
  return places;
}

Places find_by_name(const CsvSheet& sheet, const CsvSchema& schema) {
  const Numbering columns = number_all(sheet.names());
  Places places{.features = {}, .label = sheet.columns()};
  for (const CsvColumn& feature : schema.features) {
    const auto found = columns.find(feature.name);
    if (found == columns.end()) {
      throw IoError("load_csv: " + sheet.file() + ": a column is missing (got " + listed(sheet.names()) +
                    ", expected " + csv_shown(feature.name) + " as in the training file)");
    }
    places.features.push_back(found->second);
  }
  const auto label = columns.find(schema.label);
  if (label != columns.end()) places.label = label->second;
  return places;
}

Places find_by_position(const CsvSheet& sheet, const CsvSchema& schema) {
  Places places = places_in_training_file(schema);
  if (sheet.columns() == schema.file_columns) return places;
  if (sheet.columns() + 1 != schema.file_columns) {
    throw IoError("load_csv: " + sheet.file() + ": the rows have another length (got " +
                  std::to_string(sheet.columns()) + " cells, expected " +
                  std::to_string(schema.file_columns) + " as in the training file, or " +
                  std::to_string(schema.file_columns - 1) + " without the column to predict)");
  }
  for (std::size_t& column : places.features) {
    if (column > schema.label_position) --column;
  }
  places.label = sheet.columns();
  return places;
}

/// Appends what one column of one row becomes.
void encode_cell(const CsvSheet& sheet, std::size_t row, std::size_t column, const CsvColumn& feature,
                 const Numbering& categories, CsvMissing missing, std::vector<double>& values) {
  const double number = sheet.number(row, column);
  if (feature.categories.empty() && !std::isnan(number)) {
    values.push_back(number);
  } else if (sheet.is_missing(row, column) && missing == CsvMissing::keep) {
    values.resize(values.size() + feature.width(), std::numeric_limits<double>::quiet_NaN());
  } else if (sheet.is_missing(row, column)) {
    if (feature.fill.empty()) {
      sheet.fail(row, column,
                 "a value is missing (got " + csv_shown(sheet.cell(row, column)) +
                     ", expected a number or a word); the training file gave nothing to put there");
    }
    values.insert(values.end(), feature.fill.begin(), feature.fill.end());
  } else if (feature.categories.empty()) {
    sheet.fail_not_a_number(row, column, "");
  } else {
    const auto found = categories.find(csv_text(sheet.cell(row, column)));
    if (found == categories.end()) {
      sheet.fail(row, column,
                 "a word that the training file does not have (got " + csv_shown(sheet.cell(row, column)) +
                     ", expected one of " + listed(feature.categories) + ")");
    }
    values.resize(values.size() + feature.categories.size(), 0.0);
    *(values.end() - static_cast<std::ptrdiff_t>(feature.categories.size() - found->second)) = 1;
  }
}

std::size_t class_of(const CsvSheet& sheet, std::size_t row, std::size_t column, const CsvSchema& schema,
                     const Numbering& classes) {
  auto found = classes.find(csv_text(sheet.cell(row, column)));
  if (found == classes.end()) found = classes.find(csv_class_name(sheet.number(row, column)));
  if (found == classes.end()) {
    sheet.fail(row, column,
               "a class that the training file does not have (got " + csv_shown(sheet.cell(row, column)) +
                   ", expected one of " + listed(schema.classes) + ")");
  }
  return found->second;
}

Dataset encode(const CsvSheet& sheet, const CsvSchema& schema, const Places& places, CsvMissing missing) {
  const std::vector<std::size_t> rows = usable_rows(sheet, places.features, places.label, missing);
  Dataset data{.columns = schema.columns(), .classes = schema.classes, .names = schema.names()};
  data.values.reserve(rows.size() * data.columns);
  std::vector<Numbering> categories;
  categories.reserve(schema.features.size());
  for (const CsvColumn& feature : schema.features) categories.push_back(number_all(feature.categories));
  const Numbering classes = number_all(schema.classes);
  const bool has_label = places.label < sheet.columns();

  for (const std::size_t row : rows) {
    for (std::size_t i = 0; i < places.features.size(); ++i) {
      encode_cell(sheet, row, places.features[i], schema.features[i], categories[i], missing, data.values);
    }
    if (!has_label) continue;
    if (!schema.classes.empty()) {
      data.labels.push_back(class_of(sheet, row, places.label, schema, classes));
    } else if (!std::isnan(sheet.number(row, places.label))) {
      data.targets.push_back(sheet.number(row, places.label));
    } else {
      sheet.fail_not_a_number(row, places.label, "");
    }
  }
  return data;
}

}  // namespace

CsvData read_csv_and_schema(std::string_view text, const std::string& name, const CsvOptions& options) {
  const CsvSheet sheet(read_csv_table(text, name, options.separator), options.header, {});
  CsvSchema schema = learn_csv_schema(sheet, options);
  const bool fills = options.missing == CsvMissing::mean;
  Dataset data =
      encode(sheet, schema, places_in_training_file(schema), fills ? CsvMissing::keep : options.missing);
  schema.learn_fills(data);
  if (fills) schema.fill_missing(data);
  return {.data = std::move(data), .schema = std::move(schema)};
}

Dataset read_csv(std::string_view text, const std::string& name, const CsvOptions& options) {
  return read_csv_and_schema(text, name, options).data;
}

Dataset read_csv_as(std::string_view text, const std::string& name, const CsvSchema& schema,
                    const CsvOptions& options) {
  schema.check();
  std::vector<std::string> expected;
  expected.reserve(schema.features.size());
  for (const CsvColumn& feature : schema.features) expected.push_back(feature.name);
  const CsvSheet sheet(read_csv_table(text, name, options.separator), options.header, expected);
  const bool by_name = !sheet.names().empty() && !schema.features.front().name.empty();
  const Places places = by_name ? find_by_name(sheet, schema) : find_by_position(sheet, schema);
  return encode(sheet, schema, places, options.missing);
}

CsvData load_csv_and_schema(const std::filesystem::path& file, const CsvOptions& options) {
  return read_csv_and_schema(read_file(file), file.string(), options);
}

Dataset load_csv(const std::filesystem::path& file, const CsvOptions& options) {
  return load_csv_and_schema(file, options).data;
}

Dataset load_csv_as(const std::filesystem::path& file, const CsvSchema& schema, const CsvOptions& options) {
  return read_csv_as(read_file(file), file.string(), schema, options);
}

}  // namespace micrograd
