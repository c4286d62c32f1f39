// Draws the two moons as scikit-learn's function of that name does, with our own generator.
#include <micrograd/train/moons.hpp>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include <micrograd/nn/random.hpp>
#include <micrograd/train/points.hpp>

namespace micrograd {

Dataset make_moons(std::size_t count, double noise, std::uint64_t seed) {
  const std::size_t upper = count / 2;
  const std::size_t lower = count - upper;
  // Evenly spaced angles from 0 to pi, both ends included.
  const auto angle = [](std::size_t i, std::size_t steps) {
    return steps > 1 ? std::numbers::pi * static_cast<double>(i) / static_cast<double>(steps - 1) : 0.0;
  };
  std::vector<Point> points;
  points.reserve(count);
  for (std::size_t i = 0; i < upper; ++i) {
    const double a = angle(i, upper);
    points.push_back({std::cos(a), std::sin(a), 0});
  }
  for (std::size_t i = 0; i < lower; ++i) {
    const double a = angle(i, lower);
    points.push_back({1 - std::cos(a), 0.5 - std::sin(a), 1});
  }
  Random random(seed);
  return scatter("make_moons", std::move(points), noise, random);
}

}  // namespace micrograd
