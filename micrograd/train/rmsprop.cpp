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

bool RMSProp::step_on(std::span<double> data, std::span<const double> grads) {
  const RMSPropOptions& options = options_;
  const double keep = options.smoothing;
  const std::span<double> mean_square = memory(0);
  const std::span<double> mean = options.centred ? memory(1) : std::span<double>();
  const std::span<double> velocity =
      options.momentum != 0 ? memory(options.centred ? 2 : 1) : std::span<double>();
  for_each_run(grads, [&](const Run& run) {
    for (std::size_t i = run.first; i < run.last; ++i) {
      const double grad = run.decayed(grads[i], data[i]);
      double square = keep * mean_square[i] + (1 - keep) * grad * grad;
      mean_square[i] = square;
      if (options.centred) {
        mean[i] = keep * mean[i] + (1 - keep) * grad;
        const double variance = square - mean[i] * mean[i];
        square = variance < 0 ? 0 : variance;  // by rounding only
      }
      double step = grad / (std::sqrt(square) + options.epsilon);
      if (!velocity.empty()) step = velocity[i] = options.momentum * velocity[i] + step;
      data[i] -= run.rate * step;
    }
  });
  return true;
}

}  // namespace micrograd
