// Forward mode: a Dual carries a value and its derivative in one direction. Arithmetic of the numbers a + b ε
// with ε² = 0 *is* the chain rule: f(a + b ε) = f(a) + f'(a) b ε. Dual<Dual<double>> gives second
// derivatives.
#pragma once

#include <iosfwd>
#include <ostream>
#include <type_traits>

#include <micrograd/engine/carrier.hpp>

namespace micrograd {

template <class T = double>
class Dual : public Operators<Dual<T>> {
 public:
  T value{};
  T derivative{};

  constexpr Dual() = default;
  /// A constant: derivative 0.
  template <class N>
    requires std::is_arithmetic_v<N>
  constexpr Dual(N number) : value(static_cast<double>(number)) {}
  constexpr Dual(T x, T tangent) : value(x), derivative(tangent) {}

  /// The operation on operands of this type and plain numbers, which carry nothing.
  template <class Op, class... Given> static Dual evaluate(const Given&... given);

  friend std::ostream& operator<<(std::ostream& out, const Dual& x) {
    return out << "Dual(value=" << x.value << ", derivative=" << x.derivative << ")";
  }
};

template <class T>
constexpr double primal(const Dual<T>& x) {
  return primal(x.value);
}

/// True if a tangent is exactly nothing; such an operand's partial is not computed (no log(-2) in pow(-2,
/// 2)).
constexpr bool is_nothing(double tangent) { return tangent == 0.0; }
template <class T>
constexpr bool is_nothing(const Dual<T>& x) {
  return is_nothing(x.value) && is_nothing(x.derivative);
}

namespace forward {

/// Operand `I` of a row, lifted to what the row wants: a number stays one where the row says so.
template <class Op, std::size_t I, class T, class Given>
auto lift(const Given& x) {
  if constexpr (std::is_same_v<Given, double>) {
    return Operand<Op, I, T>(x);
  } else {
    return x.value;
  }
}

template <class Op, std::size_t I, class T, class Given, class... Args>
void add_term(T& derivative, const Given& x, const Args&... operands_and_result) {
  if constexpr (!std::is_same_v<Given, double> && !Op::info.flat[I]) {
    if (!is_nothing(x.derivative)) {
      derivative = derivative + x.derivative * partial<Op, I, T>(operands_and_result...);
    }
  }
}

template <class Op, class T, class... Given>
Dual<T> evaluate(const Given&... given) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto on = [](const auto&... x) {
      return [=](auto&& f) { return f(x...); };
    }(lift<Op, I, T>(given)...);
    const T result = on([](const auto&... x) -> T {
      if constexpr (Number<T>) {
        return apply<Op>(x...);  // by the row's partials, not through the formula of its value
      } else {
        return Op::template value<T>(x...);
      }
    });
    T derivative{};
    on([&](const auto&... x) {
      (add_term<Op, I, T>(derivative, given, x..., result), ...);
      return 0;
    });
    return Dual<T>(result, derivative);
  }(std::index_sequence_for<Given...>());
}

}  // namespace forward

template <class T>
template <class Op, class... Given>
Dual<T> Dual<T>::evaluate(const Given&... given) {
  return forward::evaluate<Op, T>(given...);
}

}  // namespace micrograd
