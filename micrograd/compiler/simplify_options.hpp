// Which ways of shortening a program are used.
#pragma once

namespace micrograd::compiler {

struct SimplifyOptions {
  bool identities = true;          ///< x*1, x/1, --x, pow(x, 1), pow(x, 2), a choice known now
  bool fold_constants = true;      ///< operations on literals only
  bool merge_common = true;        ///< equal operations on equal operands
  bool drop_dead = true;           ///< what no output and no guard needs
  bool simplify_upon_data = true;  ///< numbers that leaves were made of count as literals
};

}  // namespace micrograd::compiler
