// gradcheck: is the gradient that backward computes the slope that the function really has?
#pragma once

#include <functional>
#include <initializer_list>
#include <span>
#include <string>

#include <micrograd/engine/value.hpp>

namespace micrograd {

struct GradcheckOptions {
  double tolerance = 1e-6;  ///< allowed difference, relative to the larger of 1 and the gradient
  double step = 1e-2;       ///< first step of the differences, relative to the larger of 1 and the input
};

struct GradcheckResult {
  bool passed = false;
  std::string message;  ///< empty when passed; else the input's name and value, analytic and numeric gradient
  explicit operator bool() const { return passed; }
};

/// A slope and how far it may be off.
struct Slope {
  double value;
  double error;
};

/// The derivative of `f` at `x` by central differences, extrapolated to step 0 (C. Ridders, "Accurate
/// computation of F'(x) and F'(x)F''(x)", 1982).
[[nodiscard]] Slope numeric_slope(const std::function<double(double)>& f, double x, double step = 1e-2);

/// Compares d f / d input with numeric_slope for every input. The inputs' data is the point, their labels
/// name them. `f` runs about 20 times an input without recording.
[[nodiscard]] GradcheckResult gradcheck(const std::function<Value(std::span<const Value>)>& f,
                                        std::span<const Value> inputs, const GradcheckOptions& options = {});
[[nodiscard]] inline GradcheckResult gradcheck(const std::function<Value(std::span<const Value>)>& f,
                                               std::initializer_list<Value> inputs,
                                               const GradcheckOptions& options = {}) {
  return gradcheck(f, std::span(inputs.begin(), inputs.size()), options);
}

}  // namespace micrograd
