// The training loop.
#include <micrograd/train/fit.hpp>

namespace micrograd {

void fit(Trainer& trainer, const std::function<void(const Epoch&)>& on_epoch,
         const std::function<void(const Step&)>& on_step) {
  while (!trainer.done()) {
    const Step step = on_step ? trainer.step() : trainer.step_ahead();
    if (on_step) on_step(step);
    if (!step.ends_epoch) continue;
    const Epoch epoch = trainer.end_epoch();
    if (on_epoch) on_epoch(epoch);
  }
  trainer.restore_best();
}

void fit(const Model& model, const Dataset& data, Optimiser& optimiser, const Loss& loss,
         const FitOptions& options, const std::function<void(const Epoch&)>& on_epoch) {
  Trainer trainer(model, data, optimiser, loss, options);
  fit(trainer, on_epoch);
}

}  // namespace micrograd
