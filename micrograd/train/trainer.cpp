// A step: the next rows' losses and gradients, penalties, clipping, the update.
#include <micrograd/train/trainer.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/leaves.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/random.hpp>
#include <micrograd/train/clip.hpp>

namespace micrograd {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// The order of an epoch follows from seed and epoch alone, so a run can be taken up in the middle of one.
/// SplitMix64 (Steele, Lea and Flood 2014) makes far-apart seeds of neighbouring epochs.
std::uint64_t seed_of_epoch(std::uint64_t seed, std::size_t epoch) {
  std::uint64_t mixed = seed + (epoch + 1) * 0x9e3779b97f4a7c15U;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

void check_positive(const char* option, std::size_t value, const char* what) {
  if (value > 0) return;
  throw UsageError(std::string("fit: ") + what + " (got " + option + " 0, expected 1 or more)");
}

void check_limit(const char* option, double value, bool in_range, const char* expected) {
  if (in_range) return;
  throw UsageError(std::string("fit: ") + option + " is out of range (got " + engine::describe_number(value) +
                   ", expected " + expected + ")");
}

// Leaves hold doubles, which take floats as they are.

void read(std::span<const Value> leaves, std::span<double> data, std::span<double> grads) {
  read_leaves(leaves, data, grads);
}
void read(std::span<const Value> leaves, std::span<float> data, std::span<float> grads) {
  std::vector<double> wide_data(data.size()), wide_grads(grads.size());
  read_leaves(leaves, wide_data, wide_grads);
  const auto narrow = [](double number) { return static_cast<float>(number); };
  std::ranges::transform(wide_data, data.begin(), narrow);
  std::ranges::transform(wide_grads, grads.begin(), narrow);
}

void write(std::span<const Value> leaves, std::span<const double> data, std::span<const double> grads) {
  write_leaves(leaves, data, grads);
}
void write(std::span<const Value> leaves, std::span<const float> data, std::span<const float> grads) {
  // One that has not moved keeps what no float can hold.
  std::vector<double> wide(data.size());
  read_data(leaves, wide);
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (static_cast<float>(wide[i]) != data[i]) wide[i] = data[i];
  }
  write_leaves(leaves, wide, std::vector<double>(grads.begin(), grads.end()));
}

}  // namespace

Trainer::Trainer(Model model, const Dataset& data, Optimiser& optimiser, Loss loss, FitOptions options,
                 const Dataset* held_out)
    : data_(data),
      optimiser_(optimiser),
      options_(std::move(options)),
      held_out_(held_out),
      base_rate_(optimiser.learning_rate()),
      started_(now()) {
  check_answers("fit", data);
  if (held_out != nullptr) check_answers("fit: held-out rows", *held_out);
  constexpr std::size_t most_epochs = 1'000'000'000;
  if (options_.epochs > most_epochs) {
    throw UsageError("fit: too many epochs (got " + std::to_string(options_.epochs) + ", expected at most " +
                     std::to_string(most_epochs) + ")");
  }
  check_positive("batch_size", options_.batch_size, "a batch needs rows");
  check_positive("accumulate", options_.accumulate, "a step needs batches");
  check_limit("clip_value", options_.clip_value, options_.clip_value > 0, "more than 0");
  check_limit("clip_norm", options_.clip_norm, options_.clip_norm > 0, "more than 0");
  check_limit("l1", options_.l1, options_.l1 >= 0 && std::isfinite(options_.l1), "0 or more");
  check_limit("l2", options_.l2, options_.l2 >= 0 && std::isfinite(options_.l2), "0 or more");
  for (const double weight : options_.class_weights) {
    check_limit("a class weight", weight, weight > 0 && std::isfinite(weight), "more than 0");
  }
  order_rows();
  Task task{.model = std::move(model),
            .loss = std::move(loss),
            .parameters = optimiser.parameters(),
            .data = &data,
            .held_out = held_out,
            .class_weights = options_.class_weights,
            .batch_size = options_.batch_size,
            .rows_per_step = rows_per_step()};
  step_ = options_.eager ? eager_step(std::move(task), "eager was asked for")
                         : best_step(std::move(task), options_.precision);
  if (options_.precision == Precision::float32 && step_->compiled()) numbers_ = Numbers<float>();
}

