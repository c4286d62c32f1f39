// Spiral arms wound into each other: every class has neighbours of all others.
#pragma once

#include <cstddef>
#include <cstdint>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

struct SpiralOptions {
  std::size_t arms = 2;  ///< as many classes; 1 or more
  double turns = 1;      ///< how often each arm goes round; any finite number, negative ones go clockwise
};

/// `count` points on spiral arms that start at the middle and end at distance 1, each coordinate moved by
/// normal noise of deviation `noise`, in random order. Point i of an arm of n points has distance (i + 1) /
/// n; arm a starts in the direction a / arms of a full turn and has label a. The arms share the points
/// evenly, the first ones have one more where that does not come out. Throws UsageError if an option or
/// `noise` is out of range.
Dataset make_spirals(std::size_t count, double noise, std::uint64_t seed, const SpiralOptions& options = {});

}  // namespace micrograd
