// The neuron's sum, the innermost loop of every net.
#include <micrograd/nn/neuron.hpp>

#include <ostream>
#include <string>

#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/width.hpp>

namespace micrograd {

Neuron::Neuron(std::size_t inputs, Random& random, Activation activation, Initialiser initialiser,
               std::size_t outputs)
    : activation_(activation) {
  if (inputs == 0) {
    throw UsageError("Neuron: it needs something to look at (got 0 inputs, expected 1 or more)");
  }
  weights_.reserve(inputs);
  for (std::size_t i = 0; i < inputs; ++i)
    weights_.emplace_back(draw_weight(initialiser, inputs, random, outputs));
  bias_ = Value(0.0);
}

Value Neuron::operator()(std::span<const Value> x) const {
  check_width("Neuron", x.size(), weights_.size());
  return activate(activation_, dot(weights_, x) + bias_);
}

Value Neuron::operator()(std::span<const double> x) const {
  return (*this)(std::vector<Value>(x.begin(), x.end()));
}

std::vector<Value> Neuron::parameters() const {
  std::vector<Value> all = weights_;
  all.push_back(bias_);
  return all;
}

std::vector<NamedParameter> Neuron::named_parameters() const {
  std::vector<NamedParameter> all;
  all.reserve(weights_.size() + 1);
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    all.push_back({.name = "weights." + std::to_string(i), .value = weights_[i]});
  }
  all.push_back({.name = "bias", .value = bias_});
  return all;
}

std::ostream& operator<<(std::ostream& out, const Neuron& neuron) {
  return out << name(neuron.activation()) << "Neuron(" << neuron.inputs() << ')';
}

}  // namespace micrograd
