// The step of compiled programs: one to learn by and one to judge by, each made when needed.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <micrograd/engine/leaves.hpp>
#include <micrograd/error.hpp>
#include <micrograd/train/batch_step.hpp>
#include <micrograd/train/row_program.hpp>

namespace micrograd {
namespace {

/// Rows that are judged together.
constexpr std::size_t judged_at_once = 1024;

/// Gives the generators back what was drawn, unless all goes well.
class Draws {
 public:
  explicit Draws(std::span<const Draw> draws) {
    for (const Draw& draw : draws) before_.emplace_back(draw.dropout, draw.dropout->random());
  }
  ~Draws() {
    // The first copy of a generator is the oldest.
    for (std::size_t i = before_.size(); !kept_ && i-- > 0;) before_[i].first->random() = before_[i].second;
  }
  Draws(const Draws&) = delete;
  Draws& operator=(const Draws&) = delete;
  void keep() { kept_ = true; }

 private:
  std::vector<std::pair<Dropout*, Random>> before_;
  bool kept_ = false;
};

template <class Real>
class CompiledStep final : public BatchStep {
 public:
  CompiledStep(const Task& task, Purpose first) : task_(task), classes_(task_) {
    const std::size_t outputs = program(first).outputs();
    if (task_.data->labels.empty()) check_loss_of_numbers(task_, outputs);
  }

  void begin_epoch(std::size_t row) override {
    if (error_of(row) <= rounding_) return;
    // A program keeps the plain numbers that it found when it was made.
    learning_.reset();
    judging_.reset();
    const double error = error_of(row);
    if (!(error <= (is_single ? 1e-2 : 1e-6))) {
      throw UsageError("the programs find other losses than the functions that they were made of");
    }
    rounding_ = std::max(rounding_, 4 * error);  // it was nothing else then
  }

  double backward(std::span<const std::size_t> rows, std::span<const double> weights, double total) override {
    return run(rows, weights, total, [](const auto& program, const auto& table, const auto& seeds) {
      return program.backward_seeded(table, {}, seeds);
    });
  }

  double backward_on(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                     std::span<const double> data, std::span<double> grads) override {
    return backward_with(rows, weights, total, data, grads);
  }
  double backward_on(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                     std::span<const float> data, std::span<float> grads) override {
    return backward_with(rows, weights, total, data, grads);
  }

  Evaluation evaluate(const Dataset& data) override {
    RowProgram<Real>& judging = program(Purpose::judging);
    const Model::Mode mode(task_.model, false);
    Draws draws(judging.draws());
    double total = 0, weights = 0;
    std::size_t right = 0;
    std::vector<std::size_t> predicted;
    std::vector<std::size_t> rows;
    const std::size_t width = judging.program().outputs();
    std::vector<Real> results;
    std::vector<double> outputs(width - 1);
    for (std::size_t at = 0; at < data.rows(); at += rows.size()) {
      rows.resize(std::min(judged_at_once, data.rows() - at));
      std::iota(rows.begin(), rows.end(), at);
      results.resize(rows.size() * width);
      judging.program().run(judging.table(data, rows), Rows<Real>(results.data(), rows.size(), width));
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const Real* const result = &results[i * width];
        const Example expected = example(data, rows[i]);
        const double weight = weight_of(expected, task_.class_weights);
        total += weight * static_cast<double>(*result);
        weights += weight;
        std::copy_n(result + 1, width - 1, outputs.begin());
        if (data.labels.empty()) continue;
        predicted.push_back(predicted_class(outputs));
        if (predicted.back() == expected.label) ++right;
      }
    }
    draws.keep();
    const double share = static_cast<double>(right) / static_cast<double>(data.rows());
    return {.loss = total / weights,
            .accuracy = data.labels.empty() ? std::numeric_limits<double>::quiet_NaN() : share,
            .predicted = std::move(predicted)};
  }

  [[nodiscard]] bool takes(const Dataset& data) const override {
    return data.rows() > 0 && data.columns == task_.data->columns &&
           data.labels.empty() == task_.data->labels.empty() &&
           data.targets.empty() == task_.data->targets.empty() &&
           std::ranges::all_of(data.labels, [this](std::size_t label) { return classes_.knows(label); });
  }