void Trainer::order_rows() {
  order_.resize(data_.rows());
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  Random(seed_of_epoch(options_.seed, progress_.epochs)).shuffle(order_);
}

std::size_t Trainer::rows_per_step() const {
  const std::size_t rows = data_.rows();
  if (options_.batch_size >= rows || options_.accumulate >= rows) return rows;  // the product may overflow
  return std::min(options_.batch_size * options_.accumulate, rows);
}

std::size_t Trainer::steps_per_epoch() const {
  return (data_.rows() + rows_per_step() - 1) / rows_per_step();
}

bool Trainer::done() const {
  const bool gave_up = options_.patience > 0 && progress_.stale >= options_.patience;
  return progress_.epochs >= options_.epochs || gave_up;
}

void Trainer::fail_step(const char* what, double number) const {
  throw Error("fit: " + std::string(what) + (std::isnan(number) ? " not a number" : " infinite") +
              " (epoch " + std::to_string(progress_.epochs + 1) + ", step " +
              std::to_string(progress_.steps + 1) + ", learning rate " +
              engine::describe_number(optimiser_.learning_rate()) +
              "); a lower learning rate or clipped gradients may help");
}

/// What penalties and limits make of the gradient of the loss.
template <class Real> void Trainer::shape_gradient(Numbers<Real>& numbers) {
  const bool limited = std::isfinite(options_.clip_value) || std::isfinite(options_.clip_norm);
  if (options_.l1 == 0 && options_.l2 == 0 && !limited) return;
  write(optimiser_.parameters(), numbers.data, numbers.grads);
  const std::vector<Value> trainable = optimiser_.trainable_parameters();
  if (options_.l1 > 0) (options_.l1 * l1(trainable)).backward();
  if (options_.l2 > 0) (options_.l2 * l2(trainable)).backward();
  if (std::isfinite(options_.clip_value)) clip_by_value(trainable, options_.clip_value);
  if (std::isfinite(options_.clip_norm)) clip_by_norm(trainable, options_.clip_norm);
  read(optimiser_.parameters(), numbers.data, numbers.grads);
}

template <class Real> void Trainer::move_parameters(Numbers<Real>& numbers) {
  if (optimiser_.step_on(std::span(numbers.data), std::span<const Real>(numbers.grads))) return;
  write(optimiser_.parameters(), numbers.data, numbers.grads);
  optimiser_.step();
  read(optimiser_.parameters(), numbers.data, numbers.grads);
}

template <class Real>
void Trainer::learn_from(std::span<const std::size_t> rows, double weights, Numbers<Real>& numbers) {
  numbers.data.resize(optimiser_.parameters().size());
  numbers.grads.resize(numbers.data.size());
  if (!ahead_) read(optimiser_.parameters(), numbers.data, numbers.grads);
  // The mean over the step's rows, whichever batch they are in.
  progress_.loss_sum += step_->backward_on(rows, weights_, weights, std::span<const Real>(numbers.data),
                                           std::span(numbers.grads));
  ahead_ = true;
  if (!std::isfinite(progress_.loss_sum)) fail_step("the loss is", progress_.loss_sum);
  shape_gradient(numbers);
  optimiser_.set_learning_rate(
      base_rate_ * options_.schedule.factor(progress_.steps, options_.epochs * steps_per_epoch()));
  move_parameters(numbers);
  if (all_finite(numbers.data)) return;
  const auto at = std::ranges::find_if_not(numbers.data, [](Real x) { return std::isfinite(x); });
  fail_step("a parameter has become", static_cast<double>(*at));
}

