// A Python script of this folder as a process that answers each line with a number.
#pragma once

#include <cstdio>
#include <string>

namespace bench::python {

/// Whether python3 can be run.
bool is_there();

class Script {
 public:
  /// Throws std::runtime_error if it cannot be started.
  explicit Script(const std::string& file);
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  void write(const std::string& text) const;
  /// The next line. Throws std::runtime_error if the script has ended.
  double read_number() const;

 private:
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace bench::python
