// A program for one row alone: nothing varies from row to row then, and what loops over rows would do for one
// of many lanes runs side by side with whatever is alike in the row itself.
#pragma once

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// Whether a program is long enough for that.
bool pays_for_one_row(const Code& code);

/// The program with the numbers of the one row as numbers that are the same for all. Sums over rows are their
/// only term. For programs without `dot`. O(instructions).
Code take_one_row(const Code& code);

}  // namespace micrograd::compiler
