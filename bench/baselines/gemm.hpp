// Training steps of a multilayer perceptron as one writes them by hand with a library for matrix products:
// whole batches, one product a layer forwards and two backwards. Compiled with -O3 -march=native; the
// products are Eigen's or, where it is installed and faster, OpenBLAS's.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace bench {

/// relu in the hidden layers, one output, the mean hinge loss plus 1e-4 Σ p².
class GemmNet {
 public:
  virtual ~GemmNet() = default;
  /// One step of gradient descent on all points, rows of inputs. Returns the loss before it plus the sum of
  /// its gradients.
  virtual double step(double rate) = 0;
};

/// What the nets compute on; `parameters` in the order of MLP::parameters().
struct GemmTask {
  std::vector<std::size_t> widths;  ///< inputs first
  std::span<const double> parameters;
  std::span<const double> points;
  std::span<const double> targets;  ///< ±1
};

std::unique_ptr<GemmNet> make_gemm_net(const GemmTask& task);

/// Operations a second of a product of two 512 x 512 matrices of doubles.
double gemm_peak();

}  // namespace bench
