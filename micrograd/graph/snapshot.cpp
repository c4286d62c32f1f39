// Taking a snapshot: the order of the nodes first, then their data.
#include <micrograd/graph/snapshot.hpp>

#include <micrograd/error.hpp>
#include <micrograd/graph/walk.hpp>

namespace micrograd {

Snapshot snapshot(const Value& root, const SnapshotOptions& options) {
  if (options.max_nodes == 0) {
    throw UsageError(
        "snapshot: a snapshot has room for its root at least (got max_nodes = 0, expected 1 or more)");
  }
  engine::Node* const node = root.node();
  engine::Graph& graph = engine::Graph::of(node, "snapshot");
  return walk::snapshot_of(graph, walk::order_of(graph, node, options.max_nodes));
}

}  // namespace micrograd
