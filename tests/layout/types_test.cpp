// No two types share a name: each file alone would compile, and the linker would mix up their functions.
#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <map>
#include <regex>

#include "source_tree.hpp"

namespace {

// The code without comments, preprocessor lines, and what stands between quotes.
std::string bare(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  std::string code;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto skip_to = [&](const std::string& end) { i = text.find(end, i + 1) + end.size() - 1; };
    const bool in_a_word = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;
    if (text.compare(i, 2, "//") == 0 || (text[i] == '#' && (i == 0 || text[i - 1] == '\n'))) {
      while (i < text.size() && text[i] != '\n') i += text[i] == '\\' ? 2U : 1U;
      code += '\n';
    } else if (text.compare(i, 2, "/*") == 0) {
      skip_to("*/");
    } else if (text.compare(i, 2, "R\"") == 0) {
      const std::size_t bracket = text.find('(', i);
      skip_to(")" + text.substr(i + 2, bracket - i - 2) + '"');
      code += '0';
    } else if (text[i] == '"' || (text[i] == '\'' && !in_a_word)) {
      const char quote = text[i];
      for (++i; i < text.size() && text[i] != quote; ++i) i += text[i] == '\\' ? 1U : 0U;
      code += '0';
    } else {
      code += text[i];
    }
  }
  return code;
}

// Calls `found` with the full name of each type that is defined where every file could see it.
void for_each_type(const layout::SourceFile& file, const std::function<void(const std::string&)>& found) {
  // What stands before a brace: "namespace a::b", "template <class T> class A final : public B<T>". A
  // specialisation has no name of its own.
  static const std::regex a_namespace(R"((?:^|\s)namespace\s*([\w:]*)\s*$)");
  static const std::regex a_type(R"((?:^|[\s>])(?:struct|class|enum|enum class|enum struct)\s+([A-Za-z_]\w*))"
                                 R"((?:\s+final)?\s*(?::[^:].*)?$)");
  std::vector<std::string> open;  // the namespaces around; "" for whatever else a brace opens
  std::string head;
  for (const char c : bare(file.lines)) {
    if (c == '{') {
      std::smatch match;
      const bool is_namespace = std::regex_search(head, match, a_namespace);
      const std::string name = is_namespace ? match[1].str() : "";
      if (!is_namespace && std::find(open.begin(), open.end(), "") == open.end() &&
          std::regex_search(head, match, a_type)) {
        std::string full;
        for (const std::string& around : open) full += around + "::";
        found(full + match[1].str());
      }
      open.push_back(name);
    } else if (c == '}') {
      ASSERT_FALSE(open.empty()) << file.name << ": a brace too many; does this test read the file right?";
      open.pop_back();
    }
    if (c == '{' || c == '}' || c == ';') {
      head.clear();
    } else {
      head += c == '\n' ? ' ' : c;
    }
  }
  EXPECT_TRUE(open.empty()) << file.name << ": a brace too few; does this test read the file right?";
}

TEST(Types, OfOneNameAreDefinedInOneFile) {
  std::map<std::string, std::string> file_of;
  for (const char* const folder : {"micrograd", "cli"}) {
    for (const layout::SourceFile& file : layout::sources_under(folder)) {
      for_each_type(file, [&](const std::string& name) {
        const auto [first, is_new] = file_of.emplace(name, file.name);
        EXPECT_TRUE(is_new || first->second == file.name)
            << name << " is defined in " << first->second << " and in " << file.name
            << ": rename one, or put what one file alone uses into a namespace without a name";
      });
    }
  }
  for (const char* const known : {"micrograd::Value", "micrograd::Tanh", "micrograd::Activation",
                                  "micrograd::engine::Node", "micrograd::command::Settings"}) {
    EXPECT_TRUE(file_of.count(known)) << known << " was not found: is the pattern wrong?";
  }
}

TEST(Types, AreFoundWhereverTheyCouldMeet) {
  const layout::SourceFile file{
      "made_up.cpp",
      {"namespace a {", "struct Declared;", "template <class T>", "class Wide final",
       "    : public Base<T> {", "  struct Inner {};", "};", "enum class Kind : int { one };",
       "namespace { struct Hidden {}; }", "// struct Comment {", "const char* text = \"struct Text {\";",
       "void f() { struct Local {}; }", "template <> struct Wide<int> {};",
       "namespace b::c { struct Deep {}; }", "}", "struct Outside {};"}};
  std::vector<std::string> names;
  for_each_type(file, [&](const std::string& name) { names.push_back(name); });
  EXPECT_EQ(names, (std::vector<std::string>{"a::Wide", "a::Kind", "a::b::c::Deep", "Outside"}));
}

}  // namespace
