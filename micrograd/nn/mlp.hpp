// A multilayer perceptron: layers in a row, each looking at the outputs of the one before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <span>
#include <vector>

#include <micrograd/nn/dropout.hpp>
#include <micrograd/nn/layer.hpp>

namespace micrograd {

struct MLPOptions {
  Activation hidden = Activation::relu;  ///< of every layer but the last, which is linear
  Initialiser initialiser = Initialiser::uniform;
  std::uint64_t seed = 1;                    ///< the same seed gives the same weights and the same dropout
  std::vector<Activation> activations = {};  ///< one for each layer, instead of `hidden` and the linear last
  double dropout = 0;  ///< probability with which training leaves out each output of each layer but the last
};

class MLP final : public Module {
 public:
  /// One layer for each of `widths`: MLP(64, {32, 10}) has 64 inputs, 32 hidden neurons and 10 outputs.
  /// Starts in training. Throws UsageError if `widths` is empty or any number is 0, if there are
  /// `activations` but not one for each of `widths`, and unless 0 <= dropout < 1.
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
  /// `layers.0.neurons.0.weights.0`, …
  std::vector<NamedParameter> named_parameters() const override;

  /// Training applies dropout, where there is any; evaluation does not, draws nothing and records nothing for
  /// it. Copies share the mode and the generator, and must not train on two threads at once.
  void train(bool training = true) const override { dropout_->train(training); }
  bool training() const override { return dropout_->training(); }
  double dropout() const { return dropout_->probability(); }
  /// The generator that decides what is left out; its state belongs into a checkpoint.
  Random& dropout_random() const { return dropout_->random(); }

 private:
  std::vector<Layer> layers_;
  std::shared_ptr<Dropout> dropout_;
};

/// Prints as the original does: MLP of [Layer of [ReLUNeuron(2)], Layer of [LinearNeuron(1)]].
std::ostream& operator<<(std::ostream& out, const MLP& mlp);

}  // namespace micrograd
