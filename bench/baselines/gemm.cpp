// Column-major matrices, a column for each point: Y = W X + b, so that a layer's weights are one product with
// all points, and columns run in the innermost loops.
#include "gemm.hpp"

#include <chrono>

#include <Eigen/Dense>
#ifdef MICROGRAD_HAVE_OPENBLAS
#include <cblas.h>
#endif

namespace bench {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

struct EigenProducts {
  static void ab(Matrix& c, const Matrix& a, const Matrix& b) { c.noalias() = a * b; }
  static void abt(Matrix& c, const Matrix& a, const Matrix& b) { c.noalias() = a * b.transpose(); }
  static void atb(Matrix& c, const Matrix& a, const Matrix& b) { c.noalias() = a.transpose() * b; }
};

#ifdef MICROGRAD_HAVE_OPENBLAS
struct OpenBlasProducts {
  static void product(Matrix& c, CBLAS_TRANSPOSE of_a, const Matrix& a, CBLAS_TRANSPOSE of_b,
                      const Matrix& b) {
    const auto inner = of_a == CblasTrans ? a.rows() : a.cols();
    cblas_dgemm(CblasColMajor, of_a, of_b, static_cast<int>(c.rows()), static_cast<int>(c.cols()),
                static_cast<int>(inner), 1.0, a.data(), static_cast<int>(a.rows()), b.data(),
                static_cast<int>(b.rows()), 0.0, c.data(), static_cast<int>(c.rows()));
  }
  static void ab(Matrix& c, const Matrix& a, const Matrix& b) {
    product(c, CblasNoTrans, a, CblasNoTrans, b);
  }
  static void abt(Matrix& c, const Matrix& a, const Matrix& b) { product(c, CblasNoTrans, a, CblasTrans, b); }
  static void atb(Matrix& c, const Matrix& a, const Matrix& b) { product(c, CblasTrans, a, CblasNoTrans, b); }
};
#endif

struct Layer {
  Matrix weights, gradient;  ///< outputs x inputs
  Vector bias, bias_gradient;
  Matrix outputs, adjoint;  ///< outputs x points
};

template <class Products>
class Net : public GemmNet {
 public:
  explicit Net(const GemmTask& task)
      : inputs_(Eigen::Map<const Matrix>(task.points.data(), static_cast<Eigen::Index>(task.widths[0]),
                                         static_cast<Eigen::Index>(task.targets.size()))),
        targets_(Eigen::Map<const Eigen::RowVectorXd>(task.targets.data(),
                                                      static_cast<Eigen::Index>(task.targets.size()))) {
    const double* at = task.parameters.data();
    for (std::size_t l = 1; l < task.widths.size(); ++l) {
      const auto from = static_cast<Eigen::Index>(task.widths[l - 1]);
      const auto to = static_cast<Eigen::Index>(task.widths[l]);
      Layer& layer = layers_.emplace_back();
      layer.weights.resize(to, from);
      layer.bias.resize(to);
      for (Eigen::Index n = 0; n < to; ++n) {
        for (Eigen::Index k = 0; k < from; ++k) layer.weights(n, k) = *at++;
        layer.bias(n) = *at++;
      }
      layer.gradient.resize(to, from);
      layer.bias_gradient.resize(to);
      layer.outputs.resize(to, inputs_.cols());
      layer.adjoint.resize(to, inputs_.cols());
    }
  }

  double step(double rate) override {
    const double scale = 1.0 / static_cast<double>(inputs_.cols());
    const Matrix* below = &inputs_;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      Products::ab(layer.outputs, layer.weights, *below);
      layer.outputs.colwise() += layer.bias;
      if (l + 1 < layers_.size()) layer.outputs = layer.outputs.cwiseMax(0.0);
      below = &layer.outputs;
    }
    misses_ = 1.0 - targets_.array() * layers_.back().outputs.row(0).array();
    double loss = misses_.cwiseMax(0.0).sum() * scale;
    layers_.back().adjoint.row(0) = (misses_ > 0.0).select(-targets_.array() * scale, 0.0);
    double slopes = 0;
    for (std::size_t l = layers_.size(); l-- > 0;) {
      Layer& layer = layers_[l];
      const Matrix& from = l == 0 ? inputs_ : layers_[l - 1].outputs;
      Products::abt(layer.gradient, layer.adjoint, from);
      layer.bias_gradient = layer.adjoint.rowwise().sum();
      if (l > 0) {
        Layer& under = layers_[l - 1];
        Products::atb(under.adjoint, layer.weights, layer.adjoint);
        under.adjoint = (under.outputs.array() > 0.0).select(under.adjoint, 0.0);
      }
    }
    for (Layer& layer : layers_) {
      loss += decay * (layer.weights.squaredNorm() + layer.bias.squaredNorm());
      layer.gradient += 2 * decay * layer.weights;
      layer.bias_gradient += 2 * decay * layer.bias;
      slopes += layer.gradient.sum() + layer.bias_gradient.sum();
      layer.weights -= rate * layer.gradient;
      layer.bias -= rate * layer.bias_gradient;
    }
    return loss + slopes;
  }

 private:
  static constexpr double decay = 1e-4;

  Matrix inputs_;
  Eigen::RowVectorXd targets_;
  Eigen::Array<double, 1, Eigen::Dynamic> misses_;
  std::vector<Layer> layers_;
};

template <class Products>
double peak_of(std::size_t n) {
  const auto size = static_cast<Eigen::Index>(n);
  const Matrix a = Matrix::Random(size, size), b = Matrix::Random(size, size);
  Matrix c(size, size);
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Products::ab(c, a, b);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n) / best;
}

double seconds_of(GemmNet& net) {
  double best = 1e9;
  for (int i = 0; i < 200; ++i) {
    const auto start = std::chrono::steady_clock::now();
    net.step(0);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace

std::unique_ptr<GemmNet> make_gemm_net(const GemmTask& task) {
#ifdef MICROGRAD_HAVE_OPENBLAS
  openblas_set_num_threads(1);
#endif
  std::unique_ptr<GemmNet> net = std::make_unique<Net<EigenProducts>>(task);
#ifdef MICROGRAD_HAVE_OPENBLAS
  std::unique_ptr<GemmNet> other = std::make_unique<Net<OpenBlasProducts>>(task);
  if (seconds_of(*other) < seconds_of(*net)) return other;
#else
  static_cast<void>(seconds_of);
#endif
  return net;
}

double gemm_peak() {
  double peak = peak_of<EigenProducts>(512);
#ifdef MICROGRAD_HAVE_OPENBLAS
  peak = std::max(peak, peak_of<OpenBlasProducts>(512));
#endif
  return peak;
}

}  // namespace bench
