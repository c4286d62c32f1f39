// What each kind of run computes, as a program: the function itself, or one of its derivatives.
#pragma once

#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/compile.hpp>

namespace micrograd::compiler {

using micrograd::Want;
inline constexpr std::size_t wants = 10;
static_assert(static_cast<std::size_t>(Want::once) + 1 == wants);

/// The program whose outputs are what is wanted: values; values, then gradients; each output's gradients; …
/// For vjp and jvp the seeds or directions are further input columns. Backward: the reduced output, then its
/// derivative by each parameter. Guards: for each guard its comparison and the two sides of it. Once: what
/// counts once in a sum over rows, if anything does.
Code derive(Code code, Want want, const Shape& shape, Reduce reduce);

}  // namespace micrograd::compiler
