// The words that settings may be: for messages, and for shells to complete.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace micrograd::command {

/// What the setting of that name may be; empty for one that takes numbers, columns or folders. Data may be a
/// file too, and a schedule `step:STEPS:FACTOR`.
std::vector<std::string> words_for(std::string_view setting);

/// The same as text: `error, drop or mean`.
std::string listed_words_for(std::string_view setting);

/// Whether the setting of that name may be several of its words, with commas between them.
bool takes_several_words(std::string_view setting);

}  // namespace micrograd::command
