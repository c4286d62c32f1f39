// The plainest way to run a program: one instruction after the other, one row after the other, in double, by
// the rows' own formulas. No schedule, no kernels, no threads; what the fast way is compared with.
#pragma once

#include <span>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// What a program gives.
struct Interpreted {
  std::vector<std::vector<double>> rows;  ///< for each row the outputs
  std::vector<double> uniform;            ///< the outputs that are the same for all rows; others are 0
};

/// Runs `code` on rows of which each has all input columns. Where eager code computes the same operations in
/// the same order, the results are the same to the bit. Instructions of a
/// found loop are run once for each of its rounds. O(rows * instructions) time and memory.
Interpreted interpret(const Code& code, std::span<const std::vector<double>> rows,
                      std::span<const double> parameters = {});

}  // namespace micrograd::compiler
