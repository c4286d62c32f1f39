// What the tests of exported C share: text, compiled by `cc` without a warning, as functions to be called.
#pragma once

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <micrograd/engine/value.hpp>
#include <micrograd/file.hpp>
#include "../engine/helpers.hpp"

namespace micrograd {

using testing::infinity;
using testing::nan;

/// C text as a library in memory.
class Library {
 public:
  explicit Library(const std::string& text, const std::string& options = "-O1") {
    const std::string pattern = ::testing::TempDir() + "micrograd-c-XXXXXX";
    std::string folder = pattern;
    if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder " + folder);
    folder_ = folder;
    write_file(folder_ / "file.c", text);
    const std::string command = "cc -std=c99 -pedantic -Wall -Wextra -Wshadow -Werror -ffp-contract=off " +
                                options + " -shared -fPIC -o '" + folder + "/file.so' '" + folder +
                                "/file.c' -lm";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("cc refuses\n" + text.substr(0, 10000));
    handle_ = dlopen((folder + "/file.so").c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) throw std::runtime_error(dlerror());
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() {
    if (handle_ != nullptr) dlclose(handle_);
    std::filesystem::remove_all(folder_);
  }

  /// Calls the function with pointers.
  template <class... Pointers>
  int call(const std::string& name, Pointers... pointers) const {
    void* const symbol = dlsym(handle_, name.c_str());
    if (symbol == nullptr) throw std::runtime_error("no function " + name);
    return reinterpret_cast<int (*)(Pointers...)>(symbol)(pointers...);
  }

 private:
  std::filesystem::path folder_;
  void* handle_ = nullptr;
};

inline std::vector<Value> leaves_of(std::span<const double> row) { return {row.begin(), row.end()}; }

}  // namespace micrograd
