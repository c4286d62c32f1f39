// A labelled data set in memory, and its division into a part to learn from and a part to be judged by.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace micrograd {

/// One row of numbers for each example, all of the same width, and the class of each.
struct Dataset {
  std::size_t columns = 0;
  std::vector<double> values;       ///< rows() x columns, row after row
  std::vector<std::size_t> labels;  ///< of each row, counted from 0

  std::size_t rows() const { return labels.size(); }
  /// The numbers of row `index`, which must be less than rows(); valid until the data set changes.
  std::span<const double> row(std::size_t index) const {
    return std::span(values).subspan(index * columns, columns);
  }
};

struct Split {
  Dataset train;
  Dataset held_out;
};

/// Shuffles the rows by `seed` and holds out the first `held_out` share of them, rounded to the nearest whole
/// row. Throws UsageError unless 0 < held_out < 1.
Split split(const Dataset& data, double held_out, std::uint64_t seed);

}  // namespace micrograd
