#include "python.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace bench::python {

bool is_there() {
  return std::system("python3 -c '' 2>/dev/null") == 0;  // NOLINT(concurrency-mt-unsafe): nothing else runs
}

Script::Script(const std::string& file) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error(file + ": no pipe to be had");
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);  // else the script would never see the end of its input
  to_ = fdopen(ends[1], "w");
  const std::string command =
      "exec python3 '" MICROGRAD_BASELINES_DIR "/" + file + "' </proc/self/fd/" + std::to_string(ends[0]);
  from_ = popen(command.c_str(), "r");
  close(ends[0]);
  if (to_ == nullptr || from_ == nullptr) throw std::runtime_error(file + ": cannot be started");
}

Script::~Script() {
  if (to_ != nullptr) std::fclose(to_);
  if (from_ != nullptr) pclose(from_);
}

void Script::write(const std::string& text) const {
  std::fwrite(text.data(), 1, text.size(), to_);
  std::fflush(to_);
}

double Script::read_number() const {
  std::array<char, 64> line{};
  if (std::fgets(line.data(), line.size(), from_) == nullptr) {
    throw std::runtime_error("the Python script has ended (expected a number)");
  }
  return std::strtod(line.data(), nullptr);
}

}  // namespace bench::python
