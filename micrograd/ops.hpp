// The table of operations: every operation the project knows, once. A new row goes into its family file; that
// family's OpList is the only other line to touch.
#pragma once

#include <micrograd/ops/activation.hpp>
#include <micrograd/ops/arithmetic.hpp>
#include <micrograd/ops/exponential.hpp>
#include <micrograd/ops/operators.hpp>
#include <micrograd/ops/piecewise.hpp>
#include <micrograd/ops/row.hpp>
#include <micrograd/ops/special.hpp>
#include <micrograd/ops/trigonometric.hpp>

namespace micrograd {

using Ops = Concatenate<ArithmeticOps, ExponentialOps, TrigonometricOps, SpecialOps, PiecewiseOps,
                        ActivationOps>::type;

/// A row's code: its position in the table, `Ops::size` for a row that is not in it. Codes live only while a
/// program runs; files store names.
template <Row Op>
inline constexpr std::size_t code = position<Op, Ops>;

/// Calls `f.template operator()<Op>()` for every row of the table in order.
template <class F>
constexpr void for_each_op(F&& f) {
  Ops::for_each(std::forward<F>(f));
}

}  // namespace micrograd
