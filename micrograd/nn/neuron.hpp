// A neuron: activation(w0 x0 + w1 x1 + … + bias), spelled out in scalars.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <vector>

#include <micrograd/engine/value.hpp>
#include <micrograd/nn/activation.hpp>
#include <micrograd/nn/initialiser.hpp>
#include <micrograd/nn/module.hpp>
#include <micrograd/nn/random.hpp>

namespace micrograd {

class Neuron final : public Module {
 public:
  /// Draws `inputs` weights from `random`, in order; the bias is 0. `outputs`, the number of neurons in its
  /// layer, matters to some initialisers. Throws UsageError if `inputs` is 0.
  Neuron(std::size_t inputs, Random& random, Activation activation = Activation::relu,
         Initialiser initialiser = Initialiser::uniform, std::size_t outputs = 1);

  std::size_t inputs() const { return weights_.size(); }
  Activation activation() const { return activation_; }

  /// The neuron's output for `inputs()` numbers x; any other count throws UsageError. Records one
  /// multiplication and one addition for each input, and the activation. Plain numbers become leaves first.
  Value operator()(std::span<const Value> x) const;
  Value operator()(std::span<const double> x) const;
  Value operator()(std::initializer_list<Value> x) const { return (*this)(std::span(x.begin(), x.size())); }
  Value operator()(std::initializer_list<double> x) const { return (*this)(std::span(x.begin(), x.size())); }

  /// The weights in order of the inputs, then the bias.
  std::vector<Value> parameters() const override;
  /// `weights.0`, `weights.1`, …, `bias`.
  std::vector<NamedParameter> named_parameters() const override;

 private:
  std::vector<Value> weights_;
  Value bias_;
  Activation activation_;
};

/// Prints as the original does: ReLUNeuron(2).
std::ostream& operator<<(std::ostream& out, const Neuron& neuron);

}  // namespace micrograd
