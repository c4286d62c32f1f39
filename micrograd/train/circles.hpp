// Two circles, one inside the other: no straight line parts them, the distance from the middle does.
#pragma once

#include <cstddef>
#include <cstdint>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// `count` points, evenly spaced on two circles around (0, 0), each coordinate moved by normal noise of
/// deviation `noise`, in random order. Half of them (rounded down) have label 0 and lie on the outer circle
/// of radius 1; those with label 1 lie on the inner one of radius `factor`. Throws UsageError unless `noise`
/// is finite and 0 or more, and 0 <= factor < 1.
Dataset make_circles(std::size_t count, double noise, std::uint64_t seed, double factor = 0.5);

}  // namespace micrograd
