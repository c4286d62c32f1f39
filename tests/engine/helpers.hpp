// What the engine's tests share: how large their loops may be, numbers that are none,
// and the message of an expected error.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <string>
#include <type_traits>

#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>

namespace micrograd::testing {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Under MICROGRAD_STRESS the engine collects before every allocation, so time grows with the square of a
/// graph.
inline bool stressed() { return std::getenv("MICROGRAD_STRESS") != nullptr; }

/// How often a loop runs: `often`, or `seldom` under stress.
inline std::size_t rounds(std::size_t often, std::size_t seldom) { return stressed() ? seldom : often; }

/// The message of the error of exactly this type that `call` throws; "no error" when it throws none.
template <class E = UsageError, class Call>
std::string message_of(const Call& call) {
  try {
    static_cast<void>(call());
  } catch (const E& error) {
    return error.what();
  }
  return "no error";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace micrograd::testing
