// The update rules of Adam and AdamW.
#include <cmath>
#include <string>
#include <utility>

#include <micrograd/train/optimiser.hpp>

namespace micrograd {
namespace {

bool is_share(double beta) { return beta >= 0 && beta < 1; }

/// The step of one parameter after another, most of which have made as many steps as the one before.
class AdamStep {
 public:
  AdamStep(double beta1, double beta2, double epsilon) : beta1_(beta1), beta2_(beta2), epsilon_(epsilon) {}

  /// How far to go for a rate of 1. Brings the means and the count up to date.
  double operator()(double grad, double& mean, double& mean_square, double& steps) {
    ++steps;
    if (steps != steps_) correct_for(steps);
    mean = beta1_ * mean + (1 - beta1_) * grad;
    mean_square = beta2_ * mean_square + (1 - beta2_) * grad * grad;
    return mean / weight_ / (std::sqrt(mean_square / weight_square_) + epsilon_);
  }

 private:
  // A running mean that starts from 0 has only had 1 - beta^steps of its weight so far.
  void correct_for(double steps) {
    steps_ = steps;
    weight_ = 1 - std::pow(beta1_, steps);
    weight_square_ = 1 - std::pow(beta2_, steps);
  }

  double beta1_, beta2_, epsilon_;
  double steps_ = 0, weight_ = 0, weight_square_ = 0;
};

}  // namespace

Adam::Adam(std::vector<Value> parameters, const AdamOptions& options)
    : Adam({ParameterGroup{.parameters = std::move(parameters)}}, options) {}

Adam::Adam(const std::vector<ParameterGroup>& groups, const AdamOptions& options)
    : Optimiser("Adam", groups, options.learning_rate, options.weight_decay,
                {{.name = "mean"},
                 {.name = "mean_square", .range = Range::not_negative},
                 {.name = "steps", .range = Range::count}}),
      options_(options) {
  check_option("Adam: beta1", options.beta1, is_share(options.beta1), "0 or more and less than 1");
  check_option("Adam: beta2", options.beta2, is_share(options.beta2), "0 or more and less than 1");
  check_option("Adam: epsilon", options.epsilon, std::isfinite(options.epsilon) && options.epsilon > 0,
               "a finite number more than 0");
}

void Adam::step() {
  AdamStep step(options_.beta1, options_.beta2, options_.epsilon);
  const std::span<double> mean = memory(0), mean_square = memory(1), steps = memory(2);
  move_each([&](const Move& move) {
    const std::size_t i = move.index;
    return move.data - move.rate * step(move.decayed_grad(), mean[i], mean_square[i], steps[i]);
  });
}

AdamW::AdamW(std::vector<Value> parameters, const AdamWOptions& options)
    : AdamW({ParameterGroup{.parameters = std::move(parameters)}}, options) {}

AdamW::AdamW(const std::vector<ParameterGroup>& groups, const AdamWOptions& options)
    : Optimiser("AdamW", groups, options.learning_rate, options.weight_decay,
                {{.name = "mean"},
                 {.name = "mean_square", .range = Range::not_negative},
                 {.name = "steps", .range = Range::count}}),
      options_(options) {
  check_option("AdamW: beta1", options.beta1, is_share(options.beta1), "0 or more and less than 1");
  check_option("AdamW: beta2", options.beta2, is_share(options.beta2), "0 or more and less than 1");
  check_option("AdamW: epsilon", options.epsilon, std::isfinite(options.epsilon) && options.epsilon > 0,
               "a finite number more than 0");
}

void AdamW::step() {
  AdamStep step(options_.beta1, options_.beta2, options_.epsilon);
  const std::span<double> mean = memory(0), mean_square = memory(1), steps = memory(2);
  move_each([&](const Move& move) {
    const std::size_t i = move.index;
    const double decayed = move.data * (1 - move.rate * move.weight_decay);
    return decayed - move.rate * step(move.grad, mean[i], mean_square[i], steps[i]);
  });
}

}  // namespace micrograd
