// A graph as plain data, taken at one moment: no handles, so it may outlive the graph, go to another thread,
// or be written to a file. Looking at a graph this way changes nothing in it.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {

/// In place of an operand that the snapshot left out.
inline constexpr std::size_t cut_operand = std::numeric_limits<std::size_t>::max();

struct SnapshotNode {
  std::size_t id = 0;     ///< its place in Snapshot::nodes
  std::string op;         ///< name of the operation; "" for a leaf
  std::string label;      ///< "" when it has none; `Cons` for a plain number
  bool constant = false;  ///< a plain number among operands, as the 2 in `2 + a`
  double data = 0;
  double grad = 0;
  std::vector<std::size_t> operands;  ///< ids in the order as written, repeats kept; or `cut_operand`
};

struct Snapshot {
  std::vector<SnapshotNode> nodes;  ///< operands before consumers, otherwise by age; the root is the last
  std::size_t cut = 0;              ///< older nodes that were left out
};

struct SnapshotOptions {
  /// Of a larger graph the newest nodes are kept, which are those nearest to the root.
  std::size_t max_nodes = std::numeric_limits<std::size_t>::max();
};

/// `root` and everything it was computed from. Linear in the size of the graph, without recursion. Throws
/// UsageError if `max_nodes` is 0.
[[nodiscard]] Snapshot snapshot(const Value& root, const SnapshotOptions& options = {});

}  // namespace micrograd
