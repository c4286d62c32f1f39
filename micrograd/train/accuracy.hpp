// The share of examples that a model gets right.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <micrograd/engine/value.hpp>
#include <micrograd/nn/module.hpp>
#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// A net as the trainer sees it: outputs for one row of numbers. Made of anything that can be called so; if
/// that is a Module, its mode (dropout or not) is shared, as copies of a Module share it.
class Model {
 public:
  template <class Net>
    requires(!std::same_as<Net, Model> &&
             std::is_invocable_r_v<std::vector<Value>, Net&, std::span<const double>>)
  Model(Net net) {
    if constexpr (std::derived_from<Net, Module>) {
      const auto shared = std::make_shared<const Net>(std::move(net));
      outputs_ = [shared](std::span<const double> row) { return (*shared)(row); };
      module_ = shared;
    } else {
      outputs_ = std::move(net);
    }
  }

  std::vector<Value> operator()(std::span<const double> row) const { return outputs_(row); }

  /// For as long as it lives the model is in training, or out of it; then again as it was.
  class Mode {
   public:
    Mode(const Model& model, bool training);
    ~Mode();
    Mode(const Mode&) = delete;
    Mode& operator=(const Mode&) = delete;

   private:
    const Module* module_;
    bool before_;
  };

 private:
  std::function<std::vector<Value>(std::span<const double> row)> outputs_;
  std::shared_ptr<const Module> module_;
};

/// The class that outputs stand for. One output is a score for two classes: 1 where it is above 0, else 0. Of
/// several outputs, the largest wins (the first of equals). Throws UsageError if there are none.
std::size_t predicted_class(std::span<const Value> outputs);

/// The share, from 0 to 1, of rows whose predicted class is their label; without dropout. Throws UsageError
/// if there are no rows.
double accuracy(const Model& model, const Dataset& data);

}  // namespace micrograd
