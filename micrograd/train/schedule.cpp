// The schedules' formulas, and how they are written.
#include <micrograd/train/schedule.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/name.hpp>

namespace micrograd {
namespace {

using engine::describe_number;

void check_factor(const char* what, double factor) {
  if (std::isfinite(factor) && factor >= 0) return;
  throw UsageError(std::string("Schedule: ") + what + " is out of range (got " + describe_number(factor) +
                   ", expected a finite number, 0 or more)");
}

/// How much of `total` steps is done at `step`, from 0 to 1; of no steps, all.
double progress(std::size_t step, std::size_t total) {
  return step >= total ? 1 : static_cast<double>(step) / static_cast<double>(total);
}

/// The factor of a shape at a step of its own part of the run.
struct FactorAt {
  std::size_t step;
  std::size_t total;

  double operator()(const ConstantSchedule&) const { return 1; }
  double operator()(const LinearSchedule& shape) const {
    check_factor("the last factor", shape.last);
    return 1 + (shape.last - 1) * progress(step, total);
  }
  double operator()(const StepSchedule& shape) const {
    if (shape.every == 0) {
      throw UsageError("Schedule: the factor changes after some steps (got every 0, expected 1 or more)");
    }
    check_factor("the factor", shape.factor);
    const std::size_t drops = step / shape.every;
    return std::pow(shape.factor, static_cast<double>(drops));
  }
  double operator()(const CosineSchedule& shape) const {
    check_factor("the last factor", shape.last);
    const double height = 0.5 * (1 + std::cos(std::numbers::pi * progress(step, total)));
    return shape.last + (1 - shape.last) * height;
  }
};

struct Text {
  std::string operator()(const ConstantSchedule&) const { return "constant"; }
  std::string operator()(const LinearSchedule& shape) const {
    return shape.last == 0 ? "linear" : "linear:" + describe_number(shape.last);
  }
  std::string operator()(const StepSchedule& shape) const {
    return "step:" + std::to_string(shape.every) + ":" + describe_number(shape.factor);
  }
  std::string operator()(const CosineSchedule& shape) const {
    return shape.last == 0 ? "cosine" : "cosine:" + describe_number(shape.last);
  }
};

std::vector<std::string> split_at(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (separators.find(c) == std::string_view::npos) {
      parts.back() += c;
    } else {
      parts.emplace_back();
    }
  }
  return parts;
}

/// The number that is the whole of `text`, if there is one.
template <class Number>
std::optional<Number> number_in(const std::string& text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

std::optional<double> factor_in(const std::string& text) {
  const std::optional<double> factor = number_in<double>(text);
  return factor && std::isfinite(*factor) && *factor >= 0 ? factor : std::nullopt;
}

/// linear, linear:LAST; the same for cosine.
template <class Shape>
bool read_shape_with_last(Schedule& schedule, const std::vector<std::string>& parts) {
  if (parts.size() > 2) return false;
  const std::optional<double> last = parts.size() == 2 ? factor_in(parts[1]) : 0.0;
  if (last) schedule.shape = Shape{.last = *last};
  return last.has_value();
}

bool read_step(Schedule& schedule, const std::vector<std::string>& parts) {
  if (parts.size() != 3) return false;
  const std::optional<std::size_t> every = number_in<std::size_t>(parts[1]);
  const std::optional<double> factor = factor_in(parts[2]);
  if (!every || *every == 0 || !factor) return false;
  schedule.shape = StepSchedule{.every = *every, .factor = *factor};
  return true;
}

bool read_shape(Schedule& schedule, const std::string& word) {
  const std::vector<std::string> parts = split_at(word, ":");
  if (parts[0] == "linear") return read_shape_with_last<LinearSchedule>(schedule, parts);
  if (parts[0] == "cosine") return read_shape_with_last<CosineSchedule>(schedule, parts);
  if (parts[0] == "step") return read_step(schedule, parts);
  return word == "constant";
}

bool read_warmup(Schedule& schedule, const std::string& word) {
  constexpr std::string_view key = "warmup=";
  if (!word.starts_with(key)) return false;
  const std::optional<std::size_t> steps = number_in<std::size_t>(word.substr(key.size()));
  schedule.warmup = steps.value_or(0);
  return steps.has_value();
}

}  // namespace

double Schedule::factor(std::size_t step, std::size_t total_steps) const {
  if (step < warmup) return static_cast<double>(step + 1) / (static_cast<double>(warmup) + 1);
  const std::size_t rest = total_steps > warmup ? total_steps - warmup : 0;
  return std::visit(FactorAt{.step = step - warmup, .total = rest}, shape);
}

Schedule parse_schedule(std::string_view text) {
  std::vector<std::string> words = split_at(lower_case(text), " \t,");
  std::erase(words, std::string());
  Schedule schedule;
  const bool is_right = (words.size() == 1 || words.size() == 2) && read_shape(schedule, words[0]) &&
                        (words.size() == 1 || read_warmup(schedule, words[1]));
  if (is_right) return schedule;
  throw UsageError("parse_schedule: this is not a schedule (got '" + std::string(text) +
                   "', expected constant, linear, linear:LAST, cosine, cosine:LAST or step:EVERY:FACTOR, and "
                   "perhaps warmup=STEPS after it); for example: cosine:0.1 warmup=100");
}

std::string to_text(const Schedule& schedule) {
  std::string text = std::visit(Text{}, schedule.shape);
  if (schedule.warmup != 0) text += " warmup=" + std::to_string(schedule.warmup);
  return text;
}

}  // namespace micrograd
