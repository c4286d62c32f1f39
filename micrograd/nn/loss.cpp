// The losses, in the scalar operations of the engine.
#include <micrograd/nn/loss.hpp>

#include <string>
#include <vector>

#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

Value hinge(const Value& score, double target) {
  if (target != 1 && target != -1) {
    throw UsageError("hinge: the target is not a side (got " + std::to_string(target) +
                     ", expected -1 or +1)");
  }
  return relu(1 - target * score);
}

Value hinge(std::span<const Value> scores, std::span<const double> targets) {
  if (scores.empty() || scores.size() != targets.size()) {
    throw UsageError("hinge: each score needs a target (got " + std::to_string(scores.size()) +
                     " scores and " + std::to_string(targets.size()) +
                     " targets, expected as many of each, 1 or more)");
  }
  std::vector<Value> losses;
  losses.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) losses.push_back(hinge(scores[i], targets[i]));
  return mean(losses);
}

Value cross_entropy(std::span<const Value> logits, std::size_t label) {
  if (label >= logits.size()) {
    throw UsageError("cross_entropy: there is no such class (got label " + std::to_string(label) +
                     ", expected less than " + std::to_string(logits.size()) + ", the number of logits)");
  }
  return logsumexp(logits) - logits[label];
}

}  // namespace micrograd
