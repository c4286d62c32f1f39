// Training a classifier as one writes it by hand with a library for matrix products, in float:
// batch by batch, one product a layer forwards and two backwards. Compiled with -O3 -march=native; the
// products are Eigen's or, where it is installed and faster, OpenBLAS's. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace bench {

enum class Rule { sgd, adam };

/// A multilayer perceptron with relu in the hidden layers and softmax cross-entropy on top.
struct ClassifierTask {
  std::vector<std::size_t> widths;     ///< inputs first
  std::span<const double> parameters;  ///< in the order of MLP::parameters()
  std::span<const double> points;      ///< rows of inputs
  std::span<const std::size_t> labels;
  std::size_t epochs = 1;
  std::size_t batch_size = 32;
  Rule rule = Rule::sgd;
  double learning_rate = 0.01;
};

class HandClassifier {
 public:
  virtual ~HandClassifier() = default;
  /// Starts from the task's parameters, takes the rows in orders of its own and returns their mean loss in
  /// the last epoch, each as it was when its batch came.
  virtual double run() = 0;
};

std::unique_ptr<HandClassifier> make_classifier(const ClassifierTask& task);

/// Operations a second of a product of two 512 x 512 matrices of floats.
double single_peak();

}  // namespace bench
