// Plain-double versions of W2 to W6, all with the same two loops: forward from first to last step, then
// reverse from last to first.
#include <cmath>

#include "baselines.hpp"

namespace bench::plain {

// Nothing of the forward pass is stored, because no derivative needs it: the factors are constants.
double chain(double x, std::size_t operations) {
  const double factor = 1.0000001;
  for (std::size_t i = 0; i < operations / 2; ++i) {
    x = x * factor;
    x = x + 1e-7;
  }
  double grad = 1;
  for (std::size_t i = operations / 2; i-- > 0;) grad = grad * factor;
  return x + grad;
}

// Reverse is one multiplication a step, with a seed that the compiler cannot know.
double recurrence(double state, std::size_t steps) {
  volatile double opaque = 1;
  double slopes = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    const double seed = opaque;
    state = state * 0.99 + 0.1;
    slopes += seed * 0.99;
  }
  return state + slopes;
}

double Mix::run(double start) {
  double x = start;
  for (Stored& s : at_) {
    s = {.x = x, .power = std::exp(-x), .tangent = std::tanh(0.5 * x), .below = x * x + 1.0};
    x = x + 1e-4 * (std::sin(x) + 0.5 * s.power - s.tangent - std::log(s.below));
  }
  double grad = 1;
  for (std::size_t i = at_.size(); i-- > 0;) {
    const Stored& s = at_[i];
    const double inner = 1e-4 * grad;
    grad += inner * std::cos(s.x);
    grad -= 0.5 * inner * s.power;
    grad -= 0.5 * inner * (1 - s.tangent * s.tangent);
    grad -= inner / s.below * 2 * s.x;
  }
  return x + grad;
}

double Statements::run(double x) {
  double acc = x * 1.0;
  for (Stored& s : at_) {
    s = {.acc = acc, .power = std::exp(-x * acc), .below = 1 + acc * acc};
    acc = acc * 0.999 + s.power / s.below;
  }
  double grad_acc = 1, grad_x = 0;
  for (std::size_t i = at_.size(); i-- > 0;) {
    const Stored& s = at_[i];
    const double grad_power = grad_acc / s.below;
    const double grad_below = -grad_power * s.power / s.below;
    const double grad_exponent = grad_power * s.power;
    grad_x -= grad_exponent * s.acc;
    grad_acc = grad_acc * 0.999 - grad_exponent * x + grad_below * 2 * s.acc;
  }
  return acc + grad_x + grad_acc;
}

double Dot::run() {
  const std::size_t n = x_.size();
  double total = x_[0] * y_[0];
  for (std::size_t i = 1; i < n; ++i) total += x_[i] * y_[i];
  volatile double opaque = 1;
  const double seed = opaque;
  for (std::size_t i = n; i-- > 0;) {
    grad_x_[i] += seed * y_[i];
    grad_y_[i] += seed * x_[i];
  }
  return total + grad_x_.back() + grad_y_.back();
}

}  // namespace bench::plain
