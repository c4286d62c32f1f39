// The lessons of the tour: where they lie, in which order, in which languages.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace micrograd::command {

enum class Language : std::uint8_t { english, chinese };

/// `zh` or `en`; if it is empty, what the first of LC_ALL, LC_MESSAGES and LANG that is set says. English
/// unless Chinese is asked for.
Language choose_language(std::string_view option);

/// MICROGRAD_TOUR if it is set, else docs/tour of the sources this was built from, else the installed copy.
std::filesystem::path lessons_folder();

/// The names in order.txt, one a line. Throws IoError if it cannot be read.
std::vector<std::string> lesson_names(const std::filesystem::path& folder);

/// The name that was asked for, by itself or by its number from 1. Throws UsageError, with all names, if
/// there is no such lesson.
std::string find_lesson(const std::vector<std::string>& names, const std::string& wanted);

/// A lesson's Markdown. Throws IoError if it cannot be read.
std::string read_lesson(const std::filesystem::path& folder, const std::string& name, Language language);

/// What stands behind the `#` of a page's first line.
std::string title_of(std::string_view page);

}  // namespace micrograd::command
