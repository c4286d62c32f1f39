// Folders of runs.
#include "run_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include "run_data.hpp"

namespace micrograd::command {

namespace fs = std::filesystem;

// The lock is on config.json, the one file of a run that is never replaced.
RunLock::RunLock(const RunFolder& folder)
    : descriptor_(::open(folder.config().c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) {
    throw micrograd::IoError(
        fmt::format("train: {}: {}", folder.config().string(), std::generic_category().message(errno)));
  }
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return;  // or locks are unknown here
  ::close(descriptor_);
  throw micrograd::UsageError(fmt::format(
      "train: another program is training in {}; wait for its end, or stop it", folder.path.string()));
}

RunLock::~RunLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RunFolder begin_run(const fs::path& path, const Config& config) {
  RunFolder folder{path};
  if (path.empty()) {
    const std::string name = fs::path(shown_name(config.settings.data)).stem().string();
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
  micrograd::remove_unfinished(folder.config());
  if (!fs::is_empty(folder.path)) {
    throw micrograd::UsageError(
        fmt::format("train: the folder is not empty (got --out {}, expected one that is "
                    "new or empty, so that nothing in it is lost)",
                    folder.path.string()));
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
