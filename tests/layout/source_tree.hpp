// The library's own source files, as the layout tests look at them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace layout {

struct SourceFile {
  std::string name;  // from the project's root: "micrograd/engine/value.hpp"
  std::vector<std::string> lines;

  bool is_header() const { return name.ends_with(".hpp"); }
};

inline std::filesystem::path root() { return MICROGRAD_SOURCE_DIR; }

inline std::vector<std::string> read_lines(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Every .hpp, .cpp and -inl.h (code that is compiled once for each SIMD target; not installed, and may use
// macros) under `folder`, in order of name.
inline std::vector<SourceFile> sources_under(const std::string& folder) {
  std::vector<SourceFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root() / folder)) {
    const std::filesystem::path& path = entry.path();
    const std::string name = path.filename();
    if (!name.ends_with(".hpp") && !name.ends_with(".cpp") && !name.ends_with("-inl.h")) continue;
    files.push_back({path.lexically_relative(root()).generic_string(), read_lines(path)});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.name < b.name; });
  return files;
}

}  // namespace layout
