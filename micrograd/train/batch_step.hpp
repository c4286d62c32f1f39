// What a trainer asks of the model and its loss: the gradient of a batch, and how good the model is. Two
// answer: plain code, which records each row's graph, and compiled programs, to which the rows are a table.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <micrograd/engine/value.hpp>
#include <micrograd/train/accuracy.hpp>
#include <micrograd/train/dataset.hpp>
#include <micrograd/train/objective.hpp>

namespace micrograd {

/// What compiled programs compute in.
enum class Precision { float64, float32 };

/// What a program is made for.
enum class Purpose {
  learning,  ///< its one output is the loss
  judging    ///< its first output is the loss, the others are the model's
};

/// What is to be learned, by whom, and from what. The data sets must outlive whoever is given it.
struct Task {
  Model model;
  Loss loss;
  std::vector<Value> parameters;      ///< of the optimiser; the model may have others
  const Dataset* data = nullptr;      ///< the rows to learn from
  const Dataset* held_out = nullptr;  ///< the rows to be judged by, if there are any
  std::vector<double> class_weights;
  std::size_t batch_size = 32;     ///< rows in a graph, of plain code
  std::size_t rows_per_step = 32;  ///< that a program takes at a time
};

class BatchStep {
 public:
  virtual ~BatchStep() = default;

  /// To be called before the first batch of an epoch, while the leaves are up to date. Plain numbers that
  /// model and loss find outside of themselves may have changed since the last epoch, not within one; `row`
  /// is a row to try.
  virtual void begin_epoch(std::size_t /*row*/) {}

  /// In training: adds the gradient of Σ weights[i] * loss(rows[i]) / total to the gradients of all leaves
  /// below, and returns Σ weights[i] * loss(rows[i]). `rows` are numbers of rows of the task's data.
  virtual double backward(std::span<const std::size_t> rows, std::span<const double> weights,
                          double total) = 0;
  /// The same for the task's parameters as arrays: `data` stands for theirs, and their gradients are written
  /// to `grads`. The leaves themselves may be left as they are, or given these numbers.
  virtual double backward_on(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                             std::span<const double> data, std::span<double> grads) = 0;
  /// The same in single precision.
  virtual double backward_on(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                             std::span<const float> data, std::span<float> grads) = 0;
  /// As `evaluate` (train/objective.hpp), of the task's model and loss. Not to be asked of a step that does
  /// not take the data.
  virtual Evaluation evaluate(const Dataset& data) = 0;
  /// Whether these rows are of the kind that the step was made for.
  [[nodiscard]] virtual bool takes(const Dataset& /*data*/) const { return true; }

  /// Whether programs do it.
  [[nodiscard]] virtual bool compiled() const = 0;
  /// What there is to say about that, as a short phrase.
  [[nodiscard]] virtual std::string how() const = 0;
};

/// Each row's graph anew; `why`, a phrase, says for what reason.
std::unique_ptr<BatchStep> eager_step(Task task, std::string why);

/// Programs; the one for `first` is made at once, the other when it is needed. Throws UsageError if model or
/// loss cannot be compiled, or this library was built without the compiler. So does `backward`, having
/// changed nothing, for rows that take too many ways through the branches.
std::unique_ptr<BatchStep> compiled_step(const Task& task, Precision precision, Purpose first);

/// Programs, if they can be had and for as long as they do; otherwise plain code.
std::unique_ptr<BatchStep> best_step(Task task, Precision precision, Purpose first = Purpose::learning);

}  // namespace micrograd
