// How nodes and numbers are worded in messages.
#pragma once

#include <string>

#include <micrograd/engine/node.hpp>

namespace micrograd::engine {

class Graph;

/// The shortest digits that read back as the same double.
std::string describe_number(double x);
/// `loss = 0.25`, or `* node = 0.25` for an unlabelled result, `leaf = 0.25` for an unlabelled leaf.
std::string describe(Graph& graph, const Node* node);
/// `log of x = -1`
std::string describe_operation(Graph& graph, const Node* node);
/// Label of a node, "" when it has none.
std::string_view label_of(Graph& graph, const Node* node);
/// Name of the operation that made a node, "" for a leaf.
std::string_view op_of(Graph& graph, const Node* node);

}  // namespace micrograd::engine
