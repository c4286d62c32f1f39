// What a recorded graph is made of, for tests that state how many nodes a net records.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include <micrograd/engine/node.hpp>
#include <micrograd/engine/value.hpp>

namespace graph_shape {

struct Identity {
  std::size_t operator()(const micrograd::Value& x) const { return micrograd::node_hash(x); }
  bool operator()(const micrograd::Value& x, const micrograd::Value& y) const {
    return micrograd::same_node(x, y);
  }
};

/// How many nodes of each operation `root` was computed from, itself included; leaves count under "".
inline std::map<std::string, std::size_t> operations(const micrograd::Value& root) {
  std::map<std::string, std::size_t> counts;
  std::unordered_set<micrograd::Value, Identity, Identity> seen{root};
  std::vector<micrograd::Value> waiting{root};
  while (!waiting.empty()) {
    const micrograd::Value x = waiting.back();
    waiting.pop_back();
    ++counts[std::string(x.op())];
    for (const micrograd::Value& operand : x.prev()) {
      if (seen.insert(operand).second) waiting.push_back(operand);
    }
  }
  return counts;
}

/// True if `values` were recorded one after the other, with nothing in between but the end of a chunk.
inline bool consecutive(const std::vector<micrograd::Value>& values) {
  using micrograd::engine::Chunk;
  for (std::size_t i = 1; i < values.size(); ++i) {
    auto* const before = values[i - 1].node();
    auto* const after = values[i].node();
    auto* const next = before + 1 == Chunk::of(before)->limit() ? Chunk::of(after)->begin() : before + 1;
    if (after != next) return false;
  }
  return true;
}

}  // namespace graph_shape
