// Goes round the four corners.
#include <micrograd/train/xor.hpp>

#include <utility>
#include <vector>

#include <micrograd/nn/random.hpp>
#include <micrograd/train/points.hpp>

namespace micrograd {

Dataset make_xor(std::size_t count, double noise, std::uint64_t seed) {
  std::vector<Point> points;
  points.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t x = i / 2 % 2, y = i % 2;
    points.push_back({static_cast<double>(x), static_cast<double>(y), x ^ y});
  }
  Random random(seed);
  return scatter("make_xor", std::move(points), noise, random);
}

}  // namespace micrograd
