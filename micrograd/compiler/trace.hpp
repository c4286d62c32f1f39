// From running a function once to a program: the graph that the run recorded, and what a Watcher heard beside
// it, become a list of instructions.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <micrograd/compiler/code.hpp>
#include <micrograd/engine/index.hpp>

namespace micrograd::compiler {

using Function = std::function<std::vector<Value>(
    std::span<const Value> inputs, std::span<const Value> targets, std::span<const Index> indices)>;

/// Runs a function on a sample, and says what it did as a program; `where` begins what is said of an index
/// that is out of range.
using Tracer = std::function<Code(std::span<const double> sample, std::span<const Value> parameters,
                                  const std::string& where)>;

/// What a graph's leaves are.
struct Leaves {
  std::vector<Value> inputs;      ///< column after column: inputs, targets, indices
  std::vector<Value> parameters;  ///< read anew at each run
};

/// Runs `function` on leaves with the data of `sample`, and turns what it recorded into a program whose
/// columns `shape` tells. Throws UsageError where the run depends on something that the program could not
/// follow: a leaf that is none of those known, plain data read from a traced value, recording switched off,
/// an operation with a closure; or an index of the sample that is out of range, `where` beginning the
/// message.
Code trace(const Function& function, std::span<const double> sample, const Shape& shape,
           std::span<const Value> parameters, const std::string& where = "compile: in the sample");

/// The program of a graph that stands already. Throws as above.
Code trace_graph(std::span<const Value> outputs, const Leaves& leaves);

/// Runs `function` on Values that stand for `operands`, which are results of `code`, and appends what it
/// recorded. Returns the place of its result. Operands that are numbers may be read. Throws as `trace`, and
/// for a branch, all naming `who`.
Id append_run(Code& code, std::string_view who, std::span<const Id> operands,
              const std::function<Value(std::span<const Value> operands)>& function);

}  // namespace micrograd::compiler
