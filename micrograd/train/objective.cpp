// Rows, one by one, before the model and the loss.
#include <micrograd/train/objective.hpp>

#include <limits>
#include <string>
#include <vector>

#include <micrograd/engine/modes.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

Example example(const Dataset& data, std::size_t row) {
  return {.label = data.labels.empty() ? 0 : data.labels[row],
          .target = data.targets.empty() ? 0 : data.targets[row]};
}

double weight_of(const Example& example, std::span<const double> class_weights) {
  if (class_weights.empty()) return 1;
  if (example.label < class_weights.size()) return class_weights[example.label];
  throw UsageError("fit: a class has no weight (got label " + std::to_string(example.label) + " and " +
                   std::to_string(class_weights.size()) + " class weights)");
}

void check_answers(const char* who, const Dataset& data) {
  if (data.rows() == 0) {
    throw UsageError(std::string(who) + ": there is nothing to look at (got 0 rows, expected 1 or more)");
  }
  if (data.labels.empty() && data.targets.empty()) {
    throw UsageError(std::string(who) +
                     ": the rows do not say what is to be predicted (got neither labels nor " +
                     "targets, expected " + std::to_string(data.rows()) + " of one)");
  }
}

Evaluation evaluate(const Model& model, const Dataset& data, const Loss& loss,
                    std::span<const double> class_weights) {
  check_answers("evaluate", data);
  const NoGrad answers_only;
  const Model::Mode judged(model, false);
  double total = 0, weights = 0;
  std::size_t right = 0;
  std::vector<std::size_t> predicted;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const std::vector<Value> outputs = model(data.row(row));
    const Example expected = example(data, row);
    const double weight = weight_of(expected, class_weights);
    total += weight * loss(outputs, expected).data();
    weights += weight;
    if (data.labels.empty()) continue;
    predicted.push_back(predicted_class(outputs));
    if (predicted.back() == expected.label) ++right;
  }
  const double share = static_cast<double>(right) / static_cast<double>(data.rows());
  return {.loss = total / weights,
          .accuracy = data.labels.empty() ? std::numeric_limits<double>::quiet_NaN() : share,
          .predicted = std::move(predicted)};
}

}  // namespace micrograd
