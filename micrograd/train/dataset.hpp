// A labelled data set in memory, and its division into a part to learn from and a part to be judged by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace micrograd {

/// Rows of numbers, all of the same width, and what each stands for: a class, or a number to predict. Rows to
/// be predicted have neither.
struct Dataset {
  std::size_t columns = 0;
  std::vector<double> values{};        ///< rows() x columns, row after row
  std::vector<std::size_t> labels{};   ///< the class of each row, from 0; empty where numbers are predicted
  std::vector<double> targets{};       ///< the number of each row; empty where classes are predicted
  std::vector<std::string> classes{};  ///< names of the classes, by label; may be empty
  std::vector<std::string> names{};    ///< of the columns; may be empty
  std::size_t picture_width = 0;       ///< pixels in a line, if the rows are pictures; otherwise 0

  std::size_t rows() const {
    if (!labels.empty()) return labels.size();
    if (!targets.empty()) return targets.size();
    return columns == 0 ? 0 : values.size() / columns;
  }
  /// How many classes there are: as many as have names, and at least the largest label + 1.
  std::size_t class_count() const;
  /// The name of a class; its label in digits where it has none.
  std::string class_name(std::size_t label) const;
  /// The numbers of row `index`, which must be less than rows(); valid until the data set changes.
  std::span<const double> row(std::size_t index) const {
    return std::span(values).subspan(index * columns, columns);
  }
};

/// The rows of `data` with these numbers, in this order; classes, names and the width of pictures are kept.
/// Throws UsageError for a number that is not less than data.rows().
Dataset pick_rows(const Dataset& data, std::span<const std::size_t> rows);

/// All rows in an order drawn from `seed`.
Dataset shuffle(const Dataset& data, std::uint64_t seed);

struct Split {
  Dataset train;
  Dataset held_out;
};

/// Shuffles the rows by `seed` and holds out the first `held_out` share of them, rounded to the nearest whole
/// row. Throws UsageError unless 0 < held_out < 1.
Split split(const Dataset& data, double held_out, std::uint64_t seed);

/// As `split`, and the held-out part has each class in the proportion that the whole has: its share of a
/// class is `held_out` rounded down or up to a whole row, so that the total is what `split` holds out. Throws
/// UsageError unless 0 < held_out < 1 and the rows have labels.
Split split_by_class(const Dataset& data, double held_out, std::uint64_t seed);

}  // namespace micrograd
