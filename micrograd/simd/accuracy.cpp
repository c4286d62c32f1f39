// The bounds: what tests/simd/accuracy_test.cpp measured over 5 million points a function on each target,
// with some room above. (MICROGRAD_ULP_POINTS=1000000 measures again.)
#include <micrograd/simd/accuracy.hpp>

#include <algorithm>
#include <array>

namespace micrograd::simd {
namespace {

// Beside each, what was measured for double and float.
constexpr std::array<Accuracy, 25> table{{
    {"exp", "Highway", 1.5, 1.5},    // 1.01, 0.99
    {"exp2", "SLEEF", 1.5, 1.5},     // 0.85, 0.89
    {"expm1", "Highway", 4.5, 4},    // 3.93, 3.35
    {"log", "Highway", 1.5, 1.5},    // 0.90, 0.86
    {"log2", "Highway", 2, 2},       // 1.59, 1.71
    {"log10", "Highway", 2.5, 2.5},  // 1.83, 2.00
    {"log1p", "Highway", 3, 3},      // 2.37, 2.32
    {"pow", "SLEEF", 1, 1},          // 0.75, 0.77
    {"sin", "SLEEF", 3.5, 3.5},      // 2.22, 2.28
    {"cos", "SLEEF", 3.5, 3.5},      // 2.63, 2.43
    {"tan", "SLEEF", 3.5, 3.5},      // 2.88, 3.28
    {"asin", "Highway", 3, 3},       // 2.26, 2.41
    {"acos", "Highway", 2, 2},       // 1.19, 1.24
    {"atan", "Highway", 2.5, 3},     // 1.97, 2.57
    {"atan2", "SLEEF", 2.5, 3},      // 1.93, 2.65
    {"sinh", "Highway", 4, 4},       // 3.38, 3.04
    {"cosh", "SLEEF", 2.5, 2.5},     // 1.73, 1.89
    {"tanh", "Highway", 3.5, 3.5},   // 3.00, 2.80
    {"asinh", "Highway", 3.5, 3.5},  // 3.04, 3.09
    {"acosh", "Highway", 3.5, 3.5},  // 2.52, 3.22
    {"atanh", "Highway", 3.5, 3.5},  // 3.05, 2.89
    {"cbrt", "SLEEF", 2.5, 2.5},     // 1.83, 1.70
    {"hypot", "SLEEF", 2.5, 2.5},    // 1.95, 1.97
    {"erf", "SLEEF", 2, 2.5},        // 1.20, 1.88
    {"erfc", "SLEEF", 2, 2.5},       // 1.47, 1.69
}};

}  // namespace

std::span<const Accuracy> accuracies() { return table; }

const Accuracy* accuracy_of(std::string_view function) {
  const auto found = std::ranges::find(table, function, &Accuracy::function);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace micrograd::simd
