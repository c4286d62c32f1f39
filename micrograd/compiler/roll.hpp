// Long sums of terms that are alike, as a loop over examples leaves behind, become loops again.
#pragma once

#include <optional>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// The same program with loops in place of sums of at least 16 terms that are computed alike; what differs
/// between the terms may be numbers, which become columns, or results, which become picks. Only what does not
/// vary from row to row is looked at. Results are the same but for rounding, because sums are added up in
/// another order. Inputs and parameters stay where they are; a program in which nothing is found comes back
/// as it is. O(instructions) time and memory.
Code roll(const Code& code);
/// The same, or nothing if nothing is found.
std::optional<Code> find_loops(const Code& code);

}  // namespace micrograd::compiler
