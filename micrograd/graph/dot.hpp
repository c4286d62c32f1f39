// A snapshot as a drawing in DOT, the language of Graphviz, in the look that micrograd is known for: a box
// for each value, a bubble for each operation.
#pragma once

#include <string>

#include <micrograd/graph/snapshot.hpp>

namespace micrograd {

struct DotOptions {
  int decimals = 4;       ///< of data and grad; 0 to 17
  bool top_down = false;  ///< from the top to the bottom rather than from left to right
};

/// `n<id>` are the values, `op<id>` the operations that made them. Plain numbers are grey, the root stands
/// out. Where operands were left out there is a `…`, and a note says how many nodes are missing. Bytes of a
/// label that are not UTF-8 become U+FFFD. Throws UsageError if `decimals` is out of range.
[[nodiscard]] std::string to_dot(const Snapshot& graph, const DotOptions& options = {});

}  // namespace micrograd
