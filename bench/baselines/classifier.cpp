// Column-major matrices, a column for each point, and all parameters one after the other in one array, so
// that an optimiser's step is one loop.
#include "classifier.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "products.hpp"

namespace bench {
namespace {

using Array = Eigen::ArrayXf;

/// A layer's place among the parameters, and what it computes.
struct Layer {
  Eigen::Index from, to, first;
  Matrix<float> outputs, adjoint;  ///< outputs x points of a batch

  auto weights(Array& all) const { return Eigen::Map<Matrix<float>>(all.data() + first, to, from); }
  auto bias(Array& all) const { return Eigen::Map<Eigen::VectorXf>(all.data() + first + to * from, to); }
};

template <class Products>
class Classifier final : public HandClassifier {
 public:
  explicit Classifier(const ClassifierTask& task)
      : points_(Eigen::Map<const Matrix<double>>(task.points.data(),
                                                 static_cast<Eigen::Index>(task.widths[0]),
                                                 static_cast<Eigen::Index>(task.labels.size()))
                    .cast<float>()),
        labels_(task.labels.begin(), task.labels.end()),
        epochs_(task.epochs),
        batch_size_(task.batch_size),
        rule_(task.rule),
        rate_(static_cast<float>(task.learning_rate)),
        start_(static_cast<Eigen::Index>(task.parameters.size())),
        order_(task.labels.size()) {
    Eigen::Index first = 0;
    const double* at = task.parameters.data();
    for (std::size_t l = 1; l < task.widths.size(); ++l) {
      const auto from = static_cast<Eigen::Index>(task.widths[l - 1]);
      const auto to = static_cast<Eigen::Index>(task.widths[l]);
      const Layer& layer =
          layers_.emplace_back(Layer{.from = from, .to = to, .first = first, .outputs = {}, .adjoint = {}});
      for (Eigen::Index n = 0; n < to; ++n) {
        for (Eigen::Index k = 0; k < from; ++k) layer.weights(start_)(n, k) = static_cast<float>(*at++);
        layer.bias(start_)(n) = static_cast<float>(*at++);
      }
      first += to * from + to;
    }
    gradients_.resize(start_.size());
  }

  double run() override {
    parameters_ = start_;
    mean_.setZero(start_.size());
    mean_square_.setZero(start_.size());
    steps_ = 0;
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::mt19937 random(1);
    double loss = 0;
    for (std::size_t epoch = 0; epoch < epochs_; ++epoch) {
      std::shuffle(order_.begin(), order_.end(), random);
      loss = 0;
      for (std::size_t row = 0; row < order_.size(); row += batch_size_) {
        loss += step({&order_[row], std::min(batch_size_, order_.size() - row)});
      }
    }
    return loss / static_cast<double>(order_.size());
  }

 private:
  /// The sum of these rows' losses, before the step.
  double step(std::span<const std::size_t> rows) {
    const auto count = static_cast<Eigen::Index>(rows.size());
    batch_.resize(points_.rows(), count);
    for (Eigen::Index i = 0; i < count; ++i) {
      batch_.col(i) = points_.col(static_cast<Eigen::Index>(rows[static_cast<std::size_t>(i)]));
    }
    const Matrix<float>* below = &batch_;
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      Layer& layer = layers_[l];
      layer.outputs.resize(layer.to, count);
      Products::ab(layer.outputs, layer.weights(parameters_), *below);
      if (l + 1 < layers_.size()) {
        layer.outputs = (layer.outputs.colwise() + layer.bias(parameters_)).cwiseMax(0.0F);
      } else {
        layer.outputs.colwise() += layer.bias(parameters_);
      }
      below = &layer.outputs;
    }
    const double loss = softmax(rows);
    for (std::size_t l = layers_.size(); l-- > 0;) {
      Layer& layer = layers_[l];
      auto gradient = layer.weights(gradients_);
      Products::abt(gradient, layer.adjoint, l == 0 ? batch_ : layers_[l - 1].outputs);
      layer.bias(gradients_) = layer.adjoint.rowwise().sum();
      if (l == 0) continue;
      Layer& under = layers_[l - 1];
      under.adjoint.resize(under.to, count);
      Products::atb(under.adjoint, layer.weights(parameters_), layer.adjoint);
      under.adjoint = (under.outputs.array() > 0.0F).select(under.adjoint, 0.0F);
    }
    move();
    return loss;
  }

  double softmax(std::span<const std::size_t> rows) {
    Layer& top = layers_.back();
    top.adjoint.resize(top.to, top.outputs.cols());
    top.adjoint = (top.outputs.rowwise() - top.outputs.colwise().maxCoeff()).array().exp();
    sums_ = top.adjoint.colwise().sum();
    const float share = 1.0F / static_cast<float>(rows.size());
    double loss = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto column = static_cast<Eigen::Index>(i), label = static_cast<Eigen::Index>(labels_[rows[i]]);
      loss -= std::log(top.adjoint(label, column) / sums_(column));
      top.adjoint.col(column) *= share / sums_(column);
      top.adjoint(label, column) -= share;
    }
    return loss;
  }

  void move() {
    if (rule_ == Rule::sgd) {
      parameters_ -= rate_ * gradients_;
      return;
    }
    constexpr float beta1 = 0.9F, beta2 = 0.999F, epsilon = 1e-8F;
    ++steps_;
    const auto power = static_cast<float>(steps_);
    const float rate = rate_ / (1 - std::pow(beta1, power));
    const float unbias = 1 / std::sqrt(1 - std::pow(beta2, power));
    // In stretches that the nearest cache holds, as one would write it with one loop.
    constexpr Eigen::Index stretch = 512;
    for (Eigen::Index first = 0; first < parameters_.size(); first += stretch) {
      const Eigen::Index count = std::min(stretch, parameters_.size() - first);
      const auto gradient = gradients_.segment(first, count);
      auto mean = mean_.segment(first, count), mean_square = mean_square_.segment(first, count);
      mean = beta1 * mean + (1 - beta1) * gradient;
      mean_square = beta2 * mean_square + (1 - beta2) * gradient.square();
      parameters_.segment(first, count) -= rate * mean / (unbias * mean_square.sqrt() + epsilon);
    }
  }

  Matrix<float> points_;
  std::vector<std::size_t> labels_;
  std::size_t epochs_, batch_size_;
  Rule rule_;
  float rate_;
  Array start_, parameters_, gradients_, mean_, mean_square_;
  std::size_t steps_ = 0;
  std::vector<std::size_t> order_;
  std::vector<Layer> layers_;
  Matrix<float> batch_;
  Eigen::RowVectorXf sums_;
};

}  // namespace

std::unique_ptr<HandClassifier> make_classifier(const ClassifierTask& task) {
  std::unique_ptr<HandClassifier> net = std::make_unique<Classifier<EigenProducts>>(task);
#ifdef MICROGRAD_HAVE_OPENBLAS
  openblas_set_num_threads(1);
  std::unique_ptr<HandClassifier> other = std::make_unique<Classifier<OpenBlasProducts>>(task);
  const auto seconds_of = [](HandClassifier& one) { return shortest(3, [&] { one.run(); }); };
  if (seconds_of(*other) < seconds_of(*net)) return other;
#endif
  return net;
}

double single_peak() { return peak<float>(); }

}  // namespace bench
