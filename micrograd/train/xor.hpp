// The exclusive or: the smallest function that a net without a hidden layer cannot compute.
#pragma once

#include <cstddef>
#include <cstdint>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// `count` points around the corners (0, 0), (0, 1), (1, 0) and (1, 1), each coordinate moved by normal noise
/// of deviation `noise`, in random order. The label is 1 where exactly one coordinate of the corner is 1,
/// else 0. The corners share the points evenly, the first ones have one more where that does not come out.
/// Throws UsageError if `noise` is negative or not finite.
Dataset make_xor(std::size_t count, double noise, std::uint64_t seed);

}  // namespace micrograd
