// Two moons: the smallest classification problem that a straight line cannot solve.
#pragma once

#include <cstddef>
#include <cstdint>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// `count` points in the plane on two interleaving half circles of radius 1, each coordinate moved by normal
/// noise of deviation `noise`, in random order. Half of them (rounded down) have label 0 and lie on the upper
/// half circle around (0, 0); those with label 1 lie on the lower one around (1, 0.5). Throws UsageError if
/// `noise` is negative or not finite.
Dataset make_moons(std::size_t count, double noise, std::uint64_t seed);

}  // namespace micrograd
