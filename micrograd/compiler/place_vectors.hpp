// Lays what runs once out side by side: where results lie in the list, and the steps that compute them.
// Internal to the schedule.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <micrograd/compiler/places.hpp>

namespace micrograd::compiler {

/// Whether this is much enough, or holds what only vector steps know.
bool goes_side_by_side(const Code& code, std::span<const Id> ids);

/// Fills in the phase's vectors, and its `once` with what runs alone. `ids` and `level` as for find_levels.
void place_vectors(const Code& code, Places& places, std::span<const Id> ids,
                   std::vector<std::uint32_t>& level, Schedule& schedule, Phase& phase);

}  // namespace micrograd::compiler
