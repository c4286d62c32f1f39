// What every trainable thing has in common: a list of parameters. Copies of a module share its parameters, as
// copies of a Value share its node.
#pragma once

#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {

class Module {
 public:
  virtual ~Module() = default;

  /// Handles on all trainable numbers, always in the same order.
  virtual std::vector<Value> parameters() const = 0;

  /// Sets the gradient of every parameter to 0.
  void zero_grad() const {
    for (const Value& parameter : parameters()) parameter.set_grad(0);
  }
};

}  // namespace micrograd
