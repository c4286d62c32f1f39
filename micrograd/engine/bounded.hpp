// A number that carries a first-order bound of its own rounding error: |value - exact| <= bound. Each
// operation passes its operands' bounds through its partial derivatives and adds its own rounding. Two
// correct ways of computing the same thing must agree within the bound; how tests judge equality without
// guessed tolerances.
#pragma once

#include <cmath>
#include <limits>
#include <ostream>
#include <type_traits>

#include <micrograd/engine/carrier.hpp>

namespace micrograd {

template <class T = double>
class Bounded : public Operators<Bounded<T>> {
 public:
  T value{};
  T bound{};

  constexpr Bounded() = default;
  /// Exact.
  template <class N>
    requires std::is_arithmetic_v<N>
  constexpr Bounded(N number) : value(static_cast<T>(number)) {}
  constexpr Bounded(T x, T error) : value(x), bound(error) {}

  /// The operation on operands of this type and plain numbers, which carry nothing.
  template <class Op, class... Given> static Bounded evaluate(const Given&... given);

  friend std::ostream& operator<<(std::ostream& out, const Bounded& x) {
    return out << "Bounded(value=" << x.value << ", bound=" << x.bound << ")";
  }
};

template <class T>
constexpr double primal(const Bounded<T>& x) {
  return x.value;
}
template <class T>
constexpr bool is_nothing(const Bounded<T>& x) {
  return x.value == T(0) && x.bound == T(0);
}

namespace rounding {

template <class T>
constexpr T value_of(const Bounded<T>& x) {
  return x.value;
}
constexpr double value_of(double x) { return x; }
template <class T>
constexpr T bound_of(const Bounded<T>& x) {
  return x.bound;
}
constexpr double bound_of(double /*exact*/) { return 0.0; }

template <class Op, std::size_t I, class T, class... Args>
T carried(T bound, const Args&... operands_and_result) {
  if (bound == T(0)) return T(0);
  if constexpr (Op::info.flat[I]) {
    return T(0);
  } else {
    return bound * std::abs(static_cast<T>(partial<Op, I, T>(operands_and_result...)));
  }
}

template <class Op, class T, class... Given>
Bounded<T> evaluate(const Given&... given) {
  const T result = Op::template value<T>(value_of(given)...);
  T bound = static_cast<T>(Op::info.ulp) * (std::numeric_limits<T>::epsilon() / 2) * std::abs(result) +
            (Op::info.ulp > 0 ? std::numeric_limits<T>::denorm_min() : T(0));
  T widest{};
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((bound += carried<Op, I, T>(static_cast<T>(bound_of(given)), value_of(given)..., result)), ...);
    ((widest = std::max(widest, static_cast<T>(bound_of(given)))), ...);
    bound +=
        widest * widest;  // the second order is all there is where partials vanish, as for x * y at (0, 0)
    if (Op::info.kink_distance != nullptr) {
      // An operand that may lie on either side of a kink: nothing can be said about what follows.
      double at[3] = {0.0, 0.0, 0.0};
      ((at[I] = value_of(given)), ...);
      if (Op::info.kink_distance(at[0], at[1], at[2]) < 2 * widest)
        bound = std::numeric_limits<T>::infinity();
    }
  }(std::index_sequence_for<Given...>());
  return {result, bound};
}

}  // namespace rounding

template <class T>
template <class Op, class... Given>
Bounded<T> Bounded<T>::evaluate(const Given&... given) {
  return rounding::evaluate<Op, T>(given...);
}

}  // namespace micrograd
