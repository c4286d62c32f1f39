// The training loop: steps until the run is done, and somebody told after each step and each epoch.
#pragma once

#include <functional>

#include <micrograd/train/trainer.hpp>

namespace micrograd {

/// Trains `model` on `data`: `optimiser` holds its parameters. `on_epoch`, if there is one, is called after
/// each epoch. Throws UsageError if there are no rows or an option is out of range; what `model`, `loss` and
/// `on_epoch` throw passes on.
void fit(const Model& model, const Dataset& data, Optimiser& optimiser, const Loss& loss,
         const FitOptions& options = {}, const std::function<void(const Epoch&)>& on_epoch = {});

/// Runs a trainer to its end, and restores the best parameters where `patience` asks for it.
void fit(Trainer& trainer, const std::function<void(const Epoch&)>& on_epoch = {},
         const std::function<void(const Step&)>& on_step = {});

}  // namespace micrograd
