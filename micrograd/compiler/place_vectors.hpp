// Lays what runs once out side by side: where results lie in the list, and the steps that compute them.
// Internal to the schedule.
#pragma once

#include <span>

#include <micrograd/compiler/places.hpp>

namespace micrograd::compiler {

/// Whether this is much enough, or holds what only vector steps know.
bool goes_side_by_side(const Code& code, std::span<const Id> ids);

/// Fills in the phase's vectors, and its `once` with what runs alone. `ids`: in the order of the program.
void place_vectors(const Code& code, Places& places, std::span<const Id> ids, Schedule& schedule,
                   Phase& phase);

}  // namespace micrograd::compiler
