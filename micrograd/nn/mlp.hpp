// A multilayer perceptron: layers in a row, each looking at the outputs of the one before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <vector>

#include <micrograd/nn/layer.hpp>

namespace micrograd {

struct MLPOptions {
  Activation hidden = Activation::relu;  ///< of every layer but the last, which is linear
  Initialiser initialiser = Initialiser::uniform;
  std::uint64_t seed = 1;  ///< the same seed gives the same weights
};

class MLP final : public Module {
 public:
  /// One layer for each of `widths`: MLP(64, {32, 10}) has 64 inputs, 32 hidden neurons and 10 outputs.
  /// Throws UsageError if `widths` is empty or any number is 0.
  MLP(std::size_t inputs, const std::vector<std::size_t>& widths, const MLPOptions& options = {});

  std::size_t inputs() const { return layers_.front().inputs(); }
  std::size_t outputs() const { return layers_.back().outputs(); }
  const std::vector<Layer>& layers() const { return layers_; }

  /// The `outputs()` outputs for `inputs()` numbers x; any other count throws UsageError.
  std::vector<Value> operator()(std::span<const Value> x) const;
  std::vector<Value> operator()(std::span<const double> x) const;
  std::vector<Value> operator()(std::initializer_list<Value> x) const {
    return (*this)(std::span(x.begin(), x.size()));
  }
  std::vector<Value> operator()(std::initializer_list<double> x) const {
    return (*this)(std::span(x.begin(), x.size()));
  }

  /// Layer by layer, neuron by neuron, weights before bias: the order in which they were created.
  std::vector<Value> parameters() const override;

 private:
  std::vector<Layer> layers_;
};

/// Prints as the original does: MLP of [Layer of [ReLUNeuron(2)], Layer of [LinearNeuron(1)]].
std::ostream& operator<<(std::ostream& out, const MLP& mlp);

}  // namespace micrograd
