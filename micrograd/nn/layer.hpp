// A layer: neurons side by side, all looking at the same inputs.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <vector>

#include <micrograd/nn/neuron.hpp>

namespace micrograd {

class Layer final : public Module {
 public:
  /// `outputs` neurons, drawn one after the other. Throws UsageError if `inputs` or `outputs` is 0.
  Layer(std::size_t inputs, std::size_t outputs, Random& random, Activation activation = Activation::relu,
        Initialiser initialiser = Initialiser::uniform);

  std::size_t inputs() const { return neurons_.front().inputs(); }
  std::size_t outputs() const { return neurons_.size(); }
  const std::vector<Neuron>& neurons() const { return neurons_; }

  /// The `outputs()` outputs for `inputs()` numbers x; any other count throws UsageError.
  std::vector<Value> operator()(std::span<const Value> x) const;
  std::vector<Value> operator()(std::span<const double> x) const;
  std::vector<Value> operator()(std::initializer_list<Value> x) const {
    return (*this)(std::span(x.begin(), x.size()));
  }
  std::vector<Value> operator()(std::initializer_list<double> x) const {
    return (*this)(std::span(x.begin(), x.size()));
  }

  /// Neuron by neuron.
  std::vector<Value> parameters() const override;
  /// `neurons.0.weights.0`, …
  std::vector<NamedParameter> named_parameters() const override;

 private:
  std::vector<Neuron> neurons_;
};

/// Prints as the original does: Layer of [ReLUNeuron(2), ReLUNeuron(2)].
std::ostream& operator<<(std::ostream& out, const Layer& layer);

}  // namespace micrograd
