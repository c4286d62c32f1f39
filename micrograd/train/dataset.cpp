// Splits a data set by a seeded shuffle of its row numbers.
#include <micrograd/train/dataset.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <micrograd/error.hpp>
#include <micrograd/nn/random.hpp>

namespace micrograd {

std::size_t Dataset::class_count() const {
  const std::size_t seen = labels.empty() ? 0 : *std::max_element(labels.begin(), labels.end()) + 1;
  return std::max(seen, classes.size());
}

std::string Dataset::class_name(std::size_t label) const {
  return label < classes.size() ? classes[label] : std::to_string(label);
}

Dataset pick_rows(const Dataset& data, std::span<const std::size_t> rows) {
  Dataset picked{.columns = data.columns, .classes = data.classes, .names = data.names};
  picked.values.reserve(rows.size() * data.columns);
  for (const std::size_t row : rows) {
    if (row >= data.rows()) {
      throw UsageError("pick_rows: there is no such row (got " + std::to_string(row) +
                       ", expected less than " + std::to_string(data.rows()) + ")");
    }
    const std::span<const double> values = data.row(row);
    picked.values.insert(picked.values.end(), values.begin(), values.end());
    if (!data.labels.empty()) picked.labels.push_back(data.labels[row]);
    if (!data.targets.empty()) picked.targets.push_back(data.targets[row]);
  }
  return picked;
}

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
