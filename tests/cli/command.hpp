// Runs the command as a person would, in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <micrograd/file.hpp>

namespace micrograd::command {

struct Finished {
  int exit_code;
  std::string out;
  std::string err;
};

class CommandLine : public ::testing::Test {
 protected:
  void SetUp() override {
    const ::testing::TestInfo* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder = std::filesystem::path(::testing::TempDir()) /
             (std::string("micrograd.") + test->test_suite_name() + "." + test->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// Runs `micrograd ARGUMENTS`, words for a shell, in a folder below; whole trainings, so never under
  /// MICROGRAD_STRESS.
  Finished run(const std::string& arguments, const std::filesystem::path& below = ".") const {
    const std::string line = "cd '" + (folder / below).string() + "' && MICROGRAD_STRESS=0 '" +
                             MICROGRAD_COMMAND "' " + arguments + " >.out 2>.err </dev/null";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read(below / ".out"),
            read(below / ".err")};
  }
  void write(const std::string& name, const std::string& text) const { write_file(folder / name, text); }
  std::string read(const std::filesystem::path& name) const { return read_file(folder / name); }

  std::filesystem::path folder;
};

}  // namespace micrograd::command
