// The update rules, each over all parameters at once.
#include <micrograd/train/optimiser.hpp>

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

void check_range(const char* what, double got, bool in_range, const char* expected) {
  if (in_range) return;
  throw UsageError(std::string(what) + " is out of range (got " + std::to_string(got) + ", expected " +
                   expected + ")");
}

}  // namespace

Optimiser::Optimiser(std::vector<Value> parameters, double learning_rate)
    : parameters_(std::move(parameters)) {
  set_learning_rate(learning_rate);
}

void Optimiser::zero_grad() const {
  for (const Value& parameter : parameters_) parameter.set_grad(0);
}

void Optimiser::set_learning_rate(double rate) {
  check_range("set_learning_rate: the rate", rate, rate >= 0 && std::isfinite(rate),
              "a finite number, 0 or more");
  learning_rate_ = rate;
}

void SGD::step() {
  for (const Value& parameter : parameters()) {
    parameter.set_data(parameter.data() - learning_rate() * parameter.grad());
  }
}

Adam::Adam(std::vector<Value> parameters, const AdamOptions& options)
    : Optimiser(std::move(parameters), options.learning_rate),
      options_(options),
      mean_(this->parameters().size()),
      mean_square_(this->parameters().size()) {
  const auto is_share = [](double beta) { return beta >= 0 && beta < 1; };
  check_range("Adam: beta1", options.beta1, is_share(options.beta1), "0 or more and less than 1");
  check_range("Adam: beta2", options.beta2, is_share(options.beta2), "0 or more and less than 1");
  check_range("Adam: epsilon", options.epsilon, options.epsilon > 0, "more than 0");
}

void Adam::step() {
  ++steps_;
  const auto [rate, beta1, beta2, epsilon] = options_;
  // A running mean that starts from 0 has only had 1 - beta^steps of its weight so far.
  const double weight = 1 - std::pow(beta1, steps_);
  const double weight_square = 1 - std::pow(beta2, steps_);
  for (std::size_t i = 0; i < parameters().size(); ++i) {
    const Value& parameter = parameters()[i];
    const double grad = parameter.grad();
    mean_[i] = beta1 * mean_[i] + (1 - beta1) * grad;
    mean_square_[i] = beta2 * mean_square_[i] + (1 - beta2) * grad * grad;
    const double move = mean_[i] / weight / (std::sqrt(mean_square_[i] / weight_square) + epsilon);
    parameter.set_data(parameter.data() - learning_rate() * move);
  }
}

}  // namespace micrograd
