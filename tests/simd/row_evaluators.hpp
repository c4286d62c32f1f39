// Every row of the table on lanes of one target, as plain functions that the tests can call without knowing
// the rows' types. The files rows_*.cpp make one list for each target.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <micrograd/simd/target.hpp>

namespace micrograd::simd::testing {

/// `given` are the operands, `count` numbers each, and for a partial derivative the results after them.
/// `count` is rounded up to whole packs, so arrays must be longer by `padding`. Of a number operand only the
/// first is used.
template <class Real>
using Evaluate = void (*)(const Real* const* given, Real* out, std::size_t count);

constexpr std::size_t padding = 16;

/// In order of the table.
template <class Real>
struct RowEvaluators {
  std::string_view name;
  std::size_t operands;
  Evaluate<Real> value;
  Evaluate<Real> partials[3];  ///< null where the row has none
};

/// The list of one target that this machine can run; not for Target::scalar.
template <class Real>
const std::vector<RowEvaluators<Real>>& rows_on(Target target);

template <Target target, class Real>
const std::vector<RowEvaluators<Real>>& rows_compiled_for();

/// The targets with lanes that this machine can run.
inline std::span<const Target> lane_targets() { return std::span(targets()).subspan(1); }

}  // namespace micrograd::simd::testing
