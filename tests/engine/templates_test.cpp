// A Value as the scalar in code that was written for double: standard function names, limits, hashes, numbers
// of every type on either side, and three numeric routines that know nothing of gradients.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include <micrograd/engine/value.hpp>
#include "helpers.hpp"

// Templates of somebody else: they name std functions only.
namespace elsewhere {

struct NamedFunction {
  std::string name;
  double at;
  double (*of_double)(const double&);
  micrograd::Value (*of_value)(const micrograd::Value&);
};

#define NAMED(function, at)                                 \
  NamedFunction {                                           \
    #function, at,                                          \
        [](const double& x) -> double {                     \
          using std::function;                              \
          return function(x);                               \
        },                                                  \
        [](const micrograd::Value& x) -> micrograd::Value { \
          using std::function;                              \
          return function(x);                               \
        }                                                   \
  }

const std::vector<NamedFunction> functions = {
    NAMED(exp, 0.7),   NAMED(exp2, 0.7),  NAMED(expm1, 0.7), NAMED(log, 0.7),   NAMED(log1p, 0.7),
    NAMED(log2, 0.7),  NAMED(log10, 0.7), NAMED(sqrt, 0.7),  NAMED(cbrt, 0.7),  NAMED(sin, 0.7),
    NAMED(cos, 0.7),   NAMED(tan, 0.7),   NAMED(asin, 0.7),  NAMED(acos, 0.7),  NAMED(atan, 0.7),
    NAMED(sinh, 0.7),  NAMED(cosh, 0.7),  NAMED(tanh, 0.7),  NAMED(asinh, 0.7), NAMED(acosh, 1.7),
    NAMED(atanh, 0.7), NAMED(abs, -0.7),  NAMED(fabs, -0.7), NAMED(erf, 0.7),   NAMED(erfc, 0.7),
    NAMED(floor, 2.7), NAMED(ceil, 2.7),  NAMED(round, 2.7), NAMED(trunc, 2.7), NAMED(lgamma, 2.7)};
#undef NAMED

struct Pow {
  template <class X, class Y> static auto call(const X& x, const Y& y) {
    using std::pow;
    return pow(x, y);
  }
};
struct Atan2 {
  template <class X, class Y> static auto call(const X& x, const Y& y) {
    using std::atan2;
    return atan2(x, y);
  }
};
struct Hypot {
  template <class X, class Y> static auto call(const X& x, const Y& y) {
    using std::hypot;
    return hypot(x, y);
  }
};
struct Copysign {
  template <class X, class Y> static auto call(const X& x, const Y& y) {
    using std::copysign;
    return copysign(x, y);
  }
};
struct Min {
  template <class X, class Y> static auto call(const X& x, const Y& y) {
    using std::min;
    return min(x, y);
  }
};
struct Max {
  template <class X, class Y> static auto call(const X& x, const Y& y) {
    using std::max;
    return max(x, y);
  }
};

template <class T>
T fused(const T& x, const T& y, const T& z) {
  using std::fma;
  return fma(x, y, z);
}

/// Adaptive Simpson quadrature of f over [a, b].
template <class F, class T>
T simpson(const F& f, const T& a, const T& b, const T& fa, const T& fm, const T& fb, const T& whole,
          double tolerance, int depth) {
  using std::abs;
  const T m = (a + b) / 2;
  const T left_mid = f((a + m) / 2);
  const T right_mid = f((m + b) / 2);
  const T left = (m - a) / 6 * (fa + 4 * left_mid + fm);
  const T right = (b - m) / 6 * (fm + 4 * right_mid + fb);
  const T error = left + right - whole;
  if (depth <= 0 || abs(error) <= 15 * tolerance) return left + right + error / 15;
  return simpson(f, a, m, fa, left_mid, fm, left, tolerance / 2, depth - 1) +
         simpson(f, m, b, fm, right_mid, fb, right, tolerance / 2, depth - 1);
}

template <class F, class T>
T integrate(const F& f, const T& a, const T& b, double tolerance) {
  const T fa = f(a), fm = f((a + b) / 2), fb = f(b);
  return simpson(f, a, b, fa, fm, fb, T((b - a) / 6 * (fa + 4 * fm + fb)), tolerance, 12);
}

/// One classical Runge-Kutta step of y' = f(t, y).
template <class F, class T>
T runge_kutta(const F& f, const T& t, const T& y, const T& h) {
  const T k1 = f(t, y);
  const T k2 = f(t + h / 2, y + h / 2 * k1);
  const T k3 = f(t + h / 2, y + h / 2 * k2);
  const T k4 = f(t + h, y + h * k3);
  return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
}

/// Newton's iteration from x until the step is within a few units in the last place.
template <class F, class D, class T>
T newton(const F& f, const D& derivative, T x) {
  using std::abs;
  using std::max;
  for (int i = 0; i < 50; ++i) {
    const T step = f(x) / derivative(x);
    x -= step;
    if (abs(step) <= 4 * std::numeric_limits<T>::epsilon() * max(abs(x), T(1))) break;
  }
  return x;
}

template <class T>
std::string classify(const T& x) {
  using std::isfinite;
  using std::isinf;
  using std::isnan;
  using std::isnormal;
  using std::signbit;
  std::string text = signbit(x) ? "-" : "+";
  if (isnan(x)) return "nan";
  if (isinf(x)) text += "inf";
  if (isfinite(x)) text += "finite";
  if (isnormal(x)) text += " normal";
  return text;
}

}  // namespace elsewhere

