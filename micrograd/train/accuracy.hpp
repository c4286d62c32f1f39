// The share of examples that a model gets right.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include <micrograd/engine/value.hpp>
#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// A net as the trainer sees it: outputs for one row of numbers. An MLP is one as it stands.
using Model = std::function<std::vector<Value>(std::span<const double> row)>;

/// The class that outputs stand for. One output is a score for two classes: 1 where it is above 0, else 0. Of
/// several outputs, the largest wins (the first of equals). Throws UsageError if there are none.
std::size_t predicted_class(std::span<const Value> outputs);

/// The share, from 0 to 1, of rows whose predicted class is their label. Throws UsageError if there are no
/// rows.
double accuracy(const Model& model, const Dataset& data);

}  // namespace micrograd
