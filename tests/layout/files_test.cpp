// The library stays readable: short files that say what they are, and headers without macros.
#include <gtest/gtest.h>

#include <array>
#include <regex>

#include "source_tree.hpp"

namespace {

constexpr std::size_t kLongestFile = 400;
constexpr std::size_t kLongestEngine = 1500;

TEST(Files, AreShort) {
  for (const layout::SourceFile& file : layout::sources_under("micrograd"))
    EXPECT_LT(file.lines.size(), kLongestFile) << file.name;
}

TEST(Files, OpenWithAComment) {
  for (const layout::SourceFile& file : layout::sources_under("micrograd")) {
    ASSERT_FALSE(file.lines.empty()) << file.name << " is empty";
    const std::string& first = file.lines.front();
    EXPECT_TRUE(first.starts_with("//") || first.starts_with("/*"))
        << file.name << " should open with a comment that says what it is, got: " << first;
  }
}

TEST(Files, HeadersDefineNoMacros) {
  const std::regex define(R"(^\s*#\s*define\b)");
  for (const layout::SourceFile& file : layout::sources_under("micrograd")) {
    if (!file.is_header()) continue;
    EXPECT_TRUE(std::count(file.lines.begin(), file.lines.end(), "#pragma once")) << file.name;
    for (const std::string& line : file.lines)
      EXPECT_FALSE(std::regex_search(line, define)) << file.name << ": " << line;
  }
}

// The engine proper can be read in an evening: lines of code, without comments and blank lines. What is built
// upon it there is counted apart.
TEST(Files, EngineIsAnEveningsReading) {
  const std::array beyond = {"carrier",    "dual",       "bounded", "grad.",    "gradcheck",
                             "functional", "reductions", "index",   "eigen",    "standard",
                             "watcher",    "describe",   "leaves",  "reachable"};
  std::size_t lines = 0;
  for (const layout::SourceFile& file : layout::sources_under("micrograd/engine")) {
    const std::string name = std::filesystem::path(file.name).filename();
    const bool proper = std::none_of(beyond.begin(), beyond.end(),
                                     [&](const char* word) { return name.find(word) != std::string::npos; });
    if (!proper) continue;
    lines += static_cast<std::size_t>(
        std::count_if(file.lines.begin(), file.lines.end(), [](const std::string& line) {
          const std::size_t first = line.find_first_not_of(' ');
          return first != std::string::npos && line.compare(first, 2, "//") != 0;
        }));
  }
  EXPECT_GT(lines, 0U);
  EXPECT_LT(lines, kLongestEngine);
  RecordProperty("lines", static_cast<int>(lines));
}

}  // namespace
