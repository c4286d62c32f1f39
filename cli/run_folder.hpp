// A training run on disk: what is in its folder, how one is begun, and how it is found again.
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include "config.hpp"

namespace micrograd::command {

struct RunFolder {
  std::filesystem::path path;

  std::filesystem::path config() const { return path / "config.json"; }
  std::filesystem::path checkpoint() const { return path / "checkpoint.safetensors"; }
  std::filesystem::path metrics() const { return path / "metrics.csv"; }
};

/// Keeps other programs from training in the same folder for as long as it lives, however the program ends.
class RunLock {
 public:
  RunLock() = default;  ///< locks nothing
  /// Throws micrograd::UsageError if another program is at work there, and micrograd::IoError.
  explicit RunLock(const RunFolder& folder);
  ~RunLock();
  RunLock(RunLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  RunLock& operator=(RunLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

 private:
  int descriptor_ = -1;
};

/// Makes the folder and writes config.json. An empty `path` means the first of runs/NAME-1, runs/NAME-2, …
/// that is free, NAME being that of the data. Throws micrograd::UsageError if a run or anything else is there
/// already, and micrograd::IoError.
RunFolder begin_run(const std::filesystem::path& path, const Config& config);

/// The configuration of the run in that folder. Throws micrograd::UsageError if there is none, and
/// micrograd::IoError.
Config read_config(const RunFolder& folder);

}  // namespace micrograd::command
