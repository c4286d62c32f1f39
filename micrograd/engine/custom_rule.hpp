// What a node of a custom operation carries in its note: a closure, or the rules of a user's own row.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <micrograd/engine/node.hpp>

namespace micrograd {
class Value;
}

namespace micrograd::engine {

/// A user's row, as functions over its operands: the partial by operand `i`.
struct Rule {
  double (*value)(std::span<const double> operands);
  double (*partial)(std::span<const double> operands, const double& result, std::size_t i);
  Value (*partial_value)(std::span<const Value> operands, const Value& result, std::size_t i);
  std::array<bool, 3> flat;
};

struct Custom {
  std::string name;
  std::vector<Node*> operands;
  std::function<void(const Value& out)> closure;  ///< empty when `rule` is set
  const Rule* rule = nullptr;
};

/// Records a node of a custom operation on the current graph (a plain leaf under no_grad).
Value record_custom(double data, Custom custom);

}  // namespace micrograd::engine
