// What it costs to compile a function of scalars: from the call of `compile` to a program that has run,
// beside recording the same operations on the tape.
#include <array>
#include <string>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/reductions.hpp>
#include "contest.hpp"

namespace bench {
namespace {

using micrograd::Value;

/// Sums of products and squashed numbers that stay within bounds, four operations a step.
struct Weave {
  std::size_t operations;

  Value operator()(std::span<const Value> x) const {
    std::array<Value, 8> state;
    for (std::size_t k = 0; k < state.size(); ++k) state[k] = x[k];
    for (std::size_t i = 0; i < operations / 4; ++i) {
      Value& s = state[i % 8];
      s = s * 0.75 + tanh(state[(5 * i + 3) % 8]) * 0.5;
    }
    return sum(state);
  }
};

}  // namespace

Workload compile_cost(std::size_t operations, const std::string& name) {
  const Weave weave{operations};
  const auto count = static_cast<double>(operations);
  Workload workload{
      .name = name, .unit = "operation", .judged = "compile", .target_ns = 100, .contestants = {}};
  workload.contestants.push_back({"record", count, [=] {
                                    return [=] {
                                      std::vector<Value> x;
                                      for (int k = 0; k < 8; ++k) x.emplace_back(0.1 * (k + 1));
                                      return weave(x).data();
                                    };
                                  }});
  workload.contestants.push_back(
      {"compile", count, [=] {
         return [=] {
           std::array<double, 8> row{};
           for (std::size_t k = 0; k < 8; ++k) row[k] = 0.1 * static_cast<double>(k + 1);
           double out = 0;
           micrograd::compile<double>(weave, {.inputs = 8}).run({row.data(), 1, 8}, {&out, 1, 1});
           return out;
         };
       }});
  return workload;
}

}  // namespace bench
