// config.json, the readable half of a run: its settings, and what the data looked like, so that other data
// can be put before the same net.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <micrograd/train/csv_schema.hpp>
#include <micrograd/train/standardise.hpp>
#include "settings.hpp"

namespace micrograd::command {

/// What a net learned from.
struct DataShape {
  std::size_t rows = 0;                  ///< in all, those held out included
  std::uint64_t fingerprint = 0;         ///< of all their numbers and labels
  micrograd::CsvSchema csv;              ///< how a file of such rows is read; classes are empty for numbers
  micrograd::Standardiser standardiser;  ///< both lists empty: rows are taken as they are
  double target_mean = 0;                ///< the net predicts (target - mean) / deviation
  double target_deviation = 1;
  std::vector<double> class_weights;  ///< in the loss, by --balance; empty: all 1
};

struct Config {
  Settings settings;
  DataShape data;
};

/// The text of config.json; numbers read back with the same bits.
std::string to_json(const Config& config);

/// Every setting's name and value, as they stand in config.json.
std::vector<std::pair<std::string, std::string>> words_of(const Settings& settings);

/// Reads such a text, which errors call `file`. Throws micrograd::IoError, naming file and key, if it is not
/// JSON, a key is missing or unknown, or a value is of the wrong kind.
Config parse_config(std::string_view text, const std::string& file);

}  // namespace micrograd::command
