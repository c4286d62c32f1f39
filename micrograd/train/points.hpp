// What the made-up problems in the plane share: clean points, which are put in random order and moved by
// noise.
#pragma once

#include <cstddef>
#include <vector>

#include <micrograd/nn/random.hpp>
#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// A point of the plane and its class.
struct Point {
  double x, y;
  std::size_t label;
};

/// The points in an order drawn from `random`, each coordinate moved by normal noise of deviation `noise`:
/// two columns, x and y. Throws UsageError, in the name of `who`, unless `noise` is finite and 0 or more.
Dataset scatter(const char* who, std::vector<Point> points, double noise, Random& random);

}  // namespace micrograd
