// Column-major matrices, a column for each point: Y = W X + b, so that a layer's weights are one product with
// all points, and columns run in the innermost loops.
#include "gemm.hpp"

#include "products.hpp"

namespace bench {
namespace {

using Vector = Eigen::VectorXd;

struct Layer {
  Matrix<double> weights, gradient;  ///< outputs x inputs
  Vector bias, bias_gradient;
  Matrix<double> outputs, adjoint;  ///< outputs x points
};

template <class Products>
class Net : public GemmNet {
 public:
  explicit Net(const GemmTask& task)
      : inputs_(Eigen::Map<const Matrix<double>>(task.points.data(),
                                                 static_cast<Eigen::Index>(task.widths[0]),
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
    const Matrix<double>* below = &inputs_;
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
      const Matrix<double>& from = l == 0 ? inputs_ : layers_[l - 1].outputs;
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

  Matrix<double> inputs_;
  Eigen::RowVectorXd targets_;
  Eigen::Array<double, 1, Eigen::Dynamic> misses_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<GemmNet> make_gemm_net(const GemmTask& task) {
#ifdef MICROGRAD_HAVE_OPENBLAS
  openblas_set_num_threads(1);
#endif
  std::unique_ptr<GemmNet> net = std::make_unique<Net<EigenProducts>>(task);
#ifdef MICROGRAD_HAVE_OPENBLAS
  std::unique_ptr<GemmNet> other = std::make_unique<Net<OpenBlasProducts>>(task);
  const auto seconds_of = [](GemmNet& one) { return shortest(200, [&] { one.step(0); }); };
  if (seconds_of(*other) < seconds_of(*net)) return other;
#endif
  return net;
}

double gemm_peak() { return peak<double>(); }

}  // namespace bench
