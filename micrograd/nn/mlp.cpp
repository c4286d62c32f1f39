// The multilayer perceptron hands each layer's outputs to the next.
#include <micrograd/nn/mlp.hpp>

#include <ostream>

#include <micrograd/error.hpp>
#include <micrograd/nn/width.hpp>

namespace micrograd {

MLP::MLP(std::size_t inputs, const std::vector<std::size_t>& widths, const MLPOptions& options) {
  if (widths.empty()) {
    throw UsageError("MLP: it needs layers (got 0 widths, expected 1 or more); for one: MLP(2, {16, 1})");
  }
  Random random(options.seed);
  layers_.reserve(widths.size());
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const Activation activation = i + 1 < widths.size() ? options.hidden : Activation::linear;
    layers_.emplace_back(i == 0 ? inputs : widths[i - 1], widths[i], random, activation, options.initialiser);
  }
}

std::vector<Value> MLP::operator()(std::span<const Value> x) const {
  check_width("MLP", x.size(), inputs());
  std::vector<Value> signals = layers_.front()(x);
  for (std::size_t i = 1; i < layers_.size(); ++i) signals = layers_[i](signals);
  return signals;
}

std::vector<Value> MLP::operator()(std::span<const double> x) const {
  return (*this)(std::vector<Value>(x.begin(), x.end()));
}

std::vector<Value> MLP::parameters() const {
  std::vector<Value> all;
  for (const Layer& layer : layers_) {
    for (const Value& parameter : layer.parameters()) all.push_back(parameter);
  }
  return all;
}

std::ostream& operator<<(std::ostream& out, const MLP& mlp) {
  const char* separator = "MLP of [";
  for (const Layer& layer : mlp.layers()) {
    out << separator << layer;
    separator = ", ";
  }
  return out << ']';
}

}  // namespace micrograd
