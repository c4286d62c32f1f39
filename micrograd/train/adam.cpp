// The update rules of Adam and AdamW.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include <micrograd/train/optimiser.hpp>

namespace micrograd {
namespace {

bool is_share(double beta) { return beta >= 0 && beta < 1; }

/// What Adam and AdamW remember.
template <class Real>
struct Means {
  std::span<Real> mean, mean_square, steps;
};

/// Calls `go(i, how_far)` for the parameters from `first` to before `last`, how far to go for a rate of 1,
/// and brings what is remembered of them up to date; `grad(i)` is a parameter's gradient.
template <class Real, class Options, class Grad, class Go>
void step_along(const Options& options, const Means<Real>& means, std::size_t first, std::size_t last,
                const Grad& grad, const Go& go) {
  const auto [mean, mean_square, steps] = means;
  const auto kept = static_cast<Real>(options.beta1), taken = static_cast<Real>(1 - options.beta1);
  const auto kept_square = static_cast<Real>(options.beta2);
  const auto taken_square = static_cast<Real>(1 - options.beta2);
  const auto epsilon = static_cast<Real>(options.epsilon);
  while (first < last) {
    const Real before = steps[first];
    std::size_t end = last;
    // Nearly always all are equal: each to the next.
    if (std::memcmp(&steps[first], &steps[first] + 1, (last - first - 1) * sizeof(Real)) != 0) {
      end = first;
      while (end < last && steps[end] == before) ++end;
    }
    // A running mean that starts from 0 has only had 1 - beta^steps of its weight so far.
    const auto weight_after = [after = static_cast<double>(before) + 1](double beta) {
      return 1 - std::pow(beta, after);
    };
    const auto unbiased = static_cast<Real>(1 / weight_after(options.beta1));
    const auto scale = static_cast<Real>(1 / std::sqrt(weight_after(options.beta2)));
    for (std::size_t i = first; i < end; ++i) {
      const Real g = grad(i);
      mean[i] = kept * mean[i] + taken * g;
      mean_square[i] = kept_square * mean_square[i] + taken_square * g * g;
      go(i, unbiased * mean[i] / (scale * std::sqrt(mean_square[i]) + epsilon));
    }
    std::fill(&steps[first], &steps[first] + (end - first), before + 1);
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

template <class Real> void Adam::move(std::span<Real> data, std::span<const Real> grads) {
  const Means<Real> means{.mean = memory<Real>(0), .mean_square = memory<Real>(1), .steps = memory<Real>(2)};
  for_each_run(grads, [&](const Run<Real>& run) {
    step_along(
        options_, means, run.first, run.last, [&](std::size_t i) { return run.decayed(grads[i], data[i]); },
        [&](std::size_t i, Real how_far) { data[i] -= run.rate * how_far; });
  });
}

bool Adam::step_on(std::span<double> data, std::span<const double> grads) {
  move(data, grads);
  return true;
}
bool Adam::step_on(std::span<float> data, std::span<const float> grads) {
  move(data, grads);
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

template <class Real> void AdamW::move(std::span<Real> data, std::span<const Real> grads) {
  const Means<Real> means{.mean = memory<Real>(0), .mean_square = memory<Real>(1), .steps = memory<Real>(2)};
  for_each_run(grads, [&](const Run<Real>& run) {
    const Real kept = 1 - run.rate * run.weight_decay;
    step_along(
        options_, means, run.first, run.last, [&](std::size_t i) { return grads[i]; },
        [&](std::size_t i, Real how_far) { data[i] = data[i] * kept - run.rate * how_far; });
  });
}

bool AdamW::step_on(std::span<double> data, std::span<const double> grads) {
  move(data, grads);
  return true;
}
bool AdamW::step_on(std::span<float> data, std::span<const float> grads) {
  move(data, grads);
  return true;
}

}  // namespace micrograd
