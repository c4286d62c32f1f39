// Rows by the settings' words, and what is to be known of them so that later rows can be treated alike.
#include "run_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include <micrograd/error.hpp>
#include <micrograd/train/csv.hpp>
#include <micrograd/train/digits.hpp>
#include <micrograd/train/idx.hpp>
#include <micrograd/train/named.hpp>
#include <micrograd/train/standardise.hpp>
#include "setting_words.hpp"

namespace micrograd::command {
namespace {

using micrograd::Dataset;
using micrograd::UsageError;

constexpr std::string_view digits = "digits", fashion = "fashion-mnist";

micrograd::CsvMissing missing_named(const std::string& word) {
  if (word == "error") return micrograd::CsvMissing::error;
  if (word == "drop") return micrograd::CsvMissing::drop;
  if (word == "mean") return micrograd::CsvMissing::keep;  // to be filled in once the rows are divided
  throw UsageError("missing: no such policy (got '" + word + "', expected " + listed_words_for("missing") +
                   ")");
}

micrograd::CsvTask task_named(const std::string& word) {
  if (word == "auto") return micrograd::CsvTask::automatic;
  if (word == "classes") return micrograd::CsvTask::classes;
  if (word == "numbers") return micrograd::CsvTask::numbers;
  throw UsageError("task: no such task (got '" + word + "', expected " + listed_words_for("task") + ")");
}

void check_range(const char* setting, double value, bool in_range, const char* expected) {
  if (in_range) return;
  throw UsageError(fmt::format("{}: out of range (got {}, expected {})", setting, value, expected));
}

void check_ranges(const Settings& settings) {
  check_range("noise", settings.noise, settings.noise >= 0 || settings.noise == -1, "0 or more, or -1");
  check_range("held-out", settings.held_out, settings.held_out >= 0 && settings.held_out < 1,
              "0 to less than 1");
  check_range("clip-norm", settings.clip_norm, settings.clip_norm >= 0, "0 or more");
  check_range("clip-value", settings.clip_value, settings.clip_value >= 0, "0 or more");
  check_range("momentum", settings.momentum, settings.momentum >= 0 && settings.momentum < 1,
              "0 to less than 1");
}

/// FNV-1a over the bits of all numbers and labels: another number for data that differs anywhere.
std::uint64_t fingerprint(const Data& data) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&hash](std::uint64_t word) { hash = (hash ^ word) * 0x100000001b3U; };
  for (const Dataset* const part : {&data.train, &data.held_out}) {
    for (const double value : part->values) add(std::bit_cast<std::uint64_t>(value));
    for (const double target : part->targets) add(std::bit_cast<std::uint64_t>(target));
    for (const std::size_t label : part->labels) add(label);
  }
  return hash;
}

micrograd::NamedOptions options_of(const Settings& settings) {
  micrograd::NamedOptions options{
      .count = settings.points, .seed = settings.seed, .data_folder = data_folder()};
  if (settings.noise >= 0) options.noise = settings.noise;
  options.csv.label = settings.label;
  options.csv.missing = missing_named(settings.missing);
  options.csv.one_hot = settings.one_hot;
  options.csv.task = task_named(settings.task);
  options.csv.ignore = settings.ignore;
  options.csv.words = settings.words;
  return options;
}

/// The schema of a file that would hold the rows of a data set that is none: its columns, and then what is to
/// be predicted.
micrograd::CsvSchema schema_of(const Dataset& data) {
  micrograd::CsvSchema schema{.features = {},
                              .label = {},
                              .label_position = data.columns,
                              .file_columns = data.columns + 1,
                              .classes = {}};
  for (std::size_t i = 0; i < data.columns; ++i) schema.features.push_back({.position = i});
  for (std::size_t i = 0; i < data.class_count(); ++i) schema.classes.push_back(data.class_name(i));
  return schema;
}

micrograd::Split divide(const Settings& settings, const Dataset& data) {
  if (settings.held_out == 0) return {.train = data, .held_out = {}};
  if (data.labels.empty()) return micrograd::split(data, settings.held_out, settings.seed);
  return micrograd::split_by_class(data, settings.held_out, settings.seed);
}

/// Targets are shifted and scaled like columns: a net that starts near 0 would take long to reach large ones.
micrograd::Standardiser fit_targets(const Dataset& train) {
  return micrograd::Standardiser::fit({.columns = 1, .values = train.targets, .targets = train.targets});
}

/// Weights that make each class count as much as any other.
std::vector<double> balancing_weights(const Dataset& train) {
  std::vector<double> weights(train.class_count());
  for (const std::size_t label : train.labels) ++weights[label];
  const double share = static_cast<double>(train.rows()) / static_cast<double>(weights.size());
  // A class without rows to learn from has no share to make up for.
  for (double& weight : weights) weight = weight > 0 ? share / weight : 1;
  return weights;
}

void standardise(const DataShape& shape, Dataset& data) {
  if (data.rows() == 0) return;
  if (!shape.standardiser.mean.empty()) shape.standardiser.apply(data);
  for (double& target : data.targets) target = (target - shape.target_mean) / shape.target_deviation;
}

}  // namespace

std::filesystem::path data_folder() {
  if (const char* const named = std::getenv("MICROGRAD_DATA"); named != nullptr && *named != '\0')
    return named;
  const std::filesystem::path source = MICROGRAD_SOURCE_DATA;
  return std::filesystem::exists(source) ? source : std::filesystem::path(MICROGRAD_INSTALLED_DATA);
}

