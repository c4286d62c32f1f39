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

/// A net as the trainer sees it: outputs for one row. Made of anything that can be called with numbers, or
/// with Values (`std::span<const Value>`), or with either; what takes Values can be compiled. If it is a
/// Module, its mode (dropout or not) is shared, as copies of a Module share it.
class Model {
  template <class Net, class Number>
  static constexpr bool takes = std::is_invocable_r_v<std::vector<Value>, Net&, std::span<const Number>>;

 public:
  template <class Net>
    requires(!std::same_as<Net, Model> && (takes<Net, double> || takes<Net, Value>))
  Model(Net net) {
    if constexpr (std::derived_from<Net, Module> || takes<Net, Value>) {
      const auto shared = std::make_shared<Net>(std::move(net));
      if constexpr (takes<Net, double>) outputs_ = [shared](Row row) { return (*shared)(row); };
      if constexpr (takes<Net, Value>) on_values_ = [shared](Values row) { return (*shared)(row); };
      if constexpr (std::derived_from<Net, Module>) module_ = shared;
    } else {
      outputs_ = std::move(net);
    }
  }

  std::vector<Value> operator()(std::span<const double> row) const {
    if (outputs_) return outputs_(row);
    return on_values_(std::vector<Value>(row.begin(), row.end()));
  }
  /// Throws UsageError for a model that takes plain numbers only.
  std::vector<Value> operator()(std::span<const Value> row) const;

  /// Of a Module; none are known of other models.
  std::vector<Value> parameters() const;

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
  using Row = std::span<const double>;
  using Values = std::span<const Value>;

  std::function<std::vector<Value>(Row row)> outputs_;
  std::function<std::vector<Value>(Values row)> on_values_;
  std::shared_ptr<const Module> module_;
};

/// The class that outputs stand for. One output is a score for two classes: 1 where it is above 0, else 0. Of
/// several outputs, the largest wins (the first of equals). Throws UsageError if there are none.
std::size_t predicted_class(std::span<const Value> outputs);
std::size_t predicted_class(std::span<const double> outputs);

/// The share, from 0 to 1, of rows whose predicted class is their label; without dropout. Throws UsageError
/// if there are no rows.
double accuracy(const Model& model, const Dataset& data);

}  // namespace micrograd
