// Folders of runs.
#include "run_folder.hpp"

#include <fmt/format.h>

#include <system_error>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>

namespace micrograd::command {

namespace fs = std::filesystem;

RunFolder begin_run(const fs::path& path, const Config& config) {
  RunFolder folder{path};
  if (path.empty()) {
    const std::string name = fs::path(config.settings.data).stem().string();
    std::size_t number = 1;
    do {
      folder.path = fs::path("runs") / fmt::format("{}-{}", name, number++);
    } while (fs::exists(folder.path));
  }
  if (fs::exists(folder.config())) {
    throw micrograd::UsageError(fmt::format(
        "train: a run is there already (got --out {0}); go on with --resume {0}, or choose another folder",
        folder.path.string()));
  }
  std::error_code error;
  fs::create_directories(folder.path, error);
  if (error) {
    throw micrograd::IoError(
        fmt::format("train: {}: cannot be made: {}", folder.path.string(), error.message()));
  }
  micrograd::write_file(folder.config(), to_json(config));
  return folder;
}

Config read_config(const RunFolder& folder) {
  if (!fs::exists(folder.config())) {
    throw micrograd::UsageError(
        fmt::format("{}: no run is there (expected a folder with a config.json)", folder.path.string()));
  }
  return parse_config(micrograd::read_file(folder.config()), folder.config().string());
}

}  // namespace micrograd::command
