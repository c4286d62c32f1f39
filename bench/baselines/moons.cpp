// Plain-double version of W1. Loop order: points outermost, then layers, then neurons, then a neuron's
// inputs; sums run in the order in which micrograd adds. Reverse is the mirror image. Widths are known at run
// time only.
#include <algorithm>

#include "baselines.hpp"

namespace bench::plain {
namespace {

double relu(double x) { return x < 0 ? 0 : x; }

}  // namespace

Net::Net(std::size_t inputs, const std::vector<std::size_t>& widths, std::vector<double> parameters)
    : p_(std::move(parameters)), grad_(p_.size()) {
  std::size_t begin = 0, widest = inputs;
  for (const std::size_t width : widths) {
    layers_.push_back({inputs, width, begin, signal_count_, true});
    begin += (inputs + 1) * width;
    signal_count_ += width;
    inputs = width;
    widest = std::max(widest, width);
  }
  layers_.back().relu = false;
  grad_inputs_.resize(widest);
  grad_outputs_.resize(widest);
}

double Net::forward(const double* x, double* signals) const {
  for (const Layer& layer : layers_) {
    const double* w = &p_[layer.parameters];
    double* const y = signals + layer.signals;
    for (std::size_t n = 0; n < layer.outputs; ++n, w += layer.inputs + 1) {
      double total = w[0] * x[0];
      for (std::size_t k = 1; k < layer.inputs; ++k) total += w[k] * x[k];
      total += w[layer.inputs];
      y[n] = layer.relu ? relu(total) : total;
    }
    x = y;
  }
  return x[0];
}

void Net::backward(const double* x, const double* signals, double grad_score) {
  grad_outputs_[0] = grad_score;
  for (std::size_t l = layers_.size(); l-- > 0;) {
    const Layer& layer = layers_[l];
    const double* const input = l == 0 ? x : signals + layers_[l - 1].signals;
    const double* const y = signals + layer.signals;
    const double* w = &p_[layer.parameters];
    double* grad_w = &grad_[layer.parameters];
    double* const grad_input = grad_inputs_.data();
    std::fill_n(grad_input, layer.inputs, 0.0);
    for (std::size_t n = 0; n < layer.outputs; ++n, w += layer.inputs + 1, grad_w += layer.inputs + 1) {
      const double grad = layer.relu && !(y[n] > 0) ? 0.0 : grad_outputs_[n];
      for (std::size_t k = 0; k < layer.inputs; ++k) {
        grad_w[k] += grad * input[k];
        grad_input[k] += grad * w[k];
      }
      grad_w[layer.inputs] += grad;
    }
    std::swap(grad_inputs_, grad_outputs_);
  }
}

double Net::step(std::span<const double> points, std::span<const double> targets, double rate) {
  const std::size_t count = targets.size(), inputs = layers_.front().inputs;
  signals_.resize(count * signal_count_);
  double total = 0, squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    total += relu(1 - targets[i] * forward(&points[i * inputs], &signals_[i * signal_count_]));
  }
  for (const double p : p_) squares += p * p;
  const double loss = total / static_cast<double>(count) + 1e-4 * squares;

  for (std::size_t k = 0; k < p_.size(); ++k) grad_[k] = 2e-4 * p_[k];
  for (std::size_t i = count; i-- > 0;) {
    const double* const signals = &signals_[i * signal_count_];
    const bool misses = 1 - targets[i] * signals[signal_count_ - 1] > 0;
    backward(&points[i * inputs], signals, misses ? -targets[i] / static_cast<double>(count) : 0.0);
  }
  double slopes = 0;
  for (std::size_t k = 0; k < p_.size(); ++k) {
    slopes += grad_[k];
    p_[k] -= rate * grad_[k];
  }
  return loss + slopes;
}

}  // namespace bench::plain
