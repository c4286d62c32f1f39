// Reverse mode on a program: the derivatives become more instructions of the same program, which can be
// simplified, run and differentiated again like any others.
#pragma once

#include <span>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// Appends the computation of Σ seeds[k] d outputs[k] / d wanted[i], for each i, and returns its places. For
/// a `wanted` that is the same for all rows this is the sum over the rows of what varies. What does not
/// depend on an output has derivative 0. O(instructions).
std::vector<Id> differentiate(Code& code, std::span<const Id> outputs, std::span<const Id> seeds,
                              std::span<const Id> wanted);

}  // namespace micrograd::compiler
