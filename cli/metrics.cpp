// Lines of numbers, written with as many digits as give back the same number.
#include "metrics.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>

namespace micrograd::command {
namespace {

constexpr std::string_view header = "epoch,loss,held_out_loss,held_out_accuracy,learning_rate\n";

/// An unknown number is an empty cell.
std::string cell(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

std::string line(const EpochRecord& record) {
  return fmt::format("{},{},{},{},{}\n", record.epoch, cell(record.loss), cell(record.held_out_loss),
                     cell(record.held_out_accuracy), cell(record.learning_rate));
}

template <class Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::optional<EpochRecord> parse(std::string_view text) {
  EpochRecord record{};
  std::array<double*, 4> numbers{&record.loss, &record.held_out_loss, &record.held_out_accuracy,
                                 &record.learning_rate};
  std::size_t comma = text.find(',');
  if (comma == text.npos || !read(text.substr(0, comma), record.epoch)) return std::nullopt;
  for (double* const number : numbers) {
    if (comma == text.npos) return std::nullopt;
    text.remove_prefix(comma + 1);
    comma = text.find(',');
    const std::string_view digits = text.substr(0, comma);
    if (digits.empty()) {
      *number = std::numeric_limits<double>::quiet_NaN();
    } else if (!read(digits, *number)) {
      return std::nullopt;
    }
  }
  if (comma != text.npos) return std::nullopt;
  return record;
}

}  // namespace

EpochRecord record_of(const micrograd::Epoch& epoch) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  return {.epoch = epoch.number,
          .loss = epoch.loss,
          .held_out_loss = epoch.held_out ? epoch.held_out->loss : unknown,
          .held_out_accuracy = epoch.held_out ? epoch.held_out->accuracy : unknown,
          .learning_rate = epoch.learning_rate};
}

Metrics Metrics::create(const std::filesystem::path& file) {
  micrograd::write_file(file, header);
  return Metrics(file);
}

Metrics Metrics::reopen(const std::filesystem::path& file, std::size_t epochs) {
  const std::string bytes = micrograd::read_file(file);
  const auto broken = [&file](const std::string& what) {
    return micrograd::IoError(fmt::format("metrics: {}: {}", file.string(), what));
  };
  const auto shown = [](std::string_view text) {
    return text.substr(0, std::min<std::size_t>(text.find('\n'), 80));
  };
  if (!bytes.starts_with(header)) {
    throw broken(fmt::format("the first line is not that of a training run (got '{}', expected '{}')",
                             shown(bytes), shown(header)));
  }
  Metrics metrics(file);
  std::string_view rest = std::string_view(bytes).substr(header.size());
  while (metrics.records_.size() < epochs) {
    const std::size_t end = rest.find('\n');
    if (end == rest.npos) {
      throw broken(fmt::format("epochs are missing (got {}, expected {}, as the checkpoint says)",
                               metrics.records_.size(), epochs));
    }
    const std::optional<EpochRecord> record = parse(rest.substr(0, end));
    if (!record || record->epoch != metrics.records_.size() + 1) {
      throw broken(fmt::format("line {} is not that of an epoch (got '{}', expected {} and 4 more numbers)",
                               metrics.records_.size() + 2, shown(rest), metrics.records_.size() + 1));
    }
    metrics.records_.push_back(*record);
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty())
    micrograd::write_file(file, std::string_view(bytes).substr(0, bytes.size() - rest.size()));
  return metrics;
}

void Metrics::add(const EpochRecord& record) {
  records_.push_back(record);
  micrograd::append_to_file(file_, line(record));
}

}  // namespace micrograd::command
