// Splits a data set by a seeded shuffle of its row numbers.
#include <micrograd/train/dataset.hpp>

#include <cmath>
#include <numeric>
#include <string>

#include <micrograd/error.hpp>
#include <micrograd/nn/random.hpp>

namespace micrograd {
namespace {

Dataset pick_rows(const Dataset& data, std::span<const std::size_t> rows) {
  Dataset picked;
  picked.columns = data.columns;
  picked.values.reserve(rows.size() * data.columns);
  picked.labels.reserve(rows.size());
  for (const std::size_t row : rows) {
    const std::span<const double> values = data.row(row);
    picked.values.insert(picked.values.end(), values.begin(), values.end());
    picked.labels.push_back(data.labels[row]);
  }
  return picked;
}

}  // namespace

Split split(const Dataset& data, double held_out, std::uint64_t seed) {
  const bool is_fraction = held_out > 0 && held_out < 1;
  if (!is_fraction) {
    throw UsageError("split: the held-out share is not a fraction (got " + std::to_string(held_out) +
                     ", expected more than 0 and less than 1)");
  }
  std::vector<std::size_t> rows(data.rows());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Random(seed).shuffle(rows);
  const auto count = static_cast<std::size_t>(std::lround(held_out * static_cast<double>(rows.size())));
  const std::span<const std::size_t> shuffled = rows;
  return {.train = pick_rows(data, shuffled.subspan(count)),
          .held_out = pick_rows(data, shuffled.first(count))};
}

}  // namespace micrograd
