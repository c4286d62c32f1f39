// What every trainable thing has in common: a list of parameters, each with a name. Copies of a module share
// its parameters, as copies of a Value share its node, and share whether it is being trained.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {

struct NamedParameter {
  std::string name;
  Value value;
};

class Module {
 public:
  virtual ~Module() = default;

  /// Handles on all trainable numbers, always in the same order.
  virtual std::vector<Value> parameters() const = 0;

  /// The same parameters in the same order, each with a name of its own that depends on nothing but its
  /// place: `layers.0.neurons.3.weights.5`, `layers.0.neurons.3.bias`. A module that does not say otherwise
  /// calls them `parameters.0`, `parameters.1`, …
  virtual std::vector<NamedParameter> named_parameters() const;

  /// Sets the gradient of every parameter to 0.
  void zero_grad() const {
    for (const Value& parameter : parameters()) parameter.set_grad(0);
  }

  /// Switches to training, or away from it, for this module and its copies. Makes no difference to a module
  /// that computes the same in both, which is each one here but an MLP with dropout.
  virtual void train(bool /*training*/ = true) const {}
  void evaluate() const { train(false); }
  /// False, too, for a module that knows no difference.
  virtual bool training() const { return false; }

 protected:
  /// Adds what `part` has, with `name` and a dot before each name.
  static void append_named(std::vector<NamedParameter>& all, const std::string& name, const Module& part);
};

/// The parameters called `name`, and those below it: "layers.0" names a whole layer,
/// "layers.0.neurons.3.bias" one number. Throws UsageError where there are none.
std::vector<Value> parameters_named(const Module& module, std::string_view name);

/// Takes a module out of training for as long as it lives: `const EvaluationMode guard(net);`. The module
/// must outlive it.
class EvaluationMode {
 public:
  explicit EvaluationMode(const Module& module) : module_(module), before_(module.training()) {
    module_.train(false);
  }
  ~EvaluationMode() { module_.train(before_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  const Module& module_;
  bool before_;
};

}  // namespace micrograd
