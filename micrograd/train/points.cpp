// Shuffles first and adds noise after, so that the order of rows depends on the seed and the count alone.
#include <micrograd/train/points.hpp>

#include <cmath>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

Dataset scatter(const char* who, std::vector<Point> points, double noise, Random& random) {
  const bool is_deviation = std::isfinite(noise) && noise >= 0;
  if (!is_deviation) {
    throw UsageError(std::string(who) + ": the noise is not a deviation (got " +
                     engine::describe_number(noise) + ", expected a finite number, 0 or more)");
  }
  random.shuffle(points);
  Dataset data{.columns = 2, .names = {"x", "y"}};
  data.values.reserve(2 * points.size());
  data.labels.reserve(points.size());
  for (const Point& point : points) {
    data.values.push_back(random.normal(point.x, noise));
    data.values.push_back(random.normal(point.y, noise));
    data.labels.push_back(point.label);
  }
  return data;
}

}  // namespace micrograd
