// The losses, in the scalar operations of the engine.
#include <micrograd/nn/loss.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

using engine::describe_number;

void check_sizes(const char* loss, const char* what, std::size_t outputs, std::size_t targets) {
  if (outputs != 0 && outputs == targets) return;
  const std::string name = what;
  throw UsageError(std::string(loss) + ": each " + name + " needs a target (got " + std::to_string(outputs) +
                   " " + name + "s and " + std::to_string(targets) +
                   " targets, expected as many of each, 1 or more)");
}

void check_label(const char* loss, const char* what, std::size_t label, std::size_t classes) {
  if (label < classes) return;
  throw UsageError(std::string(loss) + ": there is no such class (got label " + std::to_string(label) +
                   ", expected less than " + std::to_string(classes) + ", the number of " + what + ")");
}

void check_number(const char* loss, const char* what, double number, bool is_right, const char* expected) {
  if (is_right) return;
  throw UsageError(std::string(loss) + ": the " + what + " is out of range (got " + describe_number(number) +
                   ", expected " + expected + ")");
}

void check_weight(const char* loss, const char* what, double weight) {
  check_number(loss, what, weight, std::isfinite(weight) && weight >= 0, "a finite number, 0 or more");
}

Value difference(const char* loss, const Value& output, double target) {
  check_number(loss, "target", target, std::isfinite(target), "a finite number");
  return output - target;
}

/// The mean of `loss` over pairs of outputs and targets.
template <class PairLoss>
Value mean_over(const char* name, const char* what, std::span<const Value> outputs,
                std::span<const double> targets, const PairLoss& loss) {
  check_sizes(name, what, outputs.size(), targets.size());
  std::vector<Value> losses;
  losses.reserve(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) losses.push_back(loss(outputs[i], targets[i]));
  return mean(losses);
}

void check_distribution(std::span<const double> targets) {
  double total = 0;
  for (const double target : targets) {
    check_number("soft_cross_entropy", "target", target, target >= 0 && target <= 1, "0 to 1");
    total += target;
  }
  if (std::abs(total - 1) > 1e-6) {
    throw UsageError("soft_cross_entropy: the targets are not a distribution (got the sum " +
                     describe_number(total) + ", expected 1)");
  }
}

}  // namespace

Value hinge(const Value& score, double target) {
  if (target != 1 && target != -1) {
    throw UsageError("hinge: the target is not a side (got " + describe_number(target) +
                     ", expected -1 or +1)");
  }
  return relu(1 - target * score);
}

Value hinge(std::span<const Value> scores, std::span<const double> targets) {
  return mean_over("hinge", "score", scores, targets,
                   [](const Value& score, double target) { return hinge(score, target); });
}

Value multiclass_hinge(std::span<const Value> scores, std::size_t label) {
  check_label("multiclass_hinge", "scores", label, scores.size());
  std::vector<Value> terms;
  terms.reserve(scores.size());
  for (std::size_t j = 0; j < scores.size(); ++j) {
    if (j != label) terms.push_back(relu(1 + scores[j] - scores[label]));
  }
  return sum(terms) / static_cast<double>(scores.size());
}

Value cross_entropy(std::span<const Value> logits, std::size_t label) {
  check_label("cross_entropy", "logits", label, logits.size());
  return logsumexp(logits) - logits[label];
}

Value weighted_cross_entropy(std::span<const Value> logits, std::size_t label,
                             std::span<const double> class_weights) {
  check_label("weighted_cross_entropy", "logits", label, logits.size());
  if (class_weights.size() != logits.size()) {
    throw UsageError("weighted_cross_entropy: each class needs a weight (got " +
                     std::to_string(class_weights.size()) + " weights, expected " +
                     std::to_string(logits.size()) + ", the number of logits)");
  }
  for (const double weight : class_weights) check_weight("weighted_cross_entropy", "weight", weight);
  return class_weights[label] * cross_entropy(logits, label);
}

Value soft_cross_entropy(std::span<const Value> logits, std::span<const double> targets) {
  check_sizes("soft_cross_entropy", "logit", logits.size(), targets.size());
  check_distribution(targets);
  const Value total = logsumexp(logits);
  std::vector<Value> terms;
  for (std::size_t j = 0; j < logits.size(); ++j) {
    if (targets[j] != 0) terms.push_back(targets[j] * (total - logits[j]));
  }
  return sum(terms);
}

// log p = -softplus(-x) and log(1 - p) = -softplus(x); each keeps its digits however small it is.
Value binary_cross_entropy(const Value& logit, double target, const BinaryCrossEntropyOptions& options) {
  check_number("binary_cross_entropy", "target", target, target >= 0 && target <= 1, "0 to 1");
  check_weight("binary_cross_entropy", "weight", options.weight);
  check_weight("binary_cross_entropy", "positive_weight", options.positive_weight);
  const double positive = options.weight * options.positive_weight * target;
  const double negative = options.weight * (1 - target);
  if (target == 0) return negative * softplus(logit);
  if (target == 1) return positive * softplus(-logit);
  return positive * softplus(-logit) + negative * softplus(logit);
}

Value binary_cross_entropy(std::span<const Value> logits, std::span<const double> targets,
                           const BinaryCrossEntropyOptions& options) {
  return mean_over("binary_cross_entropy", "logit", logits, targets, [&](const Value& logit, double target) {
    return binary_cross_entropy(logit, target, options);
  });
}

Value squared_error(const Value& output, double target) {
  const Value distance = difference("squared_error", output, target);
  return distance * distance;
}

Value absolute_error(const Value& output, double target) {
  return abs(difference("absolute_error", output, target));
}

Value huber(const Value& output, double target, double delta) {
  check_number("huber", "delta", delta, std::isfinite(delta) && delta > 0, "a finite number more than 0");
  const Value error = difference("huber", output, target);
  const Value distance = abs(error);
  // Both, so that one record serves all rows.
  return select(distance < delta, 0.5 * (error * error), delta * (distance - 0.5 * delta));
}

Value mse(std::span<const Value> outputs, std::span<const double> targets) {
  return mean_over("mse", "output", outputs, targets, squared_error);
}

Value mae(std::span<const Value> outputs, std::span<const double> targets) {
  return mean_over("mae", "output", outputs, targets, absolute_error);
}

Value huber(std::span<const Value> outputs, std::span<const double> targets, double delta) {
  return mean_over("huber", "output", outputs, targets,
                   [delta](const Value& output, double target) { return huber(output, target, delta); });
}

Value weighted_mean(std::span<const Value> losses, std::span<const double> weights) {
  if (losses.empty() || losses.size() != weights.size()) {
    throw UsageError("weighted_mean: each loss needs a weight (got " + std::to_string(losses.size()) +
                     " losses and " + std::to_string(weights.size()) +
                     " weights, expected as many of each, 1 or more)");
  }
  double total = 0;
  for (const double weight : weights) {
    check_weight("weighted_mean", "weight", weight);
    total += weight;
  }
  check_number("weighted_mean", "sum of the weights", total, std::isfinite(total) && total > 0,
               "a finite number more than 0");
  return dot(losses, weights) / total;
}

Value l1(std::span<const Value> parameters) {
  std::vector<Value> sizes;
  sizes.reserve(parameters.size());
  for (const Value& parameter : parameters) sizes.push_back(abs(parameter));
  return sum(sizes);
}

Value l2(std::span<const Value> parameters) { return dot(parameters, parameters); }

}  // namespace micrograd
