// How wrong a net's outputs are, as one Value to run backward from. Outputs are Values, targets plain
// numbers. Conventions are PyTorch's: a loss over several outputs is their mean, unless it says otherwise.
#pragma once

#include <cstddef>
#include <span>

#include <micrograd/engine/value.hpp>

namespace micrograd {

// Classes. `cross_entropy` and `multiclass_hinge` are not overloaded, so that they can be handed to `fit`.

/// relu(1 - target * score): 0 once the score is on the target's side with a margin of 1. `target` is -1 or
/// +1; anything else throws UsageError.
Value hinge(const Value& score, double target);

/// The mean of hinge(scores[i], targets[i]). Throws UsageError unless both have the same size, at least 1.
Value hinge(std::span<const Value> scores, std::span<const double> targets);

/// The sum of relu(1 + scores[j] - scores[label]) over all other classes j, divided by the number of classes:
/// 0 once the label's score leads all others by 1. Throws UsageError unless label < scores.size().
Value multiclass_hinge(std::span<const Value> scores, std::size_t label);

/// -log of the probability that softmax(logits) gives to class `label`, computed without overflow for any
/// logits. Throws UsageError unless label < logits.size().
Value cross_entropy(std::span<const Value> logits, std::size_t label);

/// class_weights[label] times the cross-entropy. Throws UsageError unless there is one weight for each logit,
/// finite and not negative. In a batch, PyTorch divides by the sum of the rows' weights, not by their number:
/// for that, give the plain losses to `weighted_mean`, with class_weights[label] of each row.
Value weighted_cross_entropy(std::span<const Value> logits, std::size_t label,
                             std::span<const double> class_weights);

/// The cross-entropy with a whole distribution: the sum of -targets[j] * log softmax(logits)[j]. Throws
/// UsageError unless there is one target for each logit, at least 1, none negative, and their sum is 1 up to
/// rounding (1e-6).
Value soft_cross_entropy(std::span<const Value> logits, std::span<const double> targets);

struct BinaryCrossEntropyOptions {
  double weight = 1;           ///< of the whole loss
  double positive_weight = 1;  ///< of the part that counts for target 1: more than 1 where ones are rare
};

/// -target * log p - (1 - target) * log(1 - p) with p = sigmoid(logit), computed without overflow or
/// cancellation for any logit. Throws UsageError unless 0 <= target <= 1 and the weights are finite and not
/// negative.
Value binary_cross_entropy(const Value& logit, double target, const BinaryCrossEntropyOptions& options = {});

/// The mean over logits[i] and targets[i]. Throws UsageError, too, unless both have the same size, at
/// least 1.
Value binary_cross_entropy(std::span<const Value> logits, std::span<const double> targets,
                           const BinaryCrossEntropyOptions& options = {});

// Numbers to predict. Each throws UsageError for targets that are not finite, and the ones over several
// outputs unless there are as many targets as outputs, at least 1.

/// (output - target)^2
Value squared_error(const Value& output, double target);
/// |output - target|, with slope 0 where both are equal.
Value absolute_error(const Value& output, double target);
/// Half the squared error up to a distance of `delta`, and from there on straight: delta * (distance -
/// delta / 2). Throws UsageError unless delta is finite and more than 0.
Value huber(const Value& output, double target, double delta = 1);

/// The mean squared error.
Value mse(std::span<const Value> outputs, std::span<const double> targets);
/// The mean absolute error.
Value mae(std::span<const Value> outputs, std::span<const double> targets);
/// The mean of huber(outputs[i], targets[i], delta).
Value huber(std::span<const Value> outputs, std::span<const double> targets, double delta = 1);

// What a batch's losses become, and what is added to them.

/// The sum of weights[i] * losses[i], divided by the sum of the weights. With the weights of the rows'
/// classes this is PyTorch's mean of a weighted loss. Throws UsageError unless there is one weight for each
/// loss, all of them finite and not negative, and not all 0.
Value weighted_mean(std::span<const Value> losses, std::span<const double> weights);

/// The sum of |p|, a penalty that draws parameters to 0 itself; 0 for no parameters.
Value l1(std::span<const Value> parameters);
/// The sum of p^2, a penalty that draws parameters towards 0; 0 for no parameters. For SGD, 0.5 * w * l2 is
/// the same as a weight decay of w.
Value l2(std::span<const Value> parameters);

}  // namespace micrograd
