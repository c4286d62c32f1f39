// Gradients as results: `grad(outputs, inputs)` returns what backward would add, and leaves every `.grad`
// alone.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {

struct GradOptions {
  /// The gradients are results of recorded operations, so they can be differentiated again. A custom
  /// operation whose rule is a closure cannot: UsageError naming it. A user's own row can.
  bool create_graph = false;
  /// One for each output; empty: every seed is 1. May be results themselves under create_graph.
  std::vector<Value> seeds = {};
};

/// Σ seeds[i] d outputs[i] / d inputs[j], for each j; inputs may be leaves or results of operations, in any
/// order. An input that no output depends on has gradient 0. O(nodes between the outputs and their oldest
/// ancestor).
[[nodiscard]] std::vector<Value> grad(std::span<const Value> outputs, std::span<const Value> inputs,
                                      const GradOptions& options = {});
[[nodiscard]] inline std::vector<Value> grad(std::initializer_list<Value> outputs,
                                             std::initializer_list<Value> inputs,
                                             const GradOptions& options = {}) {
  return grad(std::span(outputs.begin(), outputs.size()), std::span(inputs.begin(), inputs.size()), options);
}
[[nodiscard]] inline std::vector<Value> grad(const Value& output, std::span<const Value> inputs,
                                             const GradOptions& options = {}) {
  return grad(std::span(&output, 1), inputs, options);
}
/// d output / d input.
[[nodiscard]] inline Value grad(const Value& output, const Value& input, const GradOptions& options = {}) {
  return grad(std::span(&output, 1), std::span(&input, 1), options).front();
}

}  // namespace micrograd