void Trainer::settle() {
  if (!ahead_) return;
  std::visit([this](const auto& numbers) { write(optimiser_.parameters(), numbers.data, numbers.grads); },
             numbers_);
  ahead_ = false;
}

Step Trainer::step() {
  const Step step = step_ahead();
  settle();
  return step;
}

Step Trainer::step_ahead() {
  const std::size_t first = progress_.row;
  const std::size_t last = std::min(first + rows_per_step(), order_.size());
  const std::span<const std::size_t> rows = std::span(order_).subspan(first, last - first);
  weights_.clear();
  for (const std::size_t row : rows) {
    weights_.push_back(weight_of(example(data_, row), options_.class_weights));
  }
  const double weights = std::accumulate(weights_.begin(), weights_.end(), 0.0);

  if (first == 0) {
    settle();
    step_->begin_epoch(rows[0]);
  }
  try {
    std::visit([&](auto& numbers) { learn_from(rows, weights, numbers); }, numbers_);
  } catch (...) {
    settle();
    throw;
  }

  progress_.weight_sum += weights;
  progress_.row = last;
  ++progress_.steps;
  return {.epoch = progress_.epochs + 1,
          .rows = last,
          .loss = progress_.loss_sum / progress_.weight_sum,
          .learning_rate = optimiser_.learning_rate(),
          .ends_epoch = last == order_.size()};
}

Evaluation Trainer::evaluate(const Dataset& data) {
  settle();
  return step_->evaluate(data);
}

Epoch Trainer::end_epoch() {
  settle();
  Epoch epoch{.number = progress_.epochs + 1,
              .loss = progress_.loss_sum / progress_.weight_sum,
              .held_out = std::nullopt,
              .learning_rate = optimiser_.learning_rate(),
              .seconds = 0,
              .improved = false};
  if (held_out_ != nullptr) {
    epoch.held_out = step_->evaluate(*held_out_);
  }
  const double judged = epoch.held_out ? epoch.held_out->loss : epoch.loss;
  if (!std::isfinite(judged)) fail_step("the held-out loss is", judged);
  epoch.improved = judged < progress_.best - options_.min_improvement;
  progress_.stale = epoch.improved ? 0 : progress_.stale + 1;
  if (epoch.improved) progress_.best = judged;
  if (epoch.improved && options_.patience > 0) progress_.best_parameters = optimiser_.parameter_data();
  ++progress_.epochs;
  progress_.row = 0;
  progress_.loss_sum = 0;
  progress_.weight_sum = 0;
  order_rows();
  epoch.seconds = now() - started_;
  return epoch;
}

void Trainer::restore_best() const {
  const bool kept = options_.patience > 0 && !progress_.best_parameters.empty();
  if (kept) optimiser_.set_parameter_data(progress_.best_parameters);
}

void Trainer::resume(const Progress& progress) {
  const std::size_t rows = rows_per_step();
  const bool possible = progress.epochs <= options_.epochs && progress.row < data_.rows() &&
                        progress.row % rows == 0 &&
                        progress.steps == progress.epochs * steps_per_epoch() + progress.row / rows;
  if (!possible) {
    throw UsageError("resume: this run cannot stand there (got epoch " + std::to_string(progress.epochs) +
                     ", row " + std::to_string(progress.row) + ", step " + std::to_string(progress.steps) +
                     ", expected at most " + std::to_string(options_.epochs) + " epochs of " +
                     std::to_string(data_.rows()) + " rows, " + std::to_string(rows) +
                     " a step); data or options differ from when it was saved");
  }
  const std::size_t count = optimiser_.parameters().size(), kept = progress.best_parameters.size();
  if (kept != 0 && kept != count) {
    throw UsageError("resume: the best parameters do not fit (got " + std::to_string(kept) + ", expected " +
                     std::to_string(count) + ")");
  }
  progress_ = progress;
  ahead_ = false;
  order_rows();
}

}  // namespace micrograd
