// The update rule of RMSProp.
#include <cmath>
#include <utility>

#include <micrograd/train/optimiser.hpp>

namespace micrograd {

RMSProp::RMSProp(std::vector<Value> parameters, const RMSPropOptions& options)
    : RMSProp({ParameterGroup{.parameters = std::move(parameters)}}, options) {}

RMSProp::RMSProp(const std::vector<ParameterGroup>& groups, const RMSPropOptions& options)
    : Optimiser("RMSProp", groups, options.learning_rate, options.weight_decay,
                [&] {
                  std::vector<Memory> memories{{.name = "mean_square", .range = Range::not_negative}};
                  if (options.centred) memories.push_back({.name = "mean"});
                  if (options.momentum != 0) memories.push_back({.name = "velocity"});
                  return memories;
                }()),
      options_(options) {
  check_option("RMSProp: smoothing", options.smoothing, options.smoothing >= 0 && options.smoothing < 1,
               "0 or more and less than 1");
  check_option("RMSProp: epsilon", options.epsilon, std::isfinite(options.epsilon) && options.epsilon > 0,
               "a finite number more than 0");
  check_option("RMSProp: momentum", options.momentum,
               std::isfinite(options.momentum) && options.momentum >= 0, "a finite number, 0 or more");
}

template <class Real> void RMSProp::move(std::span<Real> data, std::span<const Real> grads) {
  const bool centred = options_.centred;
  const auto kept = static_cast<Real>(options_.smoothing), taken = static_cast<Real>(1 - options_.smoothing);
  const auto epsilon = static_cast<Real>(options_.epsilon);
  const auto momentum = static_cast<Real>(options_.momentum);
  const std::span<Real> mean_square = memory<Real>(0);
  const std::span<Real> mean = centred ? memory<Real>(1) : std::span<Real>();
  const std::span<Real> velocity = momentum != 0 ? memory<Real>(centred ? 2 : 1) : std::span<Real>();
  for_each_run(grads, [&](const Run<Real>& run) {
    for (std::size_t i = run.first; i < run.last; ++i) {
      const Real grad = run.decayed(grads[i], data[i]);
      Real square = kept * mean_square[i] + taken * grad * grad;
      mean_square[i] = square;
      if (centred) {
        mean[i] = kept * mean[i] + taken * grad;
        const Real variance = square - mean[i] * mean[i];
        square = variance < 0 ? 0 : variance;  // by rounding only
      }
      Real step = grad / (std::sqrt(square) + epsilon);
      if (!velocity.empty()) step = velocity[i] = momentum * velocity[i] + step;
      data[i] -= run.rate * step;
    }
  });
}

bool RMSProp::step_on(std::span<double> data, std::span<const double> grads) {
  move(data, grads);
  return true;
}
bool RMSProp::step_on(std::span<float> data, std::span<const float> grads) {
  move(data, grads);
  return true;
}

}  // namespace micrograd
