// What turns gradients into better parameters. An optimiser holds handles on the parameters it was made for,
// and what it remembers of each can be read and put back exactly. The rules are PyTorch's.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {

/// Parameters that are treated alike, and how they differ from the optimiser's other ones.
struct ParameterGroup {
  std::vector<Value> parameters;
  double rate_factor = 1;                   ///< times the learning rate; finite, 0 or more
  std::optional<double> weight_decay = {};  ///< instead of the one in the options; finite, 0 or more
};

/// Numbers that an optimiser remembers between steps, by name.
struct NamedState {
  std::string name;
  std::vector<double> numbers;

  bool operator==(const NamedState&) const = default;
};

/// False if there is an infinity or a NaN.
bool all_finite(std::span<const double> numbers);
bool all_finite(std::span<const float> numbers);

class Optimiser {
 public:
  virtual ~Optimiser() = default;

  /// Moves every parameter once that is not frozen, by its gradient as it stands. The optimisers here throw
  /// UsageError if the gradient of one of these is infinite or NaN; then nothing has moved, and nothing is
  /// remembered of the step.
  virtual void step();
  /// The same to numbers that stand for the parameters' data and gradients, one for each. Returns false, and
  /// does nothing, if the optimiser can only move the parameters themselves.
  virtual bool step_on(std::span<double> data, std::span<const double> grads);
  /// The same in single precision. What the optimiser remembers between such steps may be of single precision
  /// too; one that only knows double precision is given that.
  virtual bool step_on(std::span<float> data, std::span<const float> grads);

  /// Sets the gradient of every parameter to 0.
  void zero_grad() const;

  double learning_rate() const { return learning_rate_; }
  /// Throws UsageError unless `rate` is finite and not negative.
  void set_learning_rate(double rate);

  /// All parameters, group by group.
  const std::vector<Value>& parameters() const { return parameters_; }
  /// The data of all parameters, in this order.
  std::vector<double> parameter_data() const;
  /// Puts it back. Throws UsageError unless there is one number for each parameter.
  void set_parameter_data(std::span<const double> data) const;
  /// Those that are not frozen, in the same order: what gradient clipping should look at.
  std::vector<Value> trainable_parameters() const;

  /// From now on step() leaves these parameters, and what it remembers of them, as they are, whatever their
  /// gradients, the momentum and the weight decay. Throws UsageError, and freezes nothing, if one of them is
  /// not a parameter of this optimiser.
  void freeze(std::span<const Value> parameters) { set_frozen("freeze", parameters, true); }
  /// Undoes freeze; throws likewise. What was remembered before is taken up again.
  void unfreeze(std::span<const Value> parameters) { set_frozen("unfreeze", parameters, false); }
  /// Throws UsageError if `parameter` is not a parameter of this optimiser.
  bool is_frozen(const Value& parameter) const;

  /// All that changes from step to step but the parameters themselves: `learning_rate`, one number; `frozen`,
  /// 0 or 1 for each parameter; and what each optimiser says, a number for each parameter.
  std::vector<NamedState> state() const;
  /// Goes on from where state() was read, to the bit, given the same parameters and options. Throws
  /// UsageError, and changes nothing, unless there is each name once, with as many numbers, in their ranges.
  void set_state(std::span<const NamedState> state);

 protected:
  /// One group, and nothing to remember.
  Optimiser(std::vector<Value> parameters, double learning_rate);

  enum class Range { any, not_negative, count };
  /// What is remembered of each parameter: a number that starts at 0.
  struct Memory {
    const char* name;
    Range range = Range::any;
    std::vector<double> numbers = {};
    std::vector<float> singles = {};  ///< in place of `numbers` after a step in single precision

    [[nodiscard]] std::vector<double> in_double() const;
  };
  /// Throws UsageError, in the name of `optimiser`, for a rate, a factor or a decay out of range, for a
  /// parameter that is listed twice, and for one that is the result of an operation.
  Optimiser(const char* optimiser, const std::vector<ParameterGroup>& groups, double learning_rate,
            double weight_decay, std::vector<Memory> memories);

  /// The numbers of the memory with this index, one for each parameter.
  template <class Real> std::span<Real> memory(std::size_t index) {
    if constexpr (std::is_same_v<Real, float>) {
      return singles(index);
    } else {
      return numbers(index);
    }
  }

  /// Parameters about to be moved: from `first` to before `last`, alike, none of them frozen.
  template <class Real>
  struct Run {
    std::size_t first;
    std::size_t last;
    Real rate;
    Real weight_decay;

    Real decayed(Real grad, Real data) const { return weight_decay != 0 ? grad + weight_decay * data : grad; }
  };
  /// Calls `move` for each Run in order, once all gradients are known to be finite. A rule is a plain loop
  /// over arrays, which compilers turn into vector instructions.
  template <class Real, class Move>
  void for_each_run(std::span<const Real> grads, const Move& move) {
    check_gradients(grads);
    for (const Group& group : groups_) {
      const double rate = learning_rate_ * group.rate_factor;
      for (std::size_t first = group.first; first < group.last;) {
        if (frozen_[first]) {
          ++first;
          continue;
        }
        std::size_t last = any_frozen_ ? first + 1 : group.last;
        while (last < group.last && !frozen_[last]) ++last;
        move(Run<Real>{.first = first,
                       .last = last,
                       .rate = static_cast<Real>(rate),
                       .weight_decay = static_cast<Real>(group.weight_decay)});
        first = last;
      }
    }
  }

  /// Throws UsageError for an option out of range.
  static void check_option(const std::string& what, double got, bool in_range, const char* expected);

