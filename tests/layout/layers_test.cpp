// Includes go only the way that micrograd/layers.txt allows.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include "source_tree.hpp"

namespace {

using Layers = std::map<std::string, std::set<std::string>>;

// "micrograd/engine/value.hpp" belongs to layer engine, "micrograd/error.hpp" to layer error.
std::string layer_of(const std::string& name) {
  const std::string inside = name.substr(std::string("micrograd/").size());
  return inside.substr(0, inside.find_first_of("/."));
}

Layers read_layers() {
  Layers layers;
  for (const std::string& line : layout::read_lines(layout::root() / "micrograd/layers.txt")) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name;
    words >> name;
    EXPECT_TRUE(name.ends_with(':')) << "layers.txt: expected 'layer: layers', got '" << line << "'";
    std::set<std::string>& allowed = layers[name.substr(0, name.size() - 1)];
    for (std::string word; words >> word;) allowed.insert(word);
  }
  return layers;
}

// Adds what the allowed layers may include themselves, until nothing is new.
Layers with_indirect(Layers layers) {
  for (bool changed = true; changed;) {
    changed = false;
    for (auto& [name, allowed] : layers) {
      const std::set<std::string> direct = allowed;
      for (const std::string& layer : direct)
        for (const std::string& further : layers[layer]) changed |= allowed.insert(further).second;
    }
  }
  return layers;
}

std::optional<std::string> included_file(const std::string& line) {
  static const std::regex include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::smatch match;
  if (!std::regex_search(line, match, include)) return std::nullopt;
  return match[1].str();
}

TEST(Layers, ListNamesExactlyWhatExists) {
  const Layers layers = read_layers();
  std::set<std::string> existing;
  for (const layout::SourceFile& file : layout::sources_under("micrograd"))
    existing.insert(layer_of(file.name));
  for (const std::string& layer : existing)
    EXPECT_TRUE(layers.count(layer)) << "micrograd/layers.txt does not say what " << layer << " may include";
  for (const auto& [name, allowed] : layers) {
    EXPECT_TRUE(existing.count(name)) << "micrograd/layers.txt lists " << name << ", which has no file";
    for (const std::string& layer : allowed)
      EXPECT_TRUE(layers.count(layer)) << "micrograd/layers.txt: " << name << " names the unknown " << layer;
  }
}

TEST(Layers, ListHasNoCycle) {
  for (const auto& [name, allowed] : with_indirect(read_layers()))
    EXPECT_FALSE(allowed.count(name)) << name << " may include itself through others";
}

TEST(Layers, IncludesStayWithinTheList) {
  const Layers layers = with_indirect(read_layers());
  std::size_t checked = 0;
  for (const layout::SourceFile& file : layout::sources_under("micrograd")) {
    const std::string from = layer_of(file.name);
    for (const std::string& line : file.lines) {
      const std::optional<std::string> included = included_file(line);
      if (!included) continue;
      if (!included->starts_with("micrograd/")) {
        EXPECT_FALSE(std::filesystem::exists(layout::root() / *included))
            << file.name << " includes " << *included << ", which is outside the library";
        EXPECT_EQ(line.find('"'), std::string::npos)
            << file.name << ": write includes as <micrograd/...>, got " << line;
        continue;
      }
      ++checked;
      const std::string to = layer_of(*included);
      const bool allowed = from == to || (layers.count(from) && layers.at(from).count(to));
      EXPECT_TRUE(allowed) << file.name << " includes " << *included
                           << ", but micrograd/layers.txt does not let " << from << " include " << to;
    }
  }
  EXPECT_GT(checked, 0U) << "no include of <micrograd/...> was found: is the pattern wrong?";
}

}  // namespace
