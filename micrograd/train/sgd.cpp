// The update rule of stochastic gradient descent.
#include <cmath>
#include <utility>

#include <micrograd/error.hpp>
#include <micrograd/train/optimiser.hpp>

namespace micrograd {

SGD::SGD(std::vector<Value> parameters, double learning_rate)
    : SGD(std::move(parameters), SGDOptions{.learning_rate = learning_rate}) {}

SGD::SGD(std::vector<Value> parameters, const SGDOptions& options)
    : SGD({ParameterGroup{.parameters = std::move(parameters)}}, options) {}

SGD::SGD(const std::vector<ParameterGroup>& groups, const SGDOptions& options)
    : Optimiser("SGD", groups, options.learning_rate, options.weight_decay,
                options.momentum != 0
                    ? std::vector<Memory>{{.name = "velocity"}, {.name = "steps", .range = Range::count}}
                    : std::vector<Memory>{}),
      options_(options) {
  const auto [rate, momentum, dampening, nesterov, decay] = options;
  check_option("SGD: momentum", momentum, std::isfinite(momentum) && momentum >= 0,
               "a finite number, 0 or more");
  check_option("SGD: dampening", dampening, std::isfinite(dampening), "a finite number");
  if (nesterov && (momentum == 0 || dampening != 0)) {
    throw UsageError("SGD: nesterov looks ahead along the whole momentum (got momentum " +
                     std::to_string(momentum) + " and dampening " + std::to_string(dampening) +
                     ", expected momentum more than 0 and dampening 0)");
  }
}

bool SGD::step_on(std::span<double> data, std::span<const double> grads) {
  const auto [rate, momentum, dampening, nesterov, decay] = options_;
  if (momentum == 0) {
    for_each_run(grads, [&](const Run& run) {
      for (std::size_t i = run.first; i < run.last; ++i) {
        data[i] -= run.rate * run.decayed(grads[i], data[i]);
      }
    });
    return true;
  }
  const std::span<double> velocities = memory(0), steps = memory(1);
  for_each_run(grads, [&, momentum = momentum, share = 1 - dampening, ahead = nesterov](const Run& run) {
    for (std::size_t i = run.first; i < run.last; ++i) {
      const double grad = run.decayed(grads[i], data[i]);
      const double kept = momentum * velocities[i] + share * grad;
      const double velocity = steps[i] == 0 ? grad : kept;
      velocities[i] = velocity;
      steps[i] += 1;
      data[i] -= run.rate * (ahead ? grad + momentum * velocity : velocity);
    }
  });
  return true;
}

}  // namespace micrograd
