// Finds and reads the lessons.
#include "lessons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>

namespace micrograd::command {

Language choose_language(std::string_view option) {
  const auto named = [](std::string_view name) {
    return name.starts_with("zh") ? Language::chinese : Language::english;
  };
  if (!option.empty()) return named(option);
  for (const char* const variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return named(value);
  }
  return Language::english;
}

std::filesystem::path lessons_folder() {
  if (const char* const named = std::getenv("MICROGRAD_TOUR"); named != nullptr && *named != '\0')
    return named;
  const std::filesystem::path source = MICROGRAD_SOURCE_TOUR;
  return std::filesystem::exists(source) ? source : std::filesystem::path(MICROGRAD_INSTALLED_TOUR);
}

std::vector<std::string> lesson_names(const std::filesystem::path& folder) {
  std::istringstream order(read_file(folder / "order.txt"));
  std::vector<std::string> names;
  for (std::string line; std::getline(order, line);) {
    if (!line.empty()) names.push_back(line);
  }
  return names;
}

std::string find_lesson(const std::vector<std::string>& names, const std::string& wanted) {
  if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::to_string(i + 1) == wanted) return names[i];
  }
  throw UsageError(fmt::format("tour: there is no such lesson (got '{}', expected one of {}, or its number)",
                               wanted, fmt::join(names, ", ")));
}

std::string read_lesson(const std::filesystem::path& folder, const std::string& name, Language language) {
  return read_file(folder / (name + (language == Language::chinese ? ".zh.md" : ".md")));
}

std::string title_of(std::string_view page) {
  const std::string_view line = page.substr(0, page.find('\n'));
  return std::string(line.substr(std::min(line.size(), line.find_first_not_of("# "))));
}

}  // namespace micrograd::command
