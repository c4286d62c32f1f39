// Functions in pieces: abs, min, max, copysign, rounding, and the record of a `select`.
// Conventions at the kinks: abs'(0) = 0; a tie of min or max gives the whole gradient to the first operand.
#pragma once

#include <algorithm>
#include <cmath>

#include <micrograd/ops/row.hpp>

namespace micrograd {

struct Abs {
  static constexpr OpInfo info{.name = "abs",
                               .formula = "|x|",
                               .derivative = "sign x, 0 at 0",
                               .kink_distance = [](double x, double, double) { return std::abs(x); },
                               .ulp = 0};
  template <class T> static T value(T x) {
    using std::abs;
    return abs(x);
  }
  template <class T> static T dx(T x, T) { return select(x > 0.0, T(1), select(x < 0.0, T(-1), T(0))); }
};

struct Min {
  static constexpr OpInfo info{.name = "min",
                               .formula = "y if y < x, else x",
                               .derivative = "1 to the one taken",
                               .kink_distance = [](double x, double y, double) { return std::abs(x - y); },
                               .ulp = 0};
  template <class T> static T value(T x, T y) { return select(y < x, y, x); }
  template <class T> static T dx(T x, T y, T) { return select(y < x, T(0), T(1)); }
  template <class T> static T dy(T x, T y, T) { return select(y < x, T(1), T(0)); }
};

struct Max {
  static constexpr OpInfo info{.name = "max",
                               .formula = "y if x < y, else x",
                               .derivative = "1 to the one taken",
                               .kink_distance = [](double x, double y, double) { return std::abs(x - y); },
                               .ulp = 0};
  template <class T> static T value(T x, T y) { return select(x < y, y, x); }
  template <class T> static T dx(T x, T y, T) { return select(x < y, T(0), T(1)); }
  template <class T> static T dy(T x, T y, T) { return select(x < y, T(1), T(0)); }
};

/// The magnitude of x with the sign of y; flat in y.
struct Copysign {
  static constexpr OpInfo info{
      .name = "copysign",
      .formula = "|x| with the sign of y",
      .derivative = "sign x * sign y, 0 at x = 0",
      .kink_distance = [](double x, double y, double) { return std::min(std::abs(x), std::abs(y)); },
      .flat = {false, true},
      .ulp = 0};
  template <class T> static T value(T x, T y) {
    using std::copysign;
    return copysign(x, y);
  }
  template <class T> static T dx(T x, T y, T) {
    using std::copysign;
    return select(x > 0.0, T(1), select(x < 0.0, T(-1), T(0))) * copysign(1.0, y);
  }
};

inline double distance_to_whole(double x, double, double) { return std::abs(x - std::round(x)); }
inline double distance_to_half(double x, double, double) { return std::abs(x - std::floor(x) - 0.5); }

struct Floor {
  static constexpr OpInfo info{.name = "floor",
                               .formula = "largest whole number <= x",
                               .derivative = "0",
                               .kink_distance = distance_to_whole,
                               .flat = {true},
                               .ulp = 0};
  template <class T> static T value(T x) {
    using std::floor;
    return floor(x);
  }
};

struct Ceil {
  static constexpr OpInfo info{.name = "ceil",
                               .formula = "smallest whole number >= x",
                               .derivative = "0",
                               .kink_distance = distance_to_whole,
                               .flat = {true},
                               .ulp = 0};
  template <class T> static T value(T x) {
    using std::ceil;
    return ceil(x);
  }
};

struct Round {
  static constexpr OpInfo info{.name = "round",
                               .formula = "nearest whole number, halves away from 0",
                               .derivative = "0",
                               .kink_distance = distance_to_half,
                               .flat = {true},
                               .ulp = 0};
  template <class T> static T value(T x) {
    using std::round;
    return round(x);
  }
};

struct Trunc {
  static constexpr OpInfo info{.name = "trunc",
                               .formula = "x without its fraction",
                               .derivative = "0",
                               .kink_distance = distance_to_whole,
                               .flat = {true},
                               .ulp = 0};
  template <class T> static T value(T x) {
    using std::trunc;
    return trunc(x);
  }
};

/// What `select(condition, x, y)` records when the condition held. The operand not taken receives nothing at
/// all, not even 0 times something, so a NaN on that side cannot leak.
struct Select {
  static constexpr OpInfo info{.name = "select",
                               .formula = "x, where the condition held",
                               .derivative = "1 to x",
                               .flat = {false, true},
                               .ulp = 0};
  template <class T> static T value(T x, T) { return x; }
  template <class T> static double dx(T, T, T) { return 1.0; }
};

/// What `select(condition, x, y)` records when the condition did not hold.
struct SelectElse {
  static constexpr OpInfo info{.name = "select_else",
                               .formula = "y, where the condition failed",
                               .derivative = "1 to y",
                               .flat = {true, false},
                               .ulp = 0};
  template <class T> static T value(T, T y) { return y; }
  template <class T> static double dy(T, T, T) { return 1.0; }
};

using PiecewiseOps = OpList<Abs, Min, Max, Copysign, Floor, Ceil, Round, Trunc, Select, SelectElse>;

template <Number T> T abs(const T& x) { return apply<Abs>(x); }
template <Number T> T fabs(const T& x) { return apply<Abs>(x); }
template <Number T> T min(const T& x, const T& y) { return apply<Min>(x, y); }
template <Number T> T min(const T& x, double y) { return apply<Min>(x, y); }
template <Number T> T min(double x, const T& y) { return apply<Min>(x, y); }
template <Number T> T max(const T& x, const T& y) { return apply<Max>(x, y); }
template <Number T> T max(const T& x, double y) { return apply<Max>(x, y); }
template <Number T> T max(double x, const T& y) { return apply<Max>(x, y); }
template <Number T> T copysign(const T& x, const T& y) { return apply<Copysign>(x, y); }
template <Number T> T copysign(const T& x, double y) { return apply<Copysign>(x, y); }
template <Number T> T copysign(double x, const T& y) { return apply<Copysign>(x, y); }
template <Number T> T floor(const T& x) { return apply<Floor>(x); }
template <Number T> T ceil(const T& x) { return apply<Ceil>(x); }
template <Number T> T round(const T& x) { return apply<Round>(x); }
template <Number T> T trunc(const T& x) { return apply<Trunc>(x); }

}  // namespace micrograd
