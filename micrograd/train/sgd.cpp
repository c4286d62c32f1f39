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

template <class Real> void SGD::move(std::span<Real> data, std::span<const Real> grads) {
  if (options_.momentum == 0) {
    for_each_run(grads, [&](const Run<Real>& run) {
      for (std::size_t i = run.first; i < run.last; ++i) {
        data[i] -= run.rate * run.decayed(grads[i], data[i]);
      }
    });
    return;
  }
  const auto momentum = static_cast<Real>(options_.momentum);
  const auto share = static_cast<Real>(1 - options_.dampening);
  const bool ahead = options_.nesterov;
  const std::span<Real> velocities = memory<Real>(0), steps = memory<Real>(1);
  for_each_run(grads, [&](const Run<Real>& run) {
    for (std::size_t i = run.first; i < run.last; ++i) {
      const Real grad = run.decayed(grads[i], data[i]);
      const Real kept = momentum * velocities[i] + share * grad;
      const Real velocity = steps[i] == 0 ? grad : kept;
      velocities[i] = velocity;
      steps[i] += 1;
      data[i] -= run.rate * (ahead ? grad + momentum * velocity : velocity);
    }
  });
}

bool SGD::step_on(std::span<double> data, std::span<const double> grads) {
  move(data, grads);
  return true;
}
bool SGD::step_on(std::span<float> data, std::span<const float> grads) {
  move(data, grads);
  return true;
}

}  // namespace micrograd
