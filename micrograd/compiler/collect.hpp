// Sums of products become one instruction each, so that a run keeps the sum in registers over all its terms
// in place of writing and reading each step of the way.
#pragma once

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// The program with every + - * and negation of what varies from row to row turned into `dot` instructions:
/// chains are taken together where nothing else uses what lies between. Terms keep their order, so results
/// differ from those before only by what a fused multiply-add does not round, and where the first terms are
/// equal: x + x becomes 2 * x. Where a comparison depends on a sum, only products with what is the same for
/// all rows are fused, so that a difference of equal products stays 0 and a tie falls the same way. To be
/// done last, because other passes do not know `dot`. `outside_loops`: also what is the same for all rows, if
/// there is enough of it to run side by side. O(instructions).
Code collect(Code code, bool outside_loops = true);

}  // namespace micrograd::compiler
