// How far the functions on lanes may be from the exact result, and who computes them: what the compiler's
// error bounds and the documentation quote, and what the tests hold the functions to.
#pragma once

#include <span>
#include <string_view>

namespace micrograd::simd {

struct Accuracy {
  std::string_view function;
  std::string_view library;  ///< where a function has a fast domain, it is in functions-inl.h
  /// Bounds of the error in units in the last place of the exact result (in the subnormal range: of the
  /// smallest number), over all numbers for which the result is finite, on every target.
  double ulp_double;
  double ulp_float;
};

/// The vector functions. Not in the list: arithmetic, sqrt, fma, comparisons, and what only selects or rounds
/// to whole numbers, which give the bits that IEEE 754 prescribes; and lgamma, digamma and polygamma, which
/// are the scalar functions called lane by lane, in double.
std::span<const Accuracy> accuracies();

/// The line of one function; null for those that are not in the list.
const Accuracy* accuracy_of(std::string_view function);

}  // namespace micrograd::simd
