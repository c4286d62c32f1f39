// Rows that only a program over many lanes needs: comparisons as numbers, and a choice lane by lane. In eager
// code a comparison is a `bool` and `select` has already chosen; here each lane has its own answer.
#pragma once

#include <micrograd/ops.hpp>

namespace micrograd::compiler {

struct IsLess {
  static constexpr OpInfo info{
      .name = "is_less", .formula = "1 if x < y, else 0", .derivative = "0", .flat = {true, true}, .ulp = 0};
  template <class T> static T value(T x, T y) { return select(x < y, T(1), T(0)); }
};

struct IsLessEqual {
  static constexpr OpInfo info{.name = "is_less_equal",
                               .formula = "1 if x <= y, else 0",
                               .derivative = "0",
                               .flat = {true, true},
                               .ulp = 0};
  template <class T> static T value(T x, T y) { return select(x <= y, T(1), T(0)); }
};

struct IsGreater {
  static constexpr OpInfo info{.name = "is_greater",
                               .formula = "1 if x > y, else 0",
                               .derivative = "0",
                               .flat = {true, true},
                               .ulp = 0};
  template <class T> static T value(T x, T y) { return select(x > y, T(1), T(0)); }
};

struct IsGreaterEqual {
  static constexpr OpInfo info{.name = "is_greater_equal",
                               .formula = "1 if x >= y, else 0",
                               .derivative = "0",
                               .flat = {true, true},
                               .ulp = 0};
  template <class T> static T value(T x, T y) { return select(x >= y, T(1), T(0)); }
};

struct IsEqual {
  static constexpr OpInfo info{.name = "is_equal",
                               .formula = "1 if x == y, else 0",
                               .derivative = "0",
                               .flat = {true, true},
                               .ulp = 0};
  template <class T> static T value(T x, T y) { return select(x == y, T(1), T(0)); }
};

struct IsNotEqual {
  static constexpr OpInfo info{.name = "is_not_equal",
                               .formula = "1 if x != y, else 0",
                               .derivative = "0",
                               .flat = {true, true},
                               .ulp = 0};
  template <class T> static T value(T x, T y) { return select(x != y, T(1), T(0)); }
};

/// y where x is not 0, z where it is: what `select(condition, y, z)` is for each lane. The side not chosen
/// gets the gradient 0 as a choice, not as a product, so a NaN there does not leak.
struct Choose {
  static constexpr OpInfo info{.name = "choose",
                               .formula = "y where x is not 0, else z",
                               .derivative = "1 to the one taken",
                               .flat = {true, false, false},
                               .ulp = 0};
  template <class T> static T value(T x, T y, T z) { return select(x != 0.0, y, z); }
  template <class T> static T dy(T x, T, T, T) { return select(x != 0.0, T(1), T(0)); }
  template <class T> static T dz(T x, T, T, T) { return select(x != 0.0, T(0), T(1)); }
};

using LaneOps = OpList<IsLess, IsLessEqual, IsGreater, IsGreaterEqual, IsEqual, IsNotEqual, Choose>;

/// Every row that has kernels: the table, in whose part codes are those of the table, then the rows above.
using KernelOps = Concatenate<Ops, LaneOps>::type;

/// The code by which `kernel` knows a row of the table or one of the above.
template <Row Op>
  requires(position<Op, KernelOps> < KernelOps::size)
inline constexpr std::size_t kernel_code = position<Op, KernelOps>;

}  // namespace micrograd::compiler
