// Value as the scalar of Eigen matrices: products, decompositions and solves record like any other
// arithmetic.
#pragma once

#include <Eigen/Core>

#include <micrograd/engine/value.hpp>

namespace micrograd {

// What Eigen asks of a real scalar beside arithmetic.
inline Value conj(const Value& x) { return x; }
inline Value real(const Value& x) { return x; }
inline Value imag(const Value& /*x*/) { return 0.0; }
inline Value abs2(const Value& x) { return square(x); }

}  // namespace micrograd

template <>
struct Eigen::NumTraits<micrograd::Value> : Eigen::NumTraits<double> {
  using Real = micrograd::Value;
  using NonInteger = micrograd::Value;
  using Nested = micrograd::Value;
  using Literal = double;
  enum {
    IsComplex = 0,
    IsInteger = 0,
    IsSigned = 1,
    RequireInitialization = 1,
    ReadCost = 2,
    AddCost = 16,
    MulCost = 16
  };
};

// A matrix of Values may stand beside a matrix of doubles.
template <class BinaryOp>
struct Eigen::ScalarBinaryOpTraits<micrograd::Value, double, BinaryOp> {
  using ReturnType = micrograd::Value;
};
template <class BinaryOp>
struct Eigen::ScalarBinaryOpTraits<double, micrograd::Value, BinaryOp> {
  using ReturnType = micrograd::Value;
};
