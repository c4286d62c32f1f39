// What turns gradients into better parameters. An optimiser holds handles on the parameters it was made for.
#pragma once

#include <utility>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {

class Optimiser {
 public:
  virtual ~Optimiser() = default;

  /// Moves every parameter once, by its gradient as it stands.
  virtual void step() = 0;

  /// Sets the gradient of every parameter to 0.
  void zero_grad() const;

  double learning_rate() const { return learning_rate_; }
  /// Throws UsageError unless `rate` is finite and not negative.
  void set_learning_rate(double rate);

 protected:
  Optimiser(std::vector<Value> parameters, double learning_rate);

  const std::vector<Value>& parameters() const { return parameters_; }

 private:
  std::vector<Value> parameters_;
  double learning_rate_ = 0;
};

/// Stochastic gradient descent: p -= rate * grad.
class SGD final : public Optimiser {
 public:
  SGD(std::vector<Value> parameters, double learning_rate)
      : Optimiser(std::move(parameters), learning_rate) {}
  void step() override;
};

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;     ///< how much of the mean gradient is kept a step, in [0, 1)
  double beta2 = 0.999;   ///< how much of the mean squared gradient is kept a step, in [0, 1)
  double epsilon = 1e-8;  ///< keeps the quotient finite where gradients are 0
};

/// Adam (Kingma and Ba 2015): steps of the mean gradient over the root of the mean squared gradient, both
/// running means that are corrected for having started from 0.
class Adam final : public Optimiser {
 public:
  /// Throws UsageError for options out of range.
  explicit Adam(std::vector<Value> parameters, const AdamOptions& options = {});
  void step() override;

 private:
  AdamOptions options_;
  std::vector<double> mean_;
  std::vector<double> mean_square_;
  double steps_ = 0;
};

}  // namespace micrograd