  [[nodiscard]] bool compiled() const override { return true; }

  [[nodiscard]] std::string how() const override {
    std::size_t paths = 0;
    if (learning_) {
      paths = learning_->program().paths();
    } else if (judging_) {
      paths = judging_->program().paths();
    }
    return std::to_string(paths) + (paths == 1 ? " program" : " programs") + " for " +
           std::to_string(task_.rows_per_step) + " rows at a time";
  }

 private:
  static constexpr bool is_single = std::is_same_v<Real, float>;

  /// On numbers of the program's kind, and on others.
  template <class Number>
  double backward_with(std::span<const std::size_t> rows, std::span<const double> weights, double total,
                       std::span<const Number> data, std::span<Number> grads) {
    return run(rows, weights, total, [&](const auto& program, const auto& table, const auto& seeds) {
      const std::span<const Value> others = learning_->other_parameters();
      if constexpr (std::is_same_v<Number, Real>) {
        if (others.empty()) return program.backward_seeded(table, {}, seeds, data, grads);
      }
      const std::size_t own = data.size();
      std::vector<double> of_others(others.size());
      read_data(others, of_others);
      all_data_.assign(data.begin(), data.end());
      all_data_.insert(all_data_.end(), of_others.begin(), of_others.end());
      all_grads_.resize(all_data_.size());
      const double mean = program.backward_seeded(table, {}, seeds, all_data_, all_grads_);
      std::copy_n(all_grads_.begin(), own, grads.begin());
      std::copy(all_grads_.begin() + static_cast<std::ptrdiff_t>(own), all_grads_.end(), of_others.begin());
      add_grads(others, of_others);
      return mean;
    });
  }

  /// How far the program's loss is from that of plain code, by the size of what it is computed from.
  double error_of(std::size_t row) {
    const Model::Mode mode(task_.model, true);
    RowProgram<Real>& learning = program(Purpose::learning);
    const std::vector<double> expected = learning.plain_results(row);
    const std::array<Real, 1> seed{1};
    const Rows<const Real> table = learning.table(*task_.data, std::span(&row, 1), false);
    std::vector<double> data(learning.parameters().size());
    read_data(learning.parameters(), data);
    all_data_.assign(data.begin(), data.end());
    all_grads_.resize(data.size());
    const double found =
        learning.program().backward_seeded(table, {}, std::span<const Real>(seed), all_data_, all_grads_);
    // What is not finite is for the step to say.
    if (!std::isfinite(expected[0])) return std::isfinite(found) ? 1 : 0;
    double size = 1;
    for (const double result : expected) size += std::abs(result);
    return std::abs(found - expected[0]) / size;
  }

  /// `backward(program, table, seeds)` of these rows, in training.
  template <class Backward>
  double run(std::span<const std::size_t> rows, std::span<const double> weights, double total,
             const Backward& backward) {
    const Model::Mode mode(task_.model, true);
    RowProgram<Real>& learning = program(Purpose::learning);
    Draws draws(learning.draws());
    const Rows<const Real> table = learning.table(*task_.data, rows);
    seeds_.clear();
    for (const double weight : weights) seeds_.push_back(static_cast<Real>(weight / total));
    const double mean = backward(learning.program(), table, std::span<const Real>(seeds_));
    draws.keep();
    return mean * total;
  }

  RowProgram<Real>& program(Purpose purpose) {
    std::optional<RowProgram<Real>>& place = purpose == Purpose::learning ? learning_ : judging_;
    if (!place) place.emplace(task_, classes_, purpose);
    return *place;
  }

  const Task task_;
  const Classes classes_;
  std::optional<RowProgram<Real>> learning_, judging_;
  double rounding_ = is_single ? 1e-5 : 1e-12;  ///< what error may be nothing but that
  std::vector<Real> seeds_;
  std::vector<Real> all_data_, all_grads_;  ///< of the optimiser's parameters, and then of the others
};

}  // namespace

std::unique_ptr<BatchStep> compiled_step(const Task& task, Precision precision, Purpose first) {
  if (precision == Precision::float32) return std::make_unique<CompiledStep<float>>(task, first);
  return std::make_unique<CompiledStep<double>>(task, first);
}

}  // namespace micrograd
