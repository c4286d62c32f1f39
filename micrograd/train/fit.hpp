// The training loop: mini-batches in a fresh order each epoch, the mean loss of each, backward, one step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include <micrograd/engine/value.hpp>
#include <micrograd/train/accuracy.hpp>
#include <micrograd/train/dataset.hpp>
#include <micrograd/train/optimiser.hpp>

namespace micrograd {

/// How wrong the outputs for one row are, given its label. `cross_entropy` is one as it stands; for a net
/// with one output, wrap `hinge`:
///   [](std::span<const Value> outputs, std::size_t label) { return hinge(outputs[0], label == 1 ? 1 : -1); }
using Loss = std::function<Value(std::span<const Value> outputs, std::size_t label)>;

struct FitOptions {
  std::size_t epochs = 10;
  std::size_t batch_size = 32;  ///< the last batch of an epoch may be smaller
  std::uint64_t seed = 1;       ///< of the order of the rows
};

/// What is told after each epoch.
struct Epoch {
  std::size_t number;  ///< from 1
  double loss;         ///< mean over all rows, each as it was when its batch was computed
  double seconds;      ///< since fit began
};

/// Trains `model` on `data`: `optimiser` holds its parameters. `on_epoch`, if there is one, is called after
/// each epoch. Throws UsageError if there are no rows or the batch size is 0; what `model`, `loss` and
/// `on_epoch` throw passes on.
void fit(const Model& model, const Dataset& data, Optimiser& optimiser, const Loss& loss,
         const FitOptions& options = {}, const std::function<void(const Epoch&)>& on_epoch = {});

}  // namespace micrograd
