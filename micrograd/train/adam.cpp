// The update rules of Adam and AdamW.
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <micrograd/train/optimiser.hpp>

namespace micrograd {
namespace {

bool is_share(double beta) { return beta >= 0 && beta < 1; }

/// What Adam and AdamW remember.
struct Means {
  std::span<double> mean, mean_square, steps;
};

/// Calls `go(i, how_far)` for the parameters from `first` to before `last`, how far to go for a rate of 1,
/// and brings what is remembered of them up to date; `grad(i)` is a parameter's gradient.
template <class Options, class Grad, class Go>
void step_along(const Options& options, const Means& means, std::size_t first, std::size_t last,
                const Grad& grad, const Go& go) {
  const auto [mean, mean_square, steps] = means;
  const double beta1 = options.beta1, beta2 = options.beta2, epsilon = options.epsilon;
  while (first < last) {
    // Most have made as many steps as their neighbours.
    const double before = steps[first];
    std::size_t end = first;
    while (end < last && steps[end] == before) ++end;
    // A running mean that starts from 0 has only had 1 - beta^steps of its weight so far.
    const double weight = 1 - std::pow(beta1, before + 1), weight_square = 1 - std::pow(beta2, before + 1);
    for (std::size_t i = first; i < end; ++i) {
      const double g = grad(i);
      mean[i] = beta1 * mean[i] + (1 - beta1) * g;
      mean_square[i] = beta2 * mean_square[i] + (1 - beta2) * g * g;
      go(i, mean[i] / weight / (std::sqrt(mean_square[i] / weight_square) + epsilon));
    }
    for (std::size_t i = first; i < end; ++i) steps[i] = before + 1;
    first = end;
  }
}

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

bool Adam::step_on(std::span<double> data, std::span<const double> grads) {
  const Means means{.mean = memory(0), .mean_square = memory(1), .steps = memory(2)};
  for_each_run(grads, [&](const Run& run) {
    step_along(
        options_, means, run.first, run.last, [&](std::size_t i) { return run.decayed(grads[i], data[i]); },
        [&](std::size_t i, double how_far) { data[i] -= run.rate * how_far; });
  });
  return true;
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

bool AdamW::step_on(std::span<double> data, std::span<const double> grads) {
  const Means means{.mean = memory(0), .mean_square = memory(1), .steps = memory(2)};
  for_each_run(grads, [&](const Run& run) {
    const double kept = 1 - run.rate * run.weight_decay;
    step_along(
        options_, means, run.first, run.last, [&](std::size_t i) { return grads[i]; },
        [&](std::size_t i, double how_far) { data[i] = data[i] * kept - run.rate * how_far; });
  });
  return true;
}

}  // namespace micrograd
