// What a row of the table of operations is: a struct with `info`, `value` and one partial derivative an
// operand. Everything else in the project (eager, forward mode, higher order, tests, docs) is driven from
// rows.
//
//   struct Tanh {
//     static constexpr OpInfo info{.name = "tanh", .formula = "tanh x", .derivative = "1 - tanh(x)^2"};
//     template <class T> static T value(T x) { using std::tanh; return tanh(x); }
//     template <class T> static T dx(T x, T r) { return T(1) - r * r; }     // r is the stored result
//   };
//
// `T` is double, Dual, Bounded, or Value itself (higher order). Operands are called x, y, z; partials dx, dy,
// dz take the operands and the result. Branches go through `select`, which every number type supplies.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace micrograd {

/// The interval that tests draw an operand from.
struct Domain {
  double low = -3.0;
  double high = 3.0;
};

/// Which operand, if any, is always a plain number (the exponent of `pow(x, 2)`): a double for every `T`.
enum class NumberOperand { none, first, second };

/// What a row says about itself.
struct OpInfo {
  std::string_view name;        ///< printed, and stored in files; unique in the table
  std::string_view formula;     ///< in x, y, z
  std::string_view derivative;  ///< of each operand in turn, in x, y, z and the result r
  std::array<Domain, 3> domain{};
  /// Distance from the operands to the nearest point where the row is not smooth; null for smooth rows.
  double (*kink_distance)(double x, double y, double z) = nullptr;
  /// Operands through which no gradient flows: the row has no partial for them and they receive nothing.
  std::array<bool, 3> flat{};
  NumberOperand number_operand = NumberOperand::none;
  /// What the second operand is where a call leaves it out; only for a row whose second is a number.
  std::optional<double> usual_number{};
  /// Bound of the relative error of `value` for double on its domain, in units of 2^-53.
  double ulp = 1.0;
};

/// `select` is how rows branch; a row outside this namespace says `using micrograd::select;`.
constexpr double select(bool condition, double a, double b) { return condition ? a : b; }
constexpr float select(bool condition, float a, float b) { return condition ? a : b; }

template <class T>
class Operators;

/// A number type the table works on that is not built in: Value, Dual, Bounded.
template <class T>
concept Number = std::derived_from<T, Operators<T>>;

/// A number as an operand that must be a `T`; a type that can tell, labels it as a constant.
template <Number T> T constant(double number) {
  if constexpr (requires { T::constant(number); }) {
    return T::constant(number);
  } else {
    return T(number);
  }
}

/// The type of operand `I` of `Op` when the row is evaluated on `T`.
template <class Op, std::size_t I, class T>
using Operand = std::conditional_t<(Op::info.number_operand == NumberOperand::first && I == 0) ||
                                       (Op::info.number_operand == NumberOperand::second && I == 1),
                                   double, T>;

template <class Op, class... Numbers>
concept EvaluatesOn = requires(Numbers... x) {
  { Op::template value<double>(x...) } -> std::convertible_to<double>;
};

/// Number of operands of a row: 1, 2 or 3; 0 when it has no usable `value`.
template <class Op>
inline constexpr std::size_t arity = EvaluatesOn<Op, double>                   ? 1
                                     : EvaluatesOn<Op, double, double>         ? 2
                                     : EvaluatesOn<Op, double, double, double> ? 3
                                                                               : 0;

/// The partial derivative of `Op` by operand `I`, given operands and result (in that order).
template <class Op, std::size_t I, class T, class... Args>
constexpr auto partial(const Args&... operands_and_result)
  requires(I == 0 && requires { Op::template dx<T>(operands_and_result...); }) ||
          (I == 1 && requires { Op::template dy<T>(operands_and_result...); }) ||
          (I == 2 && requires { Op::template dz<T>(operands_and_result...); })
{
  if constexpr (I == 0) {
    return Op::template dx<T>(operands_and_result...);
  } else if constexpr (I == 1) {
    return Op::template dy<T>(operands_and_result...);
  } else {
    return Op::template dz<T>(operands_and_result...);
  }
}

template <class Op>
concept HasInfo = requires {
  { Op::info } -> std::convertible_to<const OpInfo&>;
};

template <class Op>
concept HasValue = arity<Op> != 0;

template <class Op, std::size_t I>
concept HasPartial = (I >= arity<Op>) || Op::info.flat[I] ||
                     (arity<Op> == 1 && requires(double x) { partial<Op, I, double>(x, x); }) ||
                     (arity<Op> == 2 && requires(double x) { partial<Op, I, double>(x, x, x); }) ||
                     (arity<Op> == 3 && requires(double x) { partial<Op, I, double>(x, x, x, x); });

/// A well-formed row: `info`, `value`, and a partial for every operand that `info.flat` does not exclude.
template <class Op>
concept Row = HasInfo<Op> && HasValue<Op> && HasPartial<Op, 0> && HasPartial<Op, 1> && HasPartial<Op, 2>;

/// A list of rows; positions are the codes that nodes store while a program runs.
template <Row... Ops>
struct OpList {
  template <std::size_t i>
  using At = std::tuple_element_t<i, std::tuple<Ops...>>;

  static constexpr std::size_t size = sizeof...(Ops);
  /// Calls `f.template operator()<Op>()` for each row in order.
  template <class F>
  static constexpr void for_each(F&& f) {
    (f.template operator()<Ops>(), ...);
  }
};

template <class... Lists>
struct Concatenate;
template <class... A>
struct Concatenate<OpList<A...>> {
  using type = OpList<A...>;
};
template <class... A, class... B, class... Rest>
struct Concatenate<OpList<A...>, OpList<B...>, Rest...> : Concatenate<OpList<A..., B...>, Rest...> {};

/// Position of `Op` in a list, or the list's size when it is not there (a user's own row).
template <class Op, class List>
inline constexpr std::size_t position = 0;
template <class Op, class... Ops>
inline constexpr std::size_t position<Op, OpList<Ops...>> = [] {
  constexpr std::array<bool, sizeof...(Ops)> is_op{std::is_same_v<Op, Ops>...};
  std::size_t index = 0;
  while (index < is_op.size() && !is_op[index]) ++index;
  return index;
}();

}  // namespace micrograd
