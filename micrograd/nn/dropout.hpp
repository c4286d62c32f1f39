// Dropout (Srivastava et al. 2014), the inverted kind: in training each signal is left out with some
// probability, and those that stay are made larger so that the mean is the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <micrograd/engine/value.hpp>
#include <micrograd/nn/random.hpp>

namespace micrograd {

class Dropout;

/// While it lives, no Dropout of this thread draws: it asks here for what its signals are multiplied by. For
/// whoever compiles a net: a program takes these factors as inputs, drawn beforehand. The latest one is
/// asked.
class DropoutFactors {
 public:
  DropoutFactors();
  virtual ~DropoutFactors();
  DropoutFactors(const DropoutFactors&) = delete;
  DropoutFactors& operator=(const DropoutFactors&) = delete;

  /// One for each of `count` signals, to be used at once.
  virtual std::span<const Value> factors(Dropout& dropout, std::size_t count) = 0;

 private:
  DropoutFactors* before_;
};

class Dropout {
 public:
  /// Leaves out signals with probability `probability`. Throws UsageError unless 0 <= probability < 1.
  Dropout(double probability, std::uint64_t seed);

  double probability() const { return probability_; }

  bool training() const { return training_; }
  void train(bool training) { training_ = training; }

  /// In training, and unless the probability is 0, multiplies each signal by 0 or by 1 / (1 - probability),
  /// one draw and one node for each, in order. Otherwise draws nothing and records nothing.
  void apply(std::span<Value> signals) {
    if (training_ && probability_ > 0) leave_out(signals);
  }

  /// What a signal is multiplied by, drawn: 0, or 1 / (1 - probability).
  double draw() { return random_.uniform() < probability_ ? 0.0 : 1 / (1 - probability_); }

  /// Where the draws come from.
  Random& random() { return random_; }

 private:
  void leave_out(std::span<Value> signals);

  double probability_;
  bool training_ = true;
  Random random_;
};

}  // namespace micrograd
