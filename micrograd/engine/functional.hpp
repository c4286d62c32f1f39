// Derivatives of functions: hand over a function of Values and a point of plain numbers, get plain numbers
// back. The function is `f(std::span<const Value>)` and returns a Value or, where several outputs make sense,
// a vector. It is recorded, whether or not the caller is within no_grad.
#pragma once

#include <concepts>
#include <functional>
#include <span>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {

/// A dense matrix of plain numbers, row after row.
struct Matrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> entries;
  [[nodiscard]] double operator()(std::size_t row, std::size_t column) const {
    return entries[row * columns + column];
  }
};

/// A function with one output.
template <class F>
concept ScalarFunction = requires(F f, std::span<const Value> x) {
  { f(x) } -> std::convertible_to<Value>;
};
/// A function with several outputs.
template <class F>
concept VectorFunction = requires(F f, std::span<const Value> x) {
  { f(x) } -> std::convertible_to<std::vector<Value>>;
};

namespace functional {

using Function = std::function<std::vector<Value>(std::span<const Value>)>;

template <class F>
Function wrap(F f) {
  if constexpr (ScalarFunction<F>) {
    return [f = std::move(f)](std::span<const Value> x) { return std::vector<Value>{Value(f(x))}; };
  } else {
    return f;
  }
}

Matrix jacobian(const Function& f, std::span<const double> x);
Matrix hessian(const Function& f, std::span<const double> x);
std::vector<double> hvp(const Function& f, std::span<const double> x, std::span<const double> v);
std::vector<double> jvp(const Function& f, std::span<const double> x, std::span<const double> v);
std::vector<double> vjp(const Function& f, std::span<const double> x, std::span<const double> u);

}  // namespace functional

/// ∂f/∂x[j] for every j: one forward and one backward pass.
template <ScalarFunction F>
std::vector<double> gradient(F f, std::span<const double> x) {
  return functional::jacobian(functional::wrap(std::move(f)), x).entries;
}

/// Outputs × inputs; one backward pass for each output.
template <class F>
  requires ScalarFunction<F> || VectorFunction<F>
Matrix jacobian(F f, std::span<const double> x) {
  return functional::jacobian(functional::wrap(std::move(f)), x);
}

/// Inputs × inputs, of a function with one output; one pass over the recorded gradient for each input.
template <ScalarFunction F>
Matrix hessian(F f, std::span<const double> x) {
  return functional::hessian(functional::wrap(std::move(f)), x);
}

/// Hessian times v, without the Hessian: two passes. Throws UsageError unless v is as long as x.
template <ScalarFunction F>
std::vector<double> hvp(F f, std::span<const double> x, std::span<const double> v) {
  return functional::hvp(functional::wrap(std::move(f)), x, v);
}

/// Jacobian times v (v as long as x, else UsageError), by differentiating u ↦ Jᵀu, which is linear in u.
template <class F>
  requires ScalarFunction<F> || VectorFunction<F>
std::vector<double> jvp(F f, std::span<const double> x, std::span<const double> v) {
  return functional::jvp(functional::wrap(std::move(f)), x, v);
}

/// u times Jacobian (u as long as the outputs, else UsageError): one backward pass.
template <class F>
  requires ScalarFunction<F> || VectorFunction<F>
std::vector<double> vjp(F f, std::span<const double> x, std::span<const double> u) {
  return functional::vjp(functional::wrap(std::move(f)), x, u);
}

}  // namespace micrograd
