// Norms of gradients, and their limits.
#include <micrograd/train/clip.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

/// The largest |grad|; NaN if there is one.
double largest_gradient(std::span<const Value> parameters) {
  double largest = 0;
  for (const Value& parameter : parameters) {
    const double size = std::abs(parameter.grad());
    if (std::isnan(size)) return size;
    largest = std::max(largest, size);
  }
  return largest;
}

void check_limit(const char* what, double limit, bool is_right, const char* expected) {
  if (is_right) return;
  throw UsageError(std::string(what) + " is out of range (got " + engine::describe_number(limit) +
                   ", expected " + expected + ")");
}

}  // namespace

double gradient_norm(std::span<const Value> parameters, double order) {
  check_limit("gradient_norm: the order", order, order > 0, "more than 0, infinity included");
  const double largest = largest_gradient(parameters);
  if (largest == 0 || !std::isfinite(largest) || std::isinf(order)) return largest;
  double sum = 0;  // of numbers up to 1
  for (const Value& parameter : parameters) {
    const double share = std::abs(parameter.grad()) / largest;
    sum += order == 2 ? share * share : std::pow(share, order);
  }
  return largest * (order == 2 ? std::sqrt(sum) : std::pow(sum, 1 / order));
}

double clip_by_norm(std::span<const Value> parameters, double max_norm, double order) {
  check_limit("clip_by_norm: max_norm", max_norm, std::isfinite(max_norm) && max_norm >= 0,
              "a finite number, 0 or more");
  const double norm = gradient_norm(parameters, order);
  if (!std::isfinite(norm)) {
    throw UsageError("clip_by_norm: the gradients have no norm to clip (got " +
                     engine::describe_number(norm) +
                     ", expected a finite number); AnomalyMode finds the operation that they come from");
  }
  const double scale = max_norm / (norm + 1e-6);
  if (scale < 1) {
    for (const Value& parameter : parameters) parameter.set_grad(parameter.grad() * scale);
  }
  return norm;
}

double clip_by_value(std::span<const Value> parameters, double limit) {
  check_limit("clip_by_value: the limit", limit, limit >= 0, "0 or more");
  const double norm = gradient_norm(parameters);
  for (const Value& parameter : parameters) parameter.set_grad(std::clamp(parameter.grad(), -limit, limit));
  return norm;
}

}  // namespace micrograd
