// Reader of tables of numbers and words in text files (CSV, RFC 4180): one row a line, one column of them to
// predict.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <micrograd/train/csv_schema.hpp>
#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// Whether the first row names the columns. By itself it does if, in some column, its cell is neither a
/// number nor missing while all later ones are numbers or missing, at least one a number. A table of words
/// alone therefore needs `yes` to have a header.
enum class CsvHeader { automatic, yes, no };

/// What the label column holds. By itself: classes if all cells are words, or if they are whole numbers, at
/// most 20 different ones, each in two rows on average; numbers to predict if all cells are other numbers;
/// words and numbers mixed are an error. Classes, if asked for, may be words and whole numbers.
enum class CsvTask { automatic, classes, numbers };

/// What becomes of a row in which a value is missing (empty, NA, NaN, ?): an error, left out, completed by
/// the column's mean (for words: by the share of each), or kept with NaN there, for a split to come first and
/// then CsvSchema::learn_fills and fill_missing. A label is never made up.
enum class CsvMissing { error, drop, mean, keep };

/// Columns are given by name or by number, from 1, or from the end: -1 is the last. A name wins over a
/// number.
struct CsvOptions {
  char separator = 0;  ///< 0: the one of tab, `;` and `,` that fits, see read_csv_table
  CsvHeader header = CsvHeader::automatic;
  std::string label = "-1";  ///< the column to predict
  CsvTask task = CsvTask::automatic;
  CsvMissing missing = CsvMissing::error;
  std::vector<std::string> ignore{};  ///< columns to leave out
  bool one_hot = false;               ///< turn each column of words into one column of 0 and 1 for each word
  std::vector<std::string> words{};   ///< columns to turn so although they hold numbers
  std::size_t most_categories = 100;  ///< different words that a column may have
};

/// A data set, and how it was made of its file.
struct CsvData {
  Dataset data;
  CsvSchema schema;
};

/// Reads the file as CSV. Classes are sorted by name, or by value if all are numbers; 3 and 3.0 are one
/// class. Throws IoError, naming file, line and column, for anything in it that is not as described here;
/// UsageError for options that do not fit the file. Takes memory in proportion to the file (times
/// most_categories with one_hot).
Dataset load_csv(const std::filesystem::path& file, const CsvOptions& options = {});
/// The same, and what a later file must be read by.
CsvData load_csv_and_schema(const std::filesystem::path& file, const CsvOptions& options = {});
/// Reads a file as the one was read that `schema` comes from. If it has a header and the schema has names,
/// columns are found by name, in any order, and others are ignored; the label column may be missing.
/// Otherwise it must have the training file's columns in their order, or all but the label. A data set
/// without labels has neither labels nor targets. Of the options, separator, header and missing count; a
/// header is also recognised by holding all of the schema's names. A class or category that the schema does
/// not know is an IoError. Throws UsageError for a schema that contradicts itself.
Dataset load_csv_as(const std::filesystem::path& file, const CsvSchema& schema,
                    const CsvOptions& options = {});

/// The same three from a text; `name` is what errors call it.
Dataset read_csv(std::string_view text, const std::string& name, const CsvOptions& options = {});
CsvData read_csv_and_schema(std::string_view text, const std::string& name, const CsvOptions& options = {});
Dataset read_csv_as(std::string_view text, const std::string& name, const CsvSchema& schema,
                    const CsvOptions& options = {});

}  // namespace micrograd
