// Programs as text, for people.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/schedule.hpp>

namespace micrograd::compiler {

/// First the loops found in the source; then one instruction a line: its place, what it is, its loop if it is
/// in one of these, its label; then guards and outputs.
std::string dump(const Code& code);

/// The same in the order of the schedule: s0, s1, … are slots, which hold a number for each round of a block,
/// u0, u1, … the numbers that are the same for all rounds. `blocks` are the sweeps' in order.
std::string dump(const Code& code, const Schedule& schedule, std::span<const std::size_t> blocks);

/// What an instruction without operands is: `0.5`, `input 1`, `rows`.
std::string text_of_leaf(const Code& code, const Instruction& x);

/// A result in a message: its label, number or operation.
std::string shown(const Code& code, Id id);

}  // namespace micrograd::compiler