Data load_data(const Settings& settings) {
  check_ranges(settings);
  constexpr std::size_t most_points = 10'000'000;
  if (settings.points > most_points) {
    throw UsageError(
        fmt::format("points: too many (got {}, expected at most {})", settings.points, most_points));
  }
  micrograd::NamedOptions options = options_of(settings);
  micrograd::NamedData loaded = micrograd::load_named(settings.data, options);
  micrograd::Split parts;
  if (settings.data == fashion) {  // comes with its own division
    options.part = micrograd::FashionPart::test;
    parts = {.train = std::move(loaded.data), .held_out = micrograd::load_named(fashion, options).data};
  } else {
    parts = divide(settings, loaded.data);
  }
  if (parts.train.rows() == 0) {
    throw UsageError(fmt::format("train: no rows are left to learn from (got {} rows and held-out {})",
                                 parts.held_out.rows(), settings.held_out));
  }
  Data data{.train = std::move(parts.train), .held_out = std::move(parts.held_out), .shape = {}};
  data.shape.rows = data.train.rows() + data.held_out.rows();
  if (loaded.schema) {
    data.shape.csv = std::move(*loaded.schema);
    data.shape.csv.learn_fills(data.train);
    for (Dataset* const part : {&data.train, &data.held_out}) {
      if (part->rows() > 0) data.shape.csv.fill_missing(*part);
    }
  } else {
    data.shape.csv = schema_of(data.train);
  }
  data.shape.fingerprint = fingerprint(data);
  if (settings.standardise) {
    data.shape.standardiser = micrograd::Standardiser::fit(data.train);
    if (!data.train.targets.empty()) {
      const micrograd::Standardiser targets = fit_targets(data.train);
      data.shape.target_mean = targets.mean[0];
      data.shape.target_deviation = targets.deviation[0];
    }
  }
  if (settings.balance && !data.train.labels.empty()) {
    data.shape.class_weights = balancing_weights(data.train);
  }
  standardise(data.shape, data.train);
  standardise(data.shape, data.held_out);
  return data;
}

std::string lasting_name(const std::string& data) {
  const auto names = micrograd::data_set_names();
  if (std::find(names.begin(), names.end(), data) != names.end()) return data;
  const auto whole = [](const std::filesystem::path& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
  };
  const auto files = micrograd::idx_files_named(data);
  return files ? whole(files->images) + "," + whole(files->labels) : whole(data);
}

std::string shown_name(const std::string& data) {
  const auto files = micrograd::idx_files_named(data);
  return (files ? files->images : std::filesystem::path(data)).filename().string();
}

Data load_same_data(const Config& config, const std::string& moved_to) {
  Settings settings = config.settings;
  if (!moved_to.empty()) settings.data = moved_to;
  Data data = load_data(settings);
  if (to_json({.settings = config.settings, .data = data.shape}) == to_json(config)) return data;
  throw UsageError(fmt::format(
      "data: {} is not what this run began with (got {} rows with the fingerprint {:x}, expected {} "
      "with {:x}); bring it back, or begin a new run",
      settings.data, data.shape.rows, data.shape.fingerprint, config.data.rows, config.data.fingerprint));
}

namespace {

/// Pictures, with labels if `source` names a second file.
Dataset load_pictures(const Config& config, const std::string& source) {
  const auto files = micrograd::idx_files_named(source);
  Dataset data = files ? micrograd::load_idx(files->images, files->labels)
                       : micrograd::load_idx_images(std::filesystem::path(source));
  if (const std::size_t columns = config.data.csv.columns(); data.columns != columns) {
    throw micrograd::IoError(
        fmt::format("{}: the pictures are of another size than those that the run learned from (got {} "
                    "pixels, expected {})",
                    files ? files->images.string() : source, data.columns, columns));
  }
  const std::size_t classes = config.data.csv.classes.size();
  if (files && data.class_count() > classes) {
    throw micrograd::IoError(fmt::format("{}: the run knows no such class (got {}, expected 0 to {})",
                                         files->labels.string(), data.class_count() - 1, classes - 1));
  }
  return data;
}

}  // namespace

bool learned_from_pictures(const Config& config) {
  if (config.settings.data == fashion) return true;
  // A table's path may have a comma too, but what is to be predicted usually has a name there.
  return config.data.csv.label.empty() && micrograd::idx_files_named(config.settings.data).has_value();
}

Dataset load_more(const Config& config, const std::string& source) {
  const Settings& settings = config.settings;
  if (source.empty()) {
    Dataset held_out = load_same_data(config).held_out;
    if (held_out.rows() > 0) return held_out;
    throw UsageError(
        "evaluate: this run held out no rows (got held-out 0, expected more); name a file of rows to judge "
        "it "
        "by");
  }
  Dataset data;
  if (learned_from_pictures(config)) {
    data = load_pictures(config, source);
  } else if (settings.data == digits) {
    data = micrograd::load_digits(source);
  } else {
    micrograd::CsvOptions options;
    // A row that is left out would move all later ones, so it is an error here.
    const bool fills = settings.missing == "mean";
    options.missing = fills ? micrograd::CsvMissing::mean : micrograd::CsvMissing::error;
    data = micrograd::load_csv_as(source, config.data.csv, options);
  }
  standardise(config.data, data);
  return data;
}

}  // namespace micrograd::command
