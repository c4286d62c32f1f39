// Sums of products become one instruction each, so that a run keeps the sum in registers over all its terms
// in place of writing and reading each step of the way.
#pragma once

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// The program with every + - * and negation of what varies from row to row turned into `dot` instructions:
/// chains are taken together where nothing else uses what lies between. Terms keep their order, so results
/// differ from those before only by what a fused multiply-add does not round, and where the first terms are
/// equal: x + x becomes 2 * x. What a comparison depends on keeps its bits, or a tie could fall the other
/// way. To be done last, because other passes do not know `dot`. O(instructions).
Code collect(Code code);

}  // namespace micrograd::compiler
