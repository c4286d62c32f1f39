// The one check that neurons, layers and nets make of what they are called on.
#pragma once

#include <cstddef>
#include <string>

#include <micrograd/error.hpp>

namespace micrograd {

/// Throws UsageError, in the name of `module`, unless it was given as many inputs as it has weights for.
inline void check_width(const char* module, std::size_t given, std::size_t expected) {
  if (given == expected) return;
  throw UsageError(std::string(module) + ": wrong number of inputs (got " + std::to_string(given) +
                   ", expected " + std::to_string(expected) + ")");
}

}  // namespace micrograd
