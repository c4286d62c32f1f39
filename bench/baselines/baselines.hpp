// The same arithmetic in plain double: forward loops, then reverse loops by hand over the values that they
// stored. This is what a person would write who needs the derivative fast and has no library.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace bench::plain {

// Each returns what its contestants return, and is compiled apart from them, so that inputs are not
// constants.
double chain(double x, std::size_t operations);
double recurrence(double state, std::size_t steps);

class Mix {
 public:
  explicit Mix(std::size_t steps) : at_(steps) {}
  double run(double start);

 private:
  struct Stored {
    double x, power, tangent, below;
  };
  std::vector<Stored> at_;
};

class Statements {
 public:
  explicit Statements(std::size_t steps) : at_(steps) {}
  double run(double x);

 private:
  struct Stored {
    double acc, power, below;
  };
  std::vector<Stored> at_;
};

class Dot {
 public:
  Dot(std::vector<double> x, std::vector<double> y)
      : x_(std::move(x)), y_(std::move(y)), grad_x_(x_.size()), grad_y_(y_.size()) {}
  double run();

 private:
  std::vector<double> x_, y_, grad_x_, grad_y_;
};

/// A multilayer perceptron with relu in its hidden layers and one output, the hinge loss, and its training
/// step.
class Net {
 public:
  /// `parameters` in the order of MLP::parameters().
  Net(std::size_t inputs, const std::vector<std::size_t>& widths, std::vector<double> parameters);
  /// One step on all points, rows of `inputs` numbers. Returns the loss before it plus the sum of its
  /// gradients.
  double step(std::span<const double> points, std::span<const double> targets, double rate);

 private:
  struct Layer {
    std::size_t inputs, outputs;
    std::size_t parameters;  ///< where its weights begin: for each neuron `inputs` of them, then the bias
    std::size_t signals;     ///< where its outputs begin among the signals of a point
    bool relu;
  };
  double forward(const double* x, double* signals) const;
  void backward(const double* x, const double* signals, double grad_score);

  std::vector<Layer> layers_;
  std::size_t signal_count_ = 0;
  std::vector<double> p_, grad_;
  std::vector<double> signals_;                     // what the neurons put out, point by point
  std::vector<double> grad_inputs_, grad_outputs_;  // of one layer
};

}  // namespace bench::plain