namespace micrograd {
namespace {

TEST(Templates, find_every_function_by_its_standard_name) {
  for (const elsewhere::NamedFunction& f : elsewhere::functions) {
    const Value x = f.at;
    const Value y = f.of_value(x);
    EXPECT_NEAR(y.data(), f.of_double(f.at), 1e-14) << f.name;
    y.backward();
    constexpr double h = 1e-6;
    EXPECT_NEAR(x.grad(), (f.of_double(f.at + h) - f.of_double(f.at - h)) / (2 * h), 1e-8) << f.name;
  }
}

template <class F>
void expect_two_operands(const char* name) {
  const Value a = 2, b = 3;
  const double expected = F::call(2.0, 3.0);
  EXPECT_NEAR(F::call(a, b).data(), expected, 1e-15) << name;
  EXPECT_NEAR(F::call(a, 3.0).data(), expected, 1e-15) << name;
  EXPECT_NEAR(F::call(2.0, b).data(), expected, 1e-15) << name;
  EXPECT_NEAR(F::call(a, 3).data(), expected, 1e-15) << name;
  EXPECT_NEAR(F::call(2, b).data(), expected, 1e-15) << name;
  EXPECT_NEAR(F::call(a, 3.0F).data(), expected, 1e-15) << name;
  EXPECT_NEAR(F::call(2U, b).data(), expected, 1e-15) << name;
  static_assert(std::is_same_v<decltype(F::call(a, 3)), Value>);
}

TEST(Templates, find_functions_of_two_with_numbers_on_either_side) {
  expect_two_operands<elsewhere::Pow>("pow");
  expect_two_operands<elsewhere::Atan2>("atan2");
  expect_two_operands<elsewhere::Hypot>("hypot");
  expect_two_operands<elsewhere::Copysign>("copysign");
}

TEST(Templates, find_our_min_and_max_also_where_stds_are_in_scope) {
  const Value a = 2, b = 3;
  EXPECT_EQ(elsewhere::Max::call(a, b).op(), "max") << "recorded, not merely chosen";
  EXPECT_EQ(elsewhere::Min::call(a, b).op(), "min");
  EXPECT_EQ(elsewhere::Max::call(a, 7).data(), 7);
  EXPECT_EQ(elsewhere::Max::call(7, a).data(), 7);
  EXPECT_EQ(elsewhere::Min::call(1.5, a).data(), 1.5);
  EXPECT_EQ(std::max({a, b, a}).data(), 3);
}

TEST(Templates, find_fma) {
  const Value x = 2, y = 3, z = 4;
  EXPECT_EQ(elsewhere::fused(x, y, z).data(), 10);
  EXPECT_EQ(elsewhere::fused(x, y, z).op(), "fma");
}

TEST(Templates, see_the_limits_of_double) {
  using Limits = std::numeric_limits<Value>;
  using Double = std::numeric_limits<double>;
  static_assert(Limits::is_specialized && Limits::is_iec559 && !Limits::is_integer && Limits::digits == 53);
  static_assert(std::is_same_v<decltype(Limits::epsilon()), Value>);
  static_assert(std::numeric_limits<const Value>::is_specialized);
  EXPECT_EQ(Limits::epsilon().data(), Double::epsilon());
  EXPECT_EQ(Limits::max().data(), Double::max());
  EXPECT_EQ(Limits::min().data(), Double::min());
  EXPECT_EQ(Limits::lowest().data(), Double::lowest());
  EXPECT_EQ(Limits::infinity().data(), Double::infinity());
  EXPECT_EQ(Limits::denorm_min().data(), Double::denorm_min());
  EXPECT_EQ(Limits::round_error().data(), 0.5);
  EXPECT_TRUE(isnan(Limits::quiet_NaN()));
}

TEST(Templates, classify_as_double_does) {
  for (const double x : {0.0, -0.0, 1.0, -2.5, 1e-310, std::numeric_limits<double>::infinity(),
                         -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    EXPECT_EQ(elsewhere::classify(Value(x)), elsewhere::classify(x)) << x;
}

TEST(Templates, hash_by_data_as_equality_compares) {
  const Value a = 2, b = 2, c = 3;
  EXPECT_EQ(std::hash<Value>{}(a), std::hash<Value>{}(b));
  EXPECT_EQ(std::hash<Value>{}(Value(0.0)), std::hash<Value>{}(Value(-0.0)));
  EXPECT_EQ(std::hash<Value>{}(Value()), std::hash<Value>{}(Value(0)));
  const std::unordered_set<Value> set = {a, b, c};
  EXPECT_EQ(set.size(), 2U);
  EXPECT_TRUE(set.contains(2));
  EXPECT_FALSE(set.contains(4));
}

TEST(Templates, key_containers_by_node_with_node_hash_and_same_node) {
  const Value a = 2, b = 2;
  const Value alias = a;
  std::unordered_set<Value, decltype(&node_hash), decltype(&same_node)> set(8, &node_hash, &same_node);
  set.insert(a);
  set.insert(b);
  set.insert(alias);
  EXPECT_EQ(set.size(), 2U);
  EXPECT_TRUE(set.contains(alias));
  EXPECT_FALSE(set.contains(Value(2)));
  for (int i = 0; i < 3; ++i) set.insert((a + b).prev()[1]);
  EXPECT_EQ(set.size(), 2U);
}

template <class N>
class EitherSide : public ::testing::Test {};
using Arithmetic = ::testing::Types<bool, char, signed char, unsigned char, wchar_t, char8_t, char16_t,
                                    char32_t, short, unsigned short, int, unsigned, long, unsigned long,
                                    long long, unsigned long long, float, double, long double>;
TYPED_TEST_SUITE(EitherSide, Arithmetic);

TYPED_TEST(EitherSide, of_plus_minus_times_and_divide) {
  const auto n = static_cast<TypeParam>(2);  // true, where TypeParam is bool
  const double d = static_cast<double>(n);
  const Value a = 5;
  EXPECT_EQ((a + n).data(), 5 + d);
  EXPECT_EQ((n + a).data(), d + 5);
  EXPECT_EQ((a - n).data(), 5 - d);
  EXPECT_EQ((n - a).data(), d - 5);
  EXPECT_EQ((a * n).data(), 5 * d);
  EXPECT_EQ((n * a).data(), d * 5);
  EXPECT_EQ((a / n).data(), 5 / d);
  EXPECT_EQ((n / a).data(), d / 5);
  EXPECT_EQ(pow(a, n).data(), std::pow(5, d));
  EXPECT_EQ(pow(n, a).data(), std::pow(d, 5));
  EXPECT_EQ(max(n, a).data(), 5);
  EXPECT_EQ((n < a) && (a > n) && (a != n) && !(n == a) && (n <= a) && (a >= n), true);
  Value x = a;
  x += n;
  x -= n;
  x *= n;
  x /= n;
  EXPECT_EQ(x.data(), 5);
  (n - a).backward();
  EXPECT_EQ(a.grad(), -1);
}

struct Parameter {
  Value value;
  operator Value() const { return value; }  // NOLINT(google-explicit-constructor)
};

TEST(Templates, operators_accept_what_converts_to_a_value) {
  const Parameter p{Value(3)};
  const Value a = 2;
  EXPECT_EQ((a * p).data(), 6);
  EXPECT_EQ((p - a).data(), 1);
  (p + a).backward();
  EXPECT_EQ(p.value.grad(), 1);
}

TEST(Templates, adaptive_quadrature_differentiates_by_limit_and_parameter) {
  const auto gaussian = [](const auto& k) {
    return [k](const auto& x) {
      using std::exp;
      return exp(-k * x * x);
    };
  };
  const double tolerance = testing::stressed() ? 1e-5 : 1e-10;
  const Value k = 0.8, upper = 1.5;
  const Value integral = elsewhere::integrate(gaussian(k), Value(0), upper, tolerance);
  EXPECT_EQ(integral.data(), elsewhere::integrate(gaussian(0.8), 0.0, 1.5, tolerance));
  const double expected = std::sqrt(std::numbers::pi / 0.8) / 2 * std::erf(std::sqrt(0.8) * 1.5);
  EXPECT_NEAR(integral.data(), expected, 10 * tolerance);
  integral.backward();
  const double at_end = std::exp(-0.8 * 1.5 * 1.5);
  EXPECT_NEAR(upper.grad(), at_end, 1000 * tolerance);
  EXPECT_NEAR(k.grad(), -expected / (2 * 0.8) + 1.5 * at_end / (2 * 0.8), 1000 * tolerance);
}

TEST(Templates, a_runge_kutta_step_differentiates_by_start_rate_and_step) {
  const auto decay = [](const auto& rate) {
    return [rate](const auto&, const auto& y) { return -rate * y; };
  };
  const Value rate = 1.3, start = 2, step = 0.1;
  Value y = start, t = 0;
  double plain = 2, plain_t = 0;
  for (int i = 0; i < 20; ++i) {
    y = elsewhere::runge_kutta(decay(rate), t, y, step);
    t += step;
    plain = elsewhere::runge_kutta(decay(1.3), plain_t, plain, 0.1);
    plain_t += 0.1;
  }
  EXPECT_EQ(y.data(), plain);
  y.backward();
  const double exact = 2 * std::exp(-1.3 * 2);
  EXPECT_NEAR(y.data(), exact, 1e-5);
  EXPECT_NEAR(start.grad(), exact / 2, 1e-5);
  EXPECT_NEAR(rate.grad(), -2 * exact, 1e-4);
  EXPECT_NEAR(step.grad(), -1.3 * 20 * exact, 1e-3);
}

TEST(Templates, newtons_method_differentiates_the_root) {
  const auto solve = [](const auto& a) {  // x^3 = a
    using T = std::remove_cvref_t<decltype(a)>;
    return elsewhere::newton([a](const T& x) { return x * x * x - a; }, [](const T& x) { return 3 * x * x; },
                             T(1));
  };
  const Value a = 7;
  const Value root = solve(a);
  EXPECT_EQ(root.data(), solve(7.0));
  EXPECT_NEAR(root.data(), std::cbrt(7.0), 1e-15);
  root.backward();
  EXPECT_NEAR(a.grad(), 1 / (3 * std::cbrt(49.0)), 1e-14);
}

}  // namespace
}  // namespace micrograd
