// The distributions of the seeded generator, written out so that they are the same everywhere.
#include <micrograd/nn/random.hpp>

#include <cmath>
#include <numbers>
#include <string>

#include <micrograd/error.hpp>

namespace micrograd {

double Random::uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

double Random::uniform(double low, double high) {
  const bool is_interval = std::isfinite(low) && std::isfinite(high) && low <= high;
  if (!is_interval) {
    throw UsageError("uniform: the interval is not one (got " + std::to_string(low) + " to " +
                     std::to_string(high) + ", expected finite numbers low <= high)");
  }
  return low + (high - low) * uniform();
}

double Random::normal(double mean, double deviation) {
  if (!(deviation >= 0)) {
    throw UsageError("normal: the deviation cannot be negative (got " + std::to_string(deviation) +
                     ", expected 0 or more)");
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - [0, 1) is never 0
  const double angle = 2 * std::numbers::pi * uniform();
  return mean + deviation * radius * std::cos(angle);
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) throw UsageError("below: no number is below the bound (got 0, expected 1 or more)");
  // The engine's 2^64 numbers fall into whole rounds of `bound` and a remainder, which is drawn again.
  const std::uint64_t remainder = (0 - bound) % bound;
  std::uint64_t draw = engine_();
  while (draw < remainder) draw = engine_();
  return draw % bound;
}

}  // namespace micrograd
