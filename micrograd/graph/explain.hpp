// The backward pass told step by step: what every operation passes on to its operands, and which
// contributions make up every gradient.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <micrograd/graph/snapshot.hpp>

namespace micrograd {

/// What one operation added to the gradient of one of its operands. Nodes are named by their ids.
struct Contribution {
  std::size_t from = 0;           ///< the result of the operation
  std::size_t to = 0;             ///< the operand
  std::optional<double> partial;  ///< d from / d to by this operand alone; a closure does not tell it
  double amount = 0;              ///< partial times the gradient of `from`; by how much a closure changed it
  double sum = 0;                 ///< the gradient of `to` from then on
};

/// The visit of one result.
struct BackwardStep {
  std::size_t node = 0;
  std::vector<Contribution> contributions;  ///< in the order of the operands; `a * a` gives two to `a`
};

struct Explanation {
  Snapshot graph;                   ///< uncut; its `grad`s are those that stood before
  std::vector<std::string> names;   ///< by id, each different: the label, or made up (`v3`, `a#3`, `Cons(2)`)
  std::vector<double> gradients;    ///< by id: d root / d node, the very bits that `backward()` gives
  std::vector<BackwardStep> steps;  ///< in the order of the pass
};

/// Explains `root.backward()` with all gradients 0 before it. No gradient changes.
///
/// The closure of a custom operation is called once, as in a pass, with the gradients of the operands put
/// back afterwards; whatever else it does, it does. Throws UsageError if a closure adds to the gradient of a
/// value that is not among its operands, or if a closure calls explain during a pass. What a closure throws
/// passes on.
[[nodiscard]] Explanation explain(const Value& root);

/// One line a step, then one line a gradient, newest first, numbers to six digits:
///
///     e = c * d: c.grad += 4 * 1 = 4; d.grad += 5 * 1 = 5
///     …
///     a.grad = 3 (via c) + 1.5 (via d) = 4.5
[[nodiscard]] std::string to_text(const Explanation& told);

}  // namespace micrograd
