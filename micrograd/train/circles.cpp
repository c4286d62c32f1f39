// Draws two concentric circles.
#include <micrograd/train/circles.hpp>

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

Dataset make_circles(std::size_t count, double noise, std::uint64_t seed, double factor) {
  const bool is_inside = factor >= 0 && factor < 1;
  if (!is_inside) {
    throw UsageError("make_circles: the inner circle does not lie inside the outer one (got factor " +
                     engine::describe_number(factor) + ", expected 0 or more and less than 1)");
  }
  std::vector<Point> points;
  points.reserve(count);
  const auto add_circle = [&](std::size_t steps, double radius, std::size_t label) {
    for (std::size_t i = 0; i < steps; ++i) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(steps);
      points.push_back({radius * std::cos(angle), radius * std::sin(angle), label});
    }
  };
  add_circle(count / 2, 1, 0);
  add_circle(count - count / 2, factor, 1);
  Random random(seed);
  return scatter("make_circles", std::move(points), noise, random);
}

}  // namespace micrograd
