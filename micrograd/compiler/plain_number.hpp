// Functions that take one of their targets as a plain number, as losses do. What became of the number is
// found by running the function on several.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/trace.hpp>

namespace micrograd::compiler {

/// `number` stands for the last of the targets.
using PlainFunction = std::function<std::vector<Value>(Values inputs, Values targets, double number)>;

/// As `trace`. The function is run on numbers near that of the sample; where each run used its own number, or
/// that with the other sign, the program takes the column. Throws UsageError if the runs differ in any other
/// way: if the number was used in a calculation with plain numbers, say. What is the same for all of these
/// numbers is taken for a constant; that it is one for numbers far away, a caller must find out.
Code trace_plain(const PlainFunction& function, std::span<const double> sample, const Shape& shape,
                 std::span<const Value> parameters, const std::string& where);

/// As `compile`. The signature must have one target or more, and no indices.
template <class Real>
Program<Real> compile_plain(PlainFunction function, const Signature& signature,
                            const CompileOptions& options);

}  // namespace micrograd::compiler
