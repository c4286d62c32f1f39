// A training run on disk: what is in its folder, how one is begun, and how it is found again.
#pragma once

#include <filesystem>
#include <string>

#include "config.hpp"

namespace micrograd::command {

struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path config() const { return path / "config.json"; }
  std::filesystem::path checkpoint() const { return path / "checkpoint.safetensors"; }
  std::filesystem::path metrics() const { return path / "metrics.csv"; }
};

/// Makes the folder and writes config.json. An empty `path` means the first of runs/NAME-1, runs/NAME-2, …
/// that is free, NAME being that of the data. Throws micrograd::UsageError if a run is there already, and
/// micrograd::IoError.
RunFolder begin_run(const std::filesystem::path& path, const Config& config);

/// The configuration of the run in that folder. Throws micrograd::UsageError if there is none, and
/// micrograd::IoError.
Config read_config(const RunFolder& folder);

}  // namespace micrograd::command
