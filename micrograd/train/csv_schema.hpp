// How the cells of a CSV file become numbers: learnt from the training file, applied to every later one.
// Plain data, so that it can be kept beside the net that was trained with it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// A column of the file that a net is shown.
struct CsvColumn {
  std::string name{};                     ///< empty where the file has no header
  std::size_t position = 0;               ///< in the training file, from 0
  std::vector<std::string> categories{};  ///< its words, sorted, each a column of 0 and 1; none for numbers
  /// What stands in for a missing value, for each column that it becomes: the mean of those there are. Empty
  /// where nothing can stand in.
  std::vector<double> fill{};

  std::size_t width() const { return categories.empty() ? 1 : categories.size(); }
};

struct CsvSchema {
  std::vector<CsvColumn> features{};   ///< in the order of the training file
  std::string label{};                 ///< name of the column to predict; empty where the file has no header
  std::size_t label_position = 0;      ///< in the training file, from 0
  std::size_t file_columns = 0;        ///< of the training file, all of them
  std::vector<std::string> classes{};  ///< sorted, numbers by value; empty where numbers are predicted

  /// Learns from rows of this schema what stands in for a missing value, which is NaN in them: the mean of
  /// the others in its column; for words the share of each. `data` should be what a net learns from and no
  /// more.
  void learn_fills(const Dataset& data);
  /// Puts it there. Throws UsageError where nothing can stand in, or if the widths differ.
  void fill_missing(Dataset& data) const;

  /// How many numbers a row becomes.
  std::size_t columns() const;
  /// A name for each of those: the column's, with `=` and the category where it has categories; empty where
  /// the columns have no names.
  std::vector<std::string> names() const;
  /// Throws UsageError if the parts contradict each other (a position not below file_columns or used twice, a
  /// wrong number of fills, categories or classes that repeat), as they may in a file edited by hand.
  void check() const;
};

}  // namespace micrograd