 private:
  /// Parameters from `first` to before `last`.
  struct Group {
    std::size_t first;
    std::size_t last;
    double rate_factor;
    double weight_decay;
  };

  std::span<double> numbers(std::size_t memory);
  std::span<float> singles(std::size_t memory);
  void add_group(const std::string& optimiser, const ParameterGroup& group, double weight_decay);
  void check_parameters(const std::string& optimiser) const;
  template <class Real> void check_gradients(std::span<const Real> grads) const;
  std::size_t index_of(const char* function, const Value& parameter) const;
  void set_frozen(const char* function, std::span<const Value> parameters, bool frozen);

  std::vector<Value> parameters_;
  std::vector<Group> groups_;
  std::vector<bool> frozen_;
  bool any_frozen_ = false;
  std::vector<Memory> memories_;
  double learning_rate_ = 0;
  std::vector<double> data_, grads_;  ///< of all parameters, while a step is made
};

struct SGDOptions {
  double learning_rate = 0.01;
  double momentum = 0;      ///< how much of the velocity is kept a step, 0 or more
  double dampening = 0;     ///< how much of a gradient is kept out of the velocity, but for the first
  bool nesterov = false;    ///< looks one step of momentum ahead; needs momentum, and no dampening
  double weight_decay = 0;  ///< times the parameter, added to its gradient
};

/// Stochastic gradient descent: p -= rate * grad. With momentum p -= rate * velocity, where the new velocity
/// is momentum times the old one plus (1 - dampening) * grad. Remembers `velocity` and `steps` if there is
/// momentum.
class SGD final : public Optimiser {
 public:
  SGD(std::vector<Value> parameters, double learning_rate);
  /// Throws UsageError for options out of range.
  SGD(std::vector<Value> parameters, const SGDOptions& options);
  SGD(const std::vector<ParameterGroup>& groups, const SGDOptions& options);
  bool step_on(std::span<double> data, std::span<const double> grads) override;
  bool step_on(std::span<float> data, std::span<const float> grads) override;

 private:
  template <class Real> void move(std::span<Real> data, std::span<const Real> grads);

  SGDOptions options_;
};

struct RMSPropOptions {
  double learning_rate = 0.01;
  double smoothing = 0.99;  ///< how much of the mean squared gradient is kept a step, in [0, 1)
  double epsilon = 1e-8;    ///< keeps the quotient finite where gradients are 0
  double momentum = 0;      ///< how much of the velocity is kept a step, 0 or more
  bool centred = false;     ///< takes the variance of the gradient, not its mean square
  double weight_decay = 0;  ///< times the parameter, added to its gradient
};

/// RMSProp (Hinton 2012): steps of the gradient over the root of its mean square. Remembers `mean_square`;
/// `mean` if centred; `velocity` if there is momentum.
class RMSProp final : public Optimiser {
 public:
  /// Throws UsageError for options out of range.
  explicit RMSProp(std::vector<Value> parameters, const RMSPropOptions& options = {});
  explicit RMSProp(const std::vector<ParameterGroup>& groups, const RMSPropOptions& options = {});
  bool step_on(std::span<double> data, std::span<const double> grads) override;
  bool step_on(std::span<float> data, std::span<const float> grads) override;

 private:
  template <class Real> void move(std::span<Real> data, std::span<const Real> grads);

  RMSPropOptions options_;
};

struct AdamOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;       ///< how much of the mean gradient is kept a step, in [0, 1)
  double beta2 = 0.999;     ///< how much of the mean squared gradient is kept a step, in [0, 1)
  double epsilon = 1e-8;    ///< keeps the quotient finite where gradients are 0
  double weight_decay = 0;  ///< times the parameter, added to its gradient
};

/// Adam (Kingma and Ba 2015): steps of the mean gradient over the root of the mean squared gradient, both
/// running means that are corrected for having started from 0. Remembers `mean`, `mean_square` and `steps`.
class Adam final : public Optimiser {
 public:
  /// Throws UsageError for options out of range.
  explicit Adam(std::vector<Value> parameters, const AdamOptions& options = {});
  explicit Adam(const std::vector<ParameterGroup>& groups, const AdamOptions& options = {});
  bool step_on(std::span<double> data, std::span<const double> grads) override;
  bool step_on(std::span<float> data, std::span<const float> grads) override;

 private:
  template <class Real> void move(std::span<Real> data, std::span<const Real> grads);

  AdamOptions options_;
};

struct AdamWOptions {
  double learning_rate = 1e-3;
  double beta1 = 0.9;          ///< how much of the mean gradient is kept a step, in [0, 1)
  double beta2 = 0.999;        ///< how much of the mean squared gradient is kept a step, in [0, 1)
  double epsilon = 1e-8;       ///< keeps the quotient finite where gradients are 0
  double weight_decay = 0.01;  ///< times the rate and the parameter, taken off the parameter before the step
};

/// AdamW (Loshchilov and Hutter 2019): Adam with a weight decay that does not go through the means. Remembers
/// the same.
class AdamW final : public Optimiser {
 public:
  /// Throws UsageError for options out of range.
  explicit AdamW(std::vector<Value> parameters, const AdamWOptions& options = {});
  explicit AdamW(const std::vector<ParameterGroup>& groups, const AdamWOptions& options = {});
  bool step_on(std::span<double> data, std::span<const double> grads) override;
  bool step_on(std::span<float> data, std::span<const float> grads) override;

 private:
  template <class Real> void move(std::span<Real> data, std::span<const Real> grads);

  AdamWOptions options_;
};

}  // namespace micrograd
