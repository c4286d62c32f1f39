// Draws the centres first, so that their places do not depend on the number of points.
#include <micrograd/train/blobs.hpp>

#include <utility>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/nn/random.hpp>
#include <micrograd/train/points.hpp>

namespace micrograd {

Dataset make_blobs(std::size_t count, double noise, std::uint64_t seed, std::size_t clusters) {
  if (clusters == 0)
    throw UsageError("make_blobs: points need a centre (got 0 clusters, expected 1 or more)");
  constexpr double reach = 10;
  Random random(seed);
  std::vector<Point> points;
  points.reserve(count);
  for (std::size_t cluster = 0; cluster < clusters; ++cluster) {
    const double x = random.uniform(-reach, reach);
    const double y = random.uniform(-reach, reach);
    const std::size_t size = count / clusters + (cluster < count % clusters ? 1 : 0);
    points.insert(points.end(), size, {x, y, cluster});
  }
  return scatter("make_blobs", std::move(points), noise, random);
}

}  // namespace micrograd
