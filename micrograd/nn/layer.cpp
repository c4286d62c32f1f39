// A layer calls its neurons one after the other.
#include <micrograd/nn/layer.hpp>

#include <ostream>
#include <string>

#include <micrograd/error.hpp>
#include <micrograd/nn/width.hpp>

namespace micrograd {

Layer::Layer(std::size_t inputs, std::size_t outputs, Random& random, Activation activation,
             Initialiser initialiser) {
  if (outputs == 0) throw UsageError("Layer: it needs neurons (got 0 outputs, expected 1 or more)");
  neurons_.reserve(outputs);
  for (std::size_t i = 0; i < outputs; ++i)
    neurons_.emplace_back(inputs, random, activation, initialiser, outputs);
}

std::vector<Value> Layer::operator()(std::span<const Value> x) const {
  check_width("Layer", x.size(), inputs());
  std::vector<Value> result;
  result.reserve(neurons_.size());
  for (const Neuron& neuron : neurons_) result.push_back(neuron(x));
  return result;
}

std::vector<Value> Layer::operator()(std::span<const double> x) const {
  return (*this)(std::vector<Value>(x.begin(), x.end()));
}

std::vector<Value> Layer::parameters() const {
  std::vector<Value> all;
  all.reserve(neurons_.size() * (inputs() + 1));
  for (const Neuron& neuron : neurons_) {
    for (const Value& parameter : neuron.parameters()) all.push_back(parameter);
  }
  return all;
}

std::vector<NamedParameter> Layer::named_parameters() const {
  std::vector<NamedParameter> all;
  all.reserve(neurons_.size() * (inputs() + 1));
  for (std::size_t i = 0; i < neurons_.size(); ++i) {
    append_named(all, "neurons." + std::to_string(i), neurons_[i]);
  }
  return all;
}

std::ostream& operator<<(std::ostream& out, const Layer& layer) {
  const char* separator = "Layer of [";
  for (const Neuron& neuron : layer.neurons()) {
    out << separator << neuron;
    separator = ", ";
  }
  return out << ']';
}

}  // namespace micrograd
