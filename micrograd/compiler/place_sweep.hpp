// Gives a sweep's instructions their places: slots are given out in order of the instructions and taken back
// after the last use. Internal to the schedule.
#pragma once

#include <vector>

#include <micrograd/compiler/places.hpp>

namespace micrograd::compiler {

/// What a sweep computes: results of each round in order, totals of some of them, and outputs that are
/// stored.
struct SweepWork {
  LoopNumber loop = 0;
  const std::vector<Id>& members;
  const std::vector<Id>& totals;
  const std::vector<std::uint32_t>& outputs;
};

Sweep place_sweep(const Code& code, Places& places, const SweepWork& work);

}  // namespace micrograd::compiler
