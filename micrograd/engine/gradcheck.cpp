// Numeric differentiation with an error estimate, and the comparison of it with backward.
#include <micrograd/engine/gradcheck.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/modes.hpp>

namespace micrograd {

Slope numeric_slope(const std::function<double(double)>& f, double x, double step) {
  constexpr std::size_t rows = 10;
  constexpr double shrink = 1.4;
  constexpr double headroom = 0x1p-10;  // so that a slope times `factor` does not overflow; costs no bit
  std::array<std::array<double, rows>, rows> slopes{};
  double h = step * std::max(1.0, std::abs(x));
  const auto central = [&](double distance) {
    const double high = x + distance;
    const double low = x - distance;
    return (f(high) - f(low)) / (high - low) * headroom;
  };
  slopes[0][0] = central(h);
  Slope best{.value = slopes[0][0], .error = std::numeric_limits<double>::infinity()};
  for (std::size_t i = 1; i < rows; ++i) {
    h /= shrink;
    slopes[i][0] = central(h);
    double factor = 1.0;
    for (std::size_t k = 1; k <= i; ++k) {  // each column cancels one more even power of h
      factor *= shrink * shrink;
      slopes[i][k] = (slopes[i][k - 1] * factor - slopes[i - 1][k - 1]) / (factor - 1.0);
      const double error =
          std::max(std::abs(slopes[i][k] - slopes[i][k - 1]), std::abs(slopes[i][k] - slopes[i - 1][k - 1]));
      if (error <= best.error) best = {.value = slopes[i][k], .error = error};
    }
    // Rounding has taken over: smaller steps only get worse.
    if (std::abs(slopes[i][i] - slopes[i - 1][i - 1]) >= 2.0 * best.error) break;
  }
  return {.value = best.value / headroom, .error = best.error / headroom};
}

GradcheckResult gradcheck(const std::function<Value(std::span<const Value>)>& f,
                          std::span<const Value> inputs, const GradcheckOptions& options) {
  using engine::describe_number;
  const engine::Recording recording;
  std::vector<Value> point;
  point.reserve(inputs.size());
  for (const Value& input : inputs) point.emplace_back(input.data(), input.label());
  const std::vector<Value> analytic = grad(f(point), point);
  for (std::size_t i = 0; i < point.size(); ++i) {
    const auto along_input = [&](double x) {
      const NoGrad guard;
      std::vector<Value> moved = point;
      moved[i] = x;
      return f(moved).data();
    };
    const Slope numeric = numeric_slope(along_input, point[i].data(), options.step);
    const double slope = analytic[i].data();
    const double scale = std::max({1.0, std::abs(slope), std::abs(numeric.value)});
    // An infinite number would make any difference look small.
    const bool finite = std::isfinite(numeric.value) && !std::isinf(slope);
    const bool settled = finite && numeric.error <= 1e-3 * scale;
    if (settled && std::abs(slope - numeric.value) <= options.tolerance * scale + 4.0 * numeric.error)
      continue;
    std::string name = "input " + std::to_string(i);
    if (!point[i].label().empty()) name += " '" + std::string(point[i].label()) + "'";
    return {
        .passed = false,
        .message = "gradcheck: " + std::string(settled ? "wrong gradient" : "no reliable numeric gradient") +
                   " for " + name + " = " + describe_number(point[i].data()) + " (analytic " +
                   describe_number(slope) + ", numeric " + describe_number(numeric.value) + " ± " +
                   describe_number(numeric.error) + "); " +
                   (settled ? "look at the partial derivatives of the operations it goes through"
                            : "the point may lie at a kink, or too close to the end of the domain")};
  }
  return {.passed = true, .message = {}};
}

}  // namespace micrograd
