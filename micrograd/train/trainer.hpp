// One training run, a step at a time: which rows come next, what their loss is, backward, the update. Where
// the run stands is plain data, so that it can be written down between any two steps and taken up again with
// the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include <micrograd/engine/value.hpp>
#include <micrograd/train/accuracy.hpp>
#include <micrograd/train/batch_step.hpp>
#include <micrograd/train/dataset.hpp>
#include <micrograd/train/objective.hpp>
#include <micrograd/train/optimiser.hpp>
#include <micrograd/train/schedule.hpp>

namespace micrograd {

struct FitOptions {
  std::size_t epochs = 10;
  std::size_t batch_size = 32;  ///< the last batch of an epoch may be smaller
  std::size_t accumulate =
      1;                   ///< batches whose gradients make one step, as one batch of all their rows would
  std::uint64_t seed = 1;  ///< of the order of the rows
  Schedule schedule{};     ///< what the optimiser's learning rate is multiplied by, step by step
  double clip_value = std::numeric_limits<double>::infinity();  ///< limit of each gradient's size
  double clip_norm = std::numeric_limits<double>::infinity();  ///< limit of the gradient's length, after that
  double l1 = 0;                        ///< penalty for the sum of the parameters' sizes
  double l2 = 0;                        ///< penalty for the sum of their squares
  std::vector<double> class_weights{};  ///< of each class; means are then weighted. Empty: all 1
  std::size_t patience = 0;    ///< stop after so many epochs that did not improve on the best, and keep the
                               ///< best one's parameters; 0: never, and keep the last
  double min_improvement = 0;  ///< what counts as improving
  bool eager = false;          ///< record each row's graph, though a compiled program could run the batch
  Precision precision =
      Precision::float64;  ///< what compiled programs compute in; float32 copies the rows now
};

/// What is told after each step.
struct Step {
  std::size_t epoch;     ///< from 1
  std::size_t rows;      ///< of this epoch that are done
  double loss;           ///< mean over those rows, each as it was when its step came
  double learning_rate;  ///< that the step was made with
  bool ends_epoch;
};

/// What is told after each epoch.
struct Epoch {
  std::size_t number;                  ///< from 1
  double loss;                         ///< mean over all rows, each as it was when its step came
  std::optional<Evaluation> held_out;  ///< where rows were held out
  double learning_rate;                ///< of its last step
  double seconds;                      ///< since the run, or its continuation, began
  bool improved;                       ///< on the best epoch so far
};

/// Where a run stands between two steps.
struct Progress {
  std::size_t epochs = 0;  ///< finished
  std::size_t row = 0;     ///< how many rows of the epoch under way are done
  std::size_t steps = 0;   ///< made in all
  double loss_sum = 0;     ///< over the rows done in this epoch, weighted
  double weight_sum = 0;   ///< of those rows
  double best =
      std::numeric_limits<double>::infinity();  ///< lowest loss of an epoch, held out if there is one
  std::size_t stale = 0;                        ///< epochs since then
  /// What the optimiser's parameters were after that epoch; empty before it, and without `patience`.
  std::vector<double> best_parameters{};

  bool operator==(const Progress&) const = default;
};

class Trainer {
 public:
  /// Trains `model` on `data`; `optimiser` holds its parameters, and `held_out`, if there is one, is what its
  /// epochs are judged by. All but the functions must outlive the trainer. Unless it is to be eager, model
  /// and loss are run now, a few times on one row, to compile them; where that cannot be done, each row's
  /// graph is recorded as in any program. Throws UsageError if there are no rows or an option is out of
  /// range.
  Trainer(Model model, const Dataset& data, Optimiser& optimiser, Loss loss, FitOptions options,
          const Dataset* held_out = nullptr);

  /// True once all epochs are made, or `patience` has run out.
  bool done() const;
  /// The next rows: loss, backward, update. Must not be called when done(). Throws Error, before the update,
  /// if the loss is infinite or NaN.
  Step step();
  /// The same, but the parameters, and their gradients, need not be brought up to date until `settle`; large
  /// nets are faster for it. Until then nobody should look at them or change them.
  Step step_ahead();
  /// What the steps so far have made of the parameters is theirs. `end_epoch` and `evaluate` settle too.
  void settle();
  /// Judges the epoch; to be called after the step that ends it. Throws Error if the held-out loss is
  /// infinite or NaN.
  Epoch end_epoch();

  const Progress& progress() const { return progress_; }
  /// Gives the parameters what they were after the best epoch, where `patience` asks for it; for a run that
  /// is done().
  void restore_best() const;
  /// Goes on from there. Throws UsageError if this run, with its rows and options, cannot stand there.
  void resume(const Progress& progress);

  std::size_t steps_per_epoch() const;

  /// Whether batches run through compiled programs; that may end while they run.
  bool compiled() const { return step_->compiled(); }
  /// What the programs are like, or why there are none, as a phrase.
  std::string how() const { return step_->how(); }
  /// How good the model is now on these rows; as the held-out ones are judged.
  Evaluation evaluate(const Dataset& data);

 private:
  /// The optimiser's parameters and their gradients, as arrays.
  template <class Real>
  struct Numbers {
    std::vector<Real> data, grads;
  };

  std::size_t rows_per_step() const;
  void order_rows();
  template <class Real>
  void learn_from(std::span<const std::size_t> rows, double weights, Numbers<Real>& numbers);
  template <class Real> void shape_gradient(Numbers<Real>& numbers);
  template <class Real> void move_parameters(Numbers<Real>& numbers);
  [[noreturn]] void fail_step(const char* what, double number) const;

  const Dataset& data_;
  Optimiser& optimiser_;
  FitOptions options_;
  const Dataset* held_out_;
  Progress progress_;
  double base_rate_;
  std::vector<std::size_t> order_;  ///< of the rows in the epoch under way
  std::vector<double> weights_;     ///< of the rows of a step
  std::unique_ptr<BatchStep> step_;
  std::variant<Numbers<double>, Numbers<float>> numbers_;
  bool ahead_ = false;  ///< the numbers are, of the leaves
  double started_;
};

}  // namespace micrograd
