// Gives a sweep's instructions their places: slots are given out in order of the instructions and taken back
// after the last use. Internal to the schedule.
#pragma once

#include <vector>

#include <micrograd/compiler/schedule.hpp>

namespace micrograd::compiler {

/// Where results lie, and how long slots are needed.
class Places {
 public:
  Places(const Code& code, Schedule& schedule);

  std::uint32_t& of(Id id) { return at_[id]; }
  [[nodiscard]] Place place(Id id) const { return {.at = at_[id], .uniform = code_.varying[id] == 0}; }
  std::uint32_t place_in_list(Id id) { return at_[id] = take_places(1); }
  /// The first of so many new places in the list.
  std::uint32_t take_places(std::size_t count);

  Step step_of(Id id);

  // Of the sweep that is being placed.
  std::vector<Id> last_use;
  std::vector<std::uint32_t> uses;  ///< by members, totals and outputs
  std::vector<std::uint8_t> roles;  ///< what is special about a result; the placer's own bits
  std::vector<Id> pinned_until;     ///< outputs: when the last group that they are in is stored

 private:
  const Code& code_;
  Schedule& schedule_;
  std::vector<std::uint32_t> at_;
};

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
