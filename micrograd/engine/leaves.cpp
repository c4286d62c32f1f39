// Straight through the nodes; leaves with something special about them go the long way.
#include <micrograd/engine/leaves.hpp>

#include <cassert>

#include <micrograd/engine/graph.hpp>
#include <micrograd/engine/watcher.hpp>

namespace micrograd {

using engine::Chunk;
using engine::Node;

namespace {

bool watched() { return engine::tape.watcher != nullptr; }

/// Calls `change(node, i)` for each leaf of which nothing but its numbers need be changed, and `long_way(i)`
/// for others. Throws for leaves of another thread.
template <class Change, class LongWay>
void change_each(std::span<const Value> leaves, const char* who, const Change& change,
                 const LongWay& long_way) {
  const bool none_is_plain = watched();
  const Chunk* latest = nullptr;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    Node* const node = leaves[i].node();
    if (Chunk::of(node) != latest) {
      static_cast<void>(engine::Graph::of(node, who));
      latest = Chunk::of(node);
    }
    // One that stands for a number, or that some number's gradient depends on, has more to be changed.
    const bool is_plain = node->kind == engine::leaf_kind && node->a == nullptr &&
                          (node->flags & engine::Flag::number_partner) == 0;
    if (none_is_plain || !is_plain) [[unlikely]] {
      long_way(i);
    } else {
      change(*node, i);
    }
  }
}

}  // namespace

void read_data(std::span<const Value> leaves, std::span<double> data) {
  assert(data.size() == leaves.size());
  const bool asks = watched();
  for (std::size_t i = 0; i < leaves.size(); ++i) data[i] = asks ? leaves[i].data() : leaves[i].node()->data;
}

void read_grads(std::span<const Value> leaves, std::span<double> grads) {
  assert(grads.size() == leaves.size());
  const bool asks = watched();
  for (std::size_t i = 0; i < leaves.size(); ++i) grads[i] = asks ? leaves[i].grad() : leaves[i].node()->grad;
}

void read_leaves(std::span<const Value> leaves, std::span<double> data, std::span<double> grads) {
  assert(data.size() == leaves.size() && grads.size() == leaves.size());
  const bool asks = watched();
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Node* const node = leaves[i].node();
    data[i] = asks ? leaves[i].data() : node->data;
    grads[i] = node->grad;
  }
}

void write_data(std::span<const Value> leaves, std::span<const double> data) {
  assert(data.size() == leaves.size());
  change_each(
      leaves, "set_data", [data](Node& node, std::size_t i) { node.data = data[i]; },
      [=](std::size_t i) { leaves[i].set_data(data[i]); });
}

void write_leaves(std::span<const Value> leaves, std::span<const double> data,
                  std::span<const double> grads) {
  assert(data.size() == leaves.size() && grads.size() == leaves.size());
  change_each(
      leaves, "set_data",
      [=](Node& node, std::size_t i) {
        node.data = data[i];
        node.grad = grads[i];
      },
      [=](std::size_t i) {
        leaves[i].set_data(data[i]);
        leaves[i].set_grad(grads[i]);
      });
}

void write_grads(std::span<const Value> leaves, double grad) {
  change_each(
      leaves, "set_grad", [grad](Node& node, std::size_t /*i*/) { node.grad = grad; },
      [=](std::size_t i) { leaves[i].set_grad(grad); });
}

void add_grads(std::span<const Value> leaves, std::span<const double> contributions) {
  assert(contributions.size() == leaves.size());
  change_each(
      leaves, "add_grad", [=](Node& node, std::size_t i) { node.grad += contributions[i]; },
      [=](std::size_t i) { leaves[i].add_grad(contributions[i]); });
}

}  // namespace micrograd
