// A shorter program with the same results, bit for bit: what nobody needs is left out, what stands twice is
// computed once, what depends on literals alone is computed now.
#pragma once

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

struct SimplifyOptions {
  bool identities = true;          ///< x*1, x/1, --x, pow(x, 1), pow(x, 2), a branch known now
  bool fold_constants = true;      ///< operations on literals only
  bool merge_common = true;        ///< equal operations on equal operands
  bool drop_dead = true;           ///< what no output and no guard needs
  bool simplify_upon_data = true;  ///< numbers that leaves were made of count as literals
};

/// Not done, because it would change results for NaN, infinities or signed zeros: x*0, x-x, x/x, x+0,
/// distribution. O(instructions).
Code simplify(const Code& code, const SimplifyOptions& options = {});

}  // namespace micrograd::compiler
