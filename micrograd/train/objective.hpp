// What a net is trained for: what each row stands for, how wrong an answer is, and how wrong all of them are.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include <micrograd/engine/value.hpp>
#include <micrograd/train/accuracy.hpp>
#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// What a row stands for. Converts to whichever of the two a loss asks for.
struct Example {
  std::size_t label = 0;  ///< its class, in a data set of classes
  double target = 0;      ///< its number, in a data set of numbers

  operator std::size_t() const { return label; }
  operator double() const { return target; }
};

/// Row `row` of a data set, without its numbers.
Example example(const Dataset& data, std::size_t row);

/// How wrong the outputs for one row are. `cross_entropy` and `multiclass_hinge` are such losses as they
/// stand; for a net with one output, wrap `hinge`:
///   [](std::span<const Value> outputs, std::size_t label) { return hinge(outputs[0], label == 1 ? 1 : -1); }
using Loss = std::function<Value(std::span<const Value> outputs, const Example& example)>;

/// How much a row counts: the weight of its class, or 1 where there are no weights. Throws UsageError if its
/// class has none.
double weight_of(const Example& example, std::span<const double> class_weights);

/// How good a model is on a data set.
struct Evaluation {
  double loss;      ///< mean, weighted as in training, without penalties
  double accuracy;  ///< share of rows whose class is predicted; NaN for a data set of numbers
  std::vector<std::size_t> predicted = {};  ///< the class predicted for each row; empty for one of numbers
};

/// Nothing is recorded, no dropout. Throws UsageError if there are no rows, or a label has no weight.
Evaluation evaluate(const Model& model, const Dataset& data, const Loss& loss,
                    std::span<const double> class_weights = {});

/// Throws UsageError, in the name of `who`, if there are no rows or they do not say what is to be predicted.
void check_answers(const char* who, const Dataset& data);

}  // namespace micrograd
