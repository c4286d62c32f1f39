// The step of plain code, and the one that takes programs as long as it can.
#include <micrograd/train/batch_step.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include <micrograd/engine/leaves.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

class EagerStep final : public BatchStep {
 public:
  EagerStep(Task task, std::string why) : task_(std::move(task)), why_(std::move(why)) {}

  double backward(std::span<const std::size_t> rows, std::span<const double> weights, double total) override {
    const Model::Mode learning(task_.model, true);
    double sum_of_all = 0;
    std::vector<Value> losses;
    for (std::size_t at = 0; at < rows.size(); at += losses.size()) {
      losses.clear();
      const std::size_t end = at + std::min(task_.batch_size, rows.size() - at);
      for (std::size_t i = at; i < end; ++i) {
        Value loss = task_.loss(task_.model(task_.data->row(rows[i])), example(*task_.data, rows[i]));
        losses.push_back(task_.class_weights.empty() ? std::move(loss) : weights[i] * loss);
      }
      const Value sum_here = sum(losses);
      sum_here.backward(1 / total);
      sum_of_all += sum_here.data();
    }
    return sum_of_all;
  }

  double backward_on(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                     std::span<const double> data, std::span<double> grads) override {
    write_data(task_.parameters, data);
    write_grads(task_.parameters, 0);
    const double sum = backward(rows, weights, total);
    read_grads(task_.parameters, grads);
    return sum;
  }
  double backward_on(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                     std::span<const float> data, std::span<float> grads) override {
    std::vector<double> found(grads.size());
    const double sum =
        backward_on(rows, weights, total, std::vector<double>(data.begin(), data.end()), found);
    std::ranges::transform(found, grads.begin(), [](double grad) { return static_cast<float>(grad); });
    return sum;
  }

  Evaluation evaluate(const Dataset& data) override {
    return micrograd::evaluate(task_.model, data, task_.loss, task_.class_weights);
  }

  [[nodiscard]] bool compiled() const override { return false; }
  [[nodiscard]] std::string how() const override { return why_; }

 private:
  Task task_;
  std::string why_;
};

/// Goes over to plain code, for good, where a program refuses what it is given.
class BestStep final : public BatchStep {
 public:
  BestStep(Task task, Precision precision, Purpose first) : task_(std::move(task)) {
    attempt([&] { step_ = compiled_step(task_, precision, first); });
  }

  void begin_epoch(std::size_t row) override {
    attempt([&] { step_->begin_epoch(row); });
  }

  double backward(std::span<const std::size_t> rows, std::span<const double> weights, double total) override {
    double sum = 0;
    attempt([&] { sum = step_->backward(rows, weights, total); });
    return sum;
  }
  double backward_on(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                     std::span<const double> data, std::span<double> grads) override {
    double sum = 0;
    attempt([&] { sum = step_->backward_on(rows, weights, total, data, grads); });
    return sum;
  }
  double backward_on(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                     std::span<const float> data, std::span<float> grads) override {
    double sum = 0;
    attempt([&] { sum = step_->backward_on(rows, weights, total, data, grads); });
    return sum;
  }
  Evaluation evaluate(const Dataset& data) override {
    if (!step_->takes(data)) return eager_step(task_, "")->evaluate(data);
    Evaluation found{};
    attempt([&] { found = step_->evaluate(data); });
    return found;
  }

  [[nodiscard]] bool compiled() const override { return step_->compiled(); }
  [[nodiscard]] std::string how() const override { return step_->how(); }

 private:
  /// Whatever a program, or the tracing of it, throws: if it is the model or the loss that is wrong, plain
  /// code says so in its own words.
  template <class F> void attempt(const F& what) {
    if (step_ != nullptr && !step_->compiled()) return what();
    try {
      return what();
    } catch (const std::exception& problem) {
      const bool is_first = step_ == nullptr;
      step_ = eager_step(task_, problem.what());
      if (is_first) return;
    }
    what();
  }

  Task task_;
  std::unique_ptr<BatchStep> step_;
};

}  // namespace

std::unique_ptr<BatchStep> eager_step(Task task, std::string why) {
  return std::make_unique<EagerStep>(std::move(task), std::move(why));
}

std::unique_ptr<BatchStep> best_step(Task task, Precision precision, Purpose first) {
  return std::make_unique<BestStep>(std::move(task), precision, first);
}

}  // namespace micrograd
