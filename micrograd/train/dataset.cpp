// Splits a data set by a seeded shuffle of its row numbers.
#include <micrograd/train/dataset.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <micrograd/engine/describe.hpp>
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
  Dataset picked{.columns = data.columns,
                 .classes = data.classes,
                 .names = data.names,
                 .picture_width = data.picture_width};
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

namespace {

std::vector<std::size_t> shuffled_rows(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  Random(seed).shuffle(rows);
  return rows;
}

/// How many of `rows` rows are held out.
std::size_t held_out_rows(const char* who, std::size_t rows, double share) {
  const bool is_fraction = share > 0 && share < 1;
  if (!is_fraction) {
    throw UsageError(std::string(who) + ": the held-out share is not a fraction (got " +
                     engine::describe_number(share) + ", expected more than 0 and less than 1)");
  }
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(rows)));
}

}  // namespace

Dataset shuffle(const Dataset& data, std::uint64_t seed) {
  return pick_rows(data, shuffled_rows(data.rows(), seed));
}

Split split(const Dataset& data, double held_out, std::uint64_t seed) {
  const std::size_t count = held_out_rows("split", data.rows(), held_out);
  const std::vector<std::size_t> rows = shuffled_rows(data.rows(), seed);
  const std::span<const std::size_t> shuffled = rows;
  return {.train = pick_rows(data, shuffled.subspan(count)),
          .held_out = pick_rows(data, shuffled.first(count))};
}

Split split_by_class(const Dataset& data, double held_out, std::uint64_t seed) {
  const std::size_t total = held_out_rows("split_by_class", data.rows(), held_out);
  if (data.labels.empty()) {
    throw UsageError("split_by_class: the rows have no classes (got " + std::to_string(data.rows()) +
                     " rows without labels, expected labels); use split");
  }
  // Each class gets its exact share rounded down; what is then missing goes to those that lost most.
  std::vector<std::size_t> sizes(data.class_count());
  for (const std::size_t label : data.labels) ++sizes[label];
  std::vector<std::size_t> wanted(sizes.size());
  std::vector<double> lost(sizes.size());
  std::size_t given = 0;
  for (std::size_t label = 0; label < sizes.size(); ++label) {
    const double exact = held_out * static_cast<double>(sizes[label]);
    wanted[label] = static_cast<std::size_t>(exact);
    lost[label] = exact - std::floor(exact);
    given += wanted[label];
  }
  std::vector<std::size_t> by_loss(sizes.size());
  std::iota(by_loss.begin(), by_loss.end(), std::size_t{0});
  std::sort(by_loss.begin(), by_loss.end(),
            [&](std::size_t a, std::size_t b) { return lost[a] != lost[b] ? lost[a] > lost[b] : a < b; });
  for (std::size_t i = 0; i < by_loss.size() && given < total; ++i, ++given) ++wanted[by_loss[i]];

  std::vector<std::size_t> train, out;
  for (const std::size_t row : shuffled_rows(data.rows(), seed)) {
    std::size_t& left = wanted[data.labels[row]];
    (left > 0 ? out : train).push_back(row);
    if (left > 0) --left;
  }
  return {.train = pick_rows(data, train), .held_out = pick_rows(data, out)};
}

}  // namespace micrograd
