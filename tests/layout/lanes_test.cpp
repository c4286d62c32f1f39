// What is compiled for one SIMD target takes in nothing else by accident.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "source_tree.hpp"

namespace {

std::set<std::string> standard_headers(const std::vector<std::string>& lines) {
  static const std::regex include(R"(^\s*#\s*include\s*<([^>/.]+)>)");
  std::set<std::string> headers;
  std::smatch match;
  for (const std::string& line : lines)
    if (std::regex_search(line, match, include)) headers.insert(match[1].str());
  return headers;
}

// compiler/row_lanes-inl.h includes the rows where code is compiled for the target. A standard header that
// comes in there for the first time would be too, and the linker might use its functions everywhere.
TEST(Lanes, RowsBringNoStandardHeaderOfTheirOwn) {
  const std::set<std::string> before =
      standard_headers(layout::read_lines(layout::root() / "micrograd/compiler/row_lanes-inl.h"));
  ASSERT_FALSE(before.empty());
  std::vector<layout::SourceFile> rows = layout::sources_under("micrograd/ops");
  for (const char* const name : {"lane_rows", "terms", "products", "slot_rows", "unrolled"}) {
    const std::string file = std::string("micrograd/compiler/") + name + ".hpp";
    rows.push_back({file, layout::read_lines(layout::root() / file)});
  }
  for (const layout::SourceFile& file : rows) {
    if (!file.is_header()) continue;
    for (const std::string& header : standard_headers(file.lines))
      EXPECT_TRUE(before.count(header)) << file.name << " includes <" << header
                                        << ">: add it to the list in micrograd/compiler/row_lanes-inl.h";
  }
}

}  // namespace
