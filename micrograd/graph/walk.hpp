// The order in which this layer numbers the nodes of a graph, and the partial derivatives of one operation.
// Internal to the layer.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include <micrograd/engine/graph.hpp>
#include <micrograd/graph/snapshot.hpp>

namespace micrograd::walk {

/// A node; or the plain number among the operands of `node`, which is no node until somebody looks at it.
struct Place {
  engine::Node* node;
  bool is_number;
};

struct Order {
  std::vector<Place> places;  ///< operands before consumers
  std::unordered_map<const engine::Node*, std::size_t> ids;
  std::size_t cut = 0;
};

/// At most `max_nodes` places under `root`, which is the last of them.
[[nodiscard]] Order order_of(engine::Graph& graph, engine::Node* root, std::size_t max_nodes);

/// The ids of a node's operands, as in SnapshotNode.
[[nodiscard]] std::vector<std::size_t> operands_of(engine::Graph& graph, const Order& order,
                                                   const Place& place);

/// The snapshot of what is in `order`.
[[nodiscard]] Snapshot snapshot_of(engine::Graph& graph, const Order& order);

struct Partials {
  std::array<double, 3> by;    ///< by each operand as written
  std::array<bool, 3> passed;  ///< whether the operation passes a gradient to that operand at all
};
/// Partials of the operation of a node whose rule is a row, at the operands' data as it is now. Reads only.
[[nodiscard]] Partials partials_of(engine::Graph& graph, const engine::Node* node);

/// A number to six significant digits, for people.
[[nodiscard]] std::string brief(double x);

}  // namespace micrograd::walk
