// Model and loss as one compiled program, and rows of a data set as the table that it is run on. Internal to
// the trainer; needs the compiler.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/nn/dropout.hpp>
#include <micrograd/train/batch_step.hpp>

namespace micrograd {

/// A Dropout that the model applied to so many signals.
struct Draw {
  Dropout* dropout;
  std::size_t count;
};

/// Which classes occur, each with a place of its own.
class Classes {
 public:
  /// Of the rows to learn from and those to be judged by. Throws UsageError if they are more than a program
  /// should be made for.
  explicit Classes(const Task& task);

  /// By place.
  [[nodiscard]] const std::vector<std::size_t>& labels() const { return labels_; }
  [[nodiscard]] bool knows(std::size_t label) const { return places_.contains(label); }
  [[nodiscard]] std::size_t place_of(std::size_t label) const { return places_.at(label); }

 private:
  std::vector<std::size_t> labels_;
  std::unordered_map<std::size_t, std::size_t> places_;
};

/// Computes in `Real`. A row of its table holds the row's numbers, then what dropout multiplies signals by,
/// and last the target or the place of the label.
template <class Real>
class RowProgram {
 public:
  /// Runs model and loss on the first row. The task and the classes must outlive the program. Throws
  /// UsageError if they cannot be compiled.
  RowProgram(const Task& task, const Classes& classes, Purpose purpose);
  RowProgram(const RowProgram&) = delete;
  RowProgram& operator=(const RowProgram&) = delete;

  /// These rows of `data`, with factors drawn for them in their order, or all 1. Valid until the next call.
  [[nodiscard]] Rows<const Real> table(const Dataset& data, std::span<const std::size_t> rows,
                                       bool draws = true);
  /// What plain code makes of a row, its factors all 1: the loss first, then the outputs.
  [[nodiscard]] std::vector<double> plain_results(std::size_t row) const;
  [[nodiscard]] const Program<Real>& program() const { return *program_; }
  [[nodiscard]] const std::vector<Draw>& draws() const { return draws_; }
  /// Those of the task, and behind them those that the model has besides.
  [[nodiscard]] std::span<const Value> parameters() const { return parameters_; }
  /// The latter.
  [[nodiscard]] std::span<const Value> other_parameters() const {
    return std::span(parameters_).subspan(task_.parameters.size());
  }
  /// Of the model.
  [[nodiscard]] std::size_t outputs() const { return outputs_; }

 private:
  static constexpr bool is_single = std::is_same_v<Real, float>;

  [[nodiscard]] std::size_t width() const;
  void compile_it(const CompileOptions& options);

  const Task& task_;
  const Classes& classes_;
  const Purpose purpose_;
  std::vector<Value> parameters_;
  std::vector<Draw> draws_;
  std::size_t factors_ = 0;
  std::size_t outputs_ = 0;
  std::unique_ptr<Program<Real>> program_;  ///< there once it has been made
  std::vector<Real> singles_;  ///< the rows to learn from, where they are of another type in the data
  std::vector<Real> table_;
};

/// Plain numbers of a loss are followed near the target of one row only (compiler/plain_number.hpp). Throws
/// UsageError unless a program made so gives what the loss gives for targets from all over the data.
void check_loss_of_numbers(const Task& task, std::size_t outputs);

extern template class RowProgram<float>;
extern template class RowProgram<double>;

}  // namespace micrograd
