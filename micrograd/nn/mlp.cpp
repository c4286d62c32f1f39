// The multilayer perceptron hands each layer's outputs to the next.
#include <micrograd/nn/mlp.hpp>

#include <ostream>
#include <string>

#include <micrograd/error.hpp>
#include <micrograd/nn/width.hpp>

namespace micrograd {

namespace {

Activation activation_of(const MLPOptions& options, std::size_t layer, std::size_t layers) {
  if (!options.activations.empty()) return options.activations[layer];
  return layer + 1 < layers ? options.hidden : Activation::linear;
}

}  // namespace

// The other seed keeps what is left out independent of the weights.
MLP::MLP(std::size_t inputs, const std::vector<std::size_t>& widths, const MLPOptions& options)
    : dropout_(std::make_shared<Dropout>(options.dropout, ~options.seed)) {
  if (widths.empty()) {
    throw UsageError("MLP: it needs layers (got 0 widths, expected 1 or more); for one: MLP(2, {16, 1})");
  }
  if (!options.activations.empty() && options.activations.size() != widths.size()) {
    throw UsageError("MLP: each layer needs one activation (got " +
                     std::to_string(options.activations.size()) + " activations, expected " +
                     std::to_string(widths.size()) + ", one for each width)");
  }
  Random random(options.seed);
  layers_.reserve(widths.size());
  for (std::size_t i = 0; i < widths.size(); ++i) {
    layers_.emplace_back(i == 0 ? inputs : widths[i - 1], widths[i], random,
                         activation_of(options, i, widths.size()), options.initialiser);
  }
}

std::vector<Value> MLP::operator()(std::span<const Value> x) const {
  check_width("MLP", x.size(), inputs());
  std::vector<Value> signals = layers_.front()(x);
  for (std::size_t i = 1; i < layers_.size(); ++i) {
    dropout_->apply(signals);
    signals = layers_[i](signals);
  }
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

std::vector<NamedParameter> MLP::named_parameters() const {
  std::vector<NamedParameter> all;
  for (std::size_t i = 0; i < layers_.size(); ++i)
    append_named(all, "layers." + std::to_string(i), layers_[i]);
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
