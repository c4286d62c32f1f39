// Draws spiral arms whose distance from the middle grows evenly with the angle.
#include <micrograd/train/spirals.hpp>

#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/random.hpp>
#include <micrograd/train/points.hpp>

namespace micrograd {

Dataset make_spirals(std::size_t count, double noise, std::uint64_t seed, const SpiralOptions& options) {
  const std::size_t arms = options.arms;
  if (arms == 0) throw UsageError("make_spirals: a spiral needs arms (got 0, expected 1 or more)");
  if (!std::isfinite(options.turns)) {
    throw UsageError("make_spirals: the arms cannot turn like that (got " +
                     engine::describe_number(options.turns) + " turns, expected a finite number)");
  }
  std::vector<Point> points;
  points.reserve(count);
  for (std::size_t arm = 0; arm < arms && points.size() < count; ++arm) {
    const std::size_t steps = count / arms + (arm < count % arms ? 1 : 0);
    const double start = static_cast<double>(arm) / static_cast<double>(arms);
    for (std::size_t i = 0; i < steps; ++i) {
      const double distance = static_cast<double>(i + 1) / static_cast<double>(steps);
      const double angle = 2 * std::numbers::pi * (start + options.turns * distance);
      points.push_back({distance * std::cos(angle), distance * std::sin(angle), arm});
    }
  }
  Random random(seed);
  return scatter("make_spirals", std::move(points), noise, random);
}

}  // namespace micrograd
