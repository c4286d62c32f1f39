// Round clouds of points: the easiest problem with any number of classes.
#pragma once

#include <cstddef>
#include <cstdint>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// `count` points in the plane around `clusters` centres, each coordinate normally distributed with deviation
/// `noise`, in random order; the label is the number of the centre. The centres are drawn from the seed,
/// uniformly from the square of -10 to 10, so that clouds may overlap. They share the points evenly, the
/// first ones have one more where that does not come out. Throws UsageError if `clusters` is 0, or if `noise`
/// is negative or not finite.
Dataset make_blobs(std::size_t count, double noise, std::uint64_t seed, std::size_t clusters = 3);

}  // namespace micrograd
