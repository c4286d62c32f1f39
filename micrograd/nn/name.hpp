// Things that are chosen by name on a command line: one entry found among a few, or an error that lists them.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <micrograd/error.hpp>

namespace micrograd {

/// ASCII letters in lower case, all else as it is.
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

/// The one of `entries` whose member `name` is `name`, letters of either case being the same. Throws
/// UsageError, in the name of the function `kind`_named, that lists all names.
template <class Entries>
const auto& entry_named(const std::string& kind, const Entries& entries, std::string_view name) {
  const std::string wanted = lower_case(name);
  std::string known;
  for (const auto& entry : entries) {
    const std::string candidate = lower_case(entry.name);
    if (candidate == wanted) return entry;
    known += (known.empty() ? "" : ", ") + candidate;
  }
  throw UsageError(kind + "_named: there is no such " + kind + " (got '" + std::string(name) +
                   "', expected one of " + known + ")");
}

}  // namespace micrograd
