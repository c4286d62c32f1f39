// Counts right answers, without recording graphs for them.
#include <micrograd/train/accuracy.hpp>

#include <algorithm>
#include <string>

#include <micrograd/engine/modes.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

Model::Mode::Mode(const Model& model, bool training)
    : module_(model.module_.get()), before_(module_ != nullptr && module_->training()) {
  if (module_ != nullptr) module_->train(training);
}

Model::Mode::~Mode() {
  if (module_ != nullptr) module_->train(before_);
}

std::vector<Value> Model::operator()(std::span<const Value> row) const {
  if (on_values_) return on_values_(row);
  throw UsageError(
      "the model takes plain numbers only (got a function of std::span<const double>, expected one of "
      "std::span<const Value>)");
}

std::vector<Value> Model::parameters() const {
  return module_ == nullptr ? std::vector<Value>() : module_->parameters();
}

namespace {

template <class Number, class Data>
std::size_t class_by(std::span<const Number> outputs, const Data& data) {
  if (outputs.empty()) {
    throw UsageError("predicted_class: no outputs to choose from (got 0, expected 1 or more)");
  }
  if (outputs.size() == 1) return data(outputs[0]) > 0 ? 1 : 0;
  const auto by_data = [&data](const Number& a, const Number& b) { return data(a) < data(b); };
  return static_cast<std::size_t>(std::max_element(outputs.begin(), outputs.end(), by_data) -
                                  outputs.begin());
}

}  // namespace

std::size_t predicted_class(std::span<const Value> outputs) {
  return class_by(outputs, [](const Value& output) { return output.data(); });
}

std::size_t predicted_class(std::span<const double> outputs) {
  return class_by(outputs, [](double output) { return output; });
}

double accuracy(const Model& model, const Dataset& data) {
  if (data.rows() == 0) {
    throw UsageError("accuracy: nothing to be right about (got 0 rows, expected 1 or more)");
  }
  if (data.labels.empty()) {
    throw UsageError("accuracy: the rows have no classes to be compared with (got 0 labels, expected " +
                     std::to_string(data.rows()) + ")");
  }
  const NoGrad answers_only;
  const Model::Mode judged(model, false);
  std::size_t right = 0;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    if (predicted_class(model(data.row(i))) == data.labels[i]) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(data.rows());
}

}  // namespace micrograd
