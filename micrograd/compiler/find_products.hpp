// Finds matrix products among the sums of products of one sweep: sums over the same results with weights of
// their own, as a layer of neurons has them, and totals of every product of two lists, as its gradients are.
#pragma once

#include <span>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// results[r] = starts[r] + Σ weights[r * x.size() + k] x[k] + rests[r], the weights and starts being the
/// same for all rounds. A start is `none` where there is none. Rests are few other terms.
struct FoundMultiply {
  std::vector<Id> results;
  std::vector<std::vector<Product>> rests;
  std::vector<Id> x;
  std::vector<Id> weights;
  std::vector<Id> starts;
};

/// totals[r * x.size() + c] = Σ over rounds of g[r] x[c]. The sums of products that they total are used
/// nowhere else.
struct FoundTotals {
  std::vector<Id> totals;
  std::vector<Id> g;
  std::vector<Id> x;
};

/// Products of at least two rows and columns, and so large that they pay. `dots` in order. O(terms).
std::vector<FoundMultiply> find_multiplies(const Code& code, std::span<const Id> dots);

/// Of totals of dots that are nowhere else used; in order.
std::vector<FoundTotals> find_totals(const Code& code, std::span<const Id> totals);

}  // namespace micrograd::compiler
