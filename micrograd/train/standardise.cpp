// Two passes over each column, scaled by its largest number so that no sum or square overflows.
#include <micrograd/train/standardise.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

void check(const Standardiser& by, std::size_t columns) {
  if (by.mean.size() != columns || by.deviation.size() != columns) {
    throw UsageError("standardise: the widths differ (got " + std::to_string(columns) +
                     " columns, expected " + std::to_string(by.mean.size()) + " for the means and " +
                     std::to_string(by.deviation.size()) + " for the deviations)");
  }
  for (std::size_t column = 0; column < columns; ++column) {
    const double deviation = by.deviation[column];
    const bool is_right = std::isfinite(by.mean[column]) && std::isfinite(deviation) && deviation > 0;
    if (!is_right) {
      throw UsageError("standardise: column " + std::to_string(column + 1) +
                       " has no usable scale (got mean " + engine::describe_number(by.mean[column]) +
                       " and deviation " + engine::describe_number(deviation) +
                       ", expected finite numbers, the deviation above 0)");
    }
  }
}

void shift_and_scale(const Standardiser& by, std::span<double> row) {
  for (std::size_t column = 0; column < row.size(); ++column) {
    row[column] = (row[column] - by.mean[column]) / by.deviation[column];
  }
}

}  // namespace

Standardiser Standardiser::fit(const Dataset& train) {
  const std::size_t rows = train.rows();
  if (rows == 0) {
    throw UsageError("standardise: nothing to take means of (got 0 rows, expected 1 or more)");
  }
  const double share = 1 / static_cast<double>(rows);
  std::vector<double> least(train.row(0).begin(), train.row(0).end());
  std::vector<double> most = least;
  Standardiser fitted{.mean = std::vector<double>(train.columns),
                      .deviation = std::vector<double>(train.columns)};
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < train.columns; ++column) {
      const double x = train.row(row)[column];
      if (!std::isfinite(x)) {
        throw UsageError("standardise: row " + std::to_string(row) + ", column " +
                         std::to_string(column + 1) + " is not finite (got " + engine::describe_number(x) +
                         ", expected a finite number)");
      }
      least[column] = std::min(least[column], x);
      most[column] = std::max(most[column], x);
      fitted.mean[column] += x * share;
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < train.columns; ++column) {
      const double scale = most[column] / 2 - least[column] / 2;  // half, since the whole may overflow
      if (scale == 0) continue;
      const double off = train.row(row)[column] / scale - fitted.mean[column] / scale;
      fitted.deviation[column] += off * off * share;
    }
  }
  for (std::size_t column = 0; column < train.columns; ++column) {
    if (least[column] == most[column]) fitted.mean[column] = least[column];  // the sum may have been rounded
    const double scale = most[column] / 2 - least[column] / 2;
    const double deviation = scale * std::sqrt(fitted.deviation[column]);
    fitted.deviation[column] = deviation > 0 ? deviation : 1;
  }
  return fitted;
}

void Standardiser::apply(std::span<double> row) const {
  check(*this, row.size());
  shift_and_scale(*this, row);
}

void Standardiser::apply(Dataset& data) const {
  check(*this, data.columns);
  for (std::size_t row = 0; row < data.rows(); ++row) {
    shift_and_scale(*this, std::span(data.values).subspan(row * data.columns, data.columns));
  }
}

}  // namespace micrograd
