// Columns brought to mean 0 and deviation 1, by what the training part alone says about them.
#pragma once

#include <span>
#include <vector>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// A shift and a scale for each column. Plain data, so that it can be kept beside the net that was trained
/// with it and applied to whatever that net is shown later.
struct Standardiser {
  std::vector<double> mean{};
  std::vector<double> deviation{};  ///< never 0

  /// The mean and the deviation (the root of the mean square, not of n - 1) of each column; a column that has
  /// the same number in all rows gets deviation 1. Throws UsageError if there are no rows or a number is not
  /// finite.
  static Standardiser fit(const Dataset& train);

  /// (x - mean) / deviation, in place, for each column of one row or of all rows. Both throw UsageError if
  /// the widths differ or a deviation is not a finite number above 0.
  void apply(std::span<double> row) const;
  void apply(Dataset& data) const;
};

}  // namespace micrograd
