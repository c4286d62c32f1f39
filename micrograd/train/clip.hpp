// Gradient clipping: what to do between backward() and step() so that one odd batch does not throw the
// parameters far off. For an optimiser with frozen parameters, hand over its trainable_parameters().
#pragma once

#include <span>

#include <micrograd/engine/value.hpp>

namespace micrograd {

/// The norm of all gradients together: (sum of |grad|^order)^(1 / order), the largest |grad| for infinite
/// order. Does not overflow unless the norm itself does; 0 for no parameters; NaN if a gradient is. Throws
/// UsageError unless order > 0.
double gradient_norm(std::span<const Value> parameters, double order = 2);

/// Scales all gradients together by max_norm / (norm + 1e-6) if that is less than 1, and returns the norm
/// that they had. Throws UsageError, and changes nothing, if the norm is infinite or NaN, and unless max_norm
/// is finite and not negative.
double clip_by_norm(std::span<const Value> parameters, double max_norm, double order = 2);

/// Brings each gradient into [-limit, limit], and returns the norm that they had together. A NaN stays.
/// Throws UsageError unless limit is not negative.
double clip_by_value(std::span<const Value> parameters, double limit);

}  // namespace micrograd
