// The bounds: what tests/simd/accuracy_test.cpp measured over 10 million points on each target, rounded up.
#include <micrograd/simd/accuracy.hpp>

#include <algorithm>
#include <array>

namespace micrograd::simd {
namespace {

constexpr std::array<Accuracy, 25> table{{
    {"exp", "Highway", 1.5, 1.5}, {"exp2", "SLEEF", 1.5, 1.5},    {"expm1", "Highway", 4.5, 4},
    {"log", "Highway", 1.5, 1.5}, {"log2", "Highway", 2, 2},      {"log10", "Highway", 2.5, 2.5},
    {"log1p", "Highway", 3, 3},   {"pow", "SLEEF", 1, 1},         {"sin", "SLEEF", 3, 3},
    {"cos", "SLEEF", 3, 3},       {"tan", "SLEEF", 3.5, 3.5},     {"asin", "Highway", 3, 3},
    {"acos", "Highway", 2, 2},    {"atan", "Highway", 2.5, 3},    {"atan2", "SLEEF", 2.5, 3},
    {"sinh", "Highway", 4, 4},    {"cosh", "SLEEF", 2, 2},        {"tanh", "Highway", 3.5, 3.5},
    {"asinh", "Highway", 3, 3},   {"acosh", "Highway", 3.5, 3.5}, {"atanh", "Highway", 3.5, 3.5},
    {"cbrt", "SLEEF", 2, 2},      {"hypot", "SLEEF", 2.5, 2.5},   {"erf", "SLEEF", 2, 2},
    {"erfc", "SLEEF", 2, 2},
}};

}  // namespace

std::span<const Accuracy> accuracies() { return table; }

const Accuracy* accuracy_of(std::string_view function) {
  const auto found = std::ranges::find(table, function, &Accuracy::function);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace micrograd::simd
