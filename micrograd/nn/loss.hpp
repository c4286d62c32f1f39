// How wrong a net's outputs are, as one Value to run backward from.
#pragma once

#include <cstddef>
#include <span>

#include <micrograd/engine/value.hpp>

namespace micrograd {

/// relu(1 - target * score): 0 once the score is on the target's side with a margin of 1. `target` is -1 or
/// +1; anything else throws UsageError.
Value hinge(const Value& score, double target);

/// The mean of hinge(scores[i], targets[i]). Throws UsageError unless both have the same size, at least 1.
Value hinge(std::span<const Value> scores, std::span<const double> targets);

/// -log of the probability that softmax(logits) gives to class `label`, computed without overflow for any
/// logits. Throws UsageError unless label < logits.size().
Value cross_entropy(std::span<const Value> logits, std::size_t label);

}  // namespace micrograd
