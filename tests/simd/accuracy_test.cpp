// Every function that is not exact, against the C library's long double, over all magnitudes, near its zeros,
// and at the ends of its range: within the ulps that accuracy.hpp states. Prints what it measured.
//
// MICROGRAD_ULP_POINTS asks for more points than the usual 40,000 of each kind.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <map>
#include <numbers>
#include <string>

#include <micrograd/simd/accuracy.hpp>

#include "numbers.hpp"
#include "row_evaluators.hpp"

namespace micrograd::simd::testing {
namespace {

using Unary = long double (*)(long double);
using Binary = long double (*)(long double, long double);

const std::map<std::string_view, Unary> unary_references{
    {"exp", std::exp},     {"exp2", std::exp2},   {"expm1", std::expm1}, {"log", std::log},
    {"log2", std::log2},   {"log10", std::log10}, {"log1p", std::log1p}, {"sin", std::sin},
    {"cos", std::cos},     {"tan", std::tan},     {"asin", std::asin},   {"acos", std::acos},
    {"atan", std::atan},   {"sinh", std::sinh},   {"cosh", std::cosh},   {"tanh", std::tanh},
    {"asinh", std::asinh}, {"acosh", std::acosh}, {"atanh", std::atanh}, {"cbrt", std::cbrt},
    {"erf", std::erf},     {"erfc", std::erfc},
};
const std::map<std::string_view, Binary> binary_references{
    {"pow", std::pow}, {"atan2", std::atan2}, {"hypot", std::hypot}};

std::size_t points() {
  const char* const wish = std::getenv("MICROGRAD_ULP_POINTS");
  return wish != nullptr ? std::stoul(wish) : 40'000 / thinning;
}

template <class Real>
std::vector<Real> points_on_a_line(std::mt19937_64& random) {
  constexpr bool is_double = std::is_same_v<Real, double>;
  std::vector<Real> list = special_numbers<Real>();
  std::uniform_real_distribution<double> near_overflow(is_double ? -1100 : -160, is_double ? 1100 : 160);
  std::uniform_real_distribution<double> small(-7, 7);
  std::uniform_int_distribution<int> whole(-20'000, 20'000);
  for (std::size_t i = 0; i < points(); ++i) {
    list.push_back(random_bits<Real>(random));
    list.push_back(random_magnitude<Real>(random, -30, 10));
    list.push_back(static_cast<Real>(near_overflow(random)));
    list.push_back(static_cast<Real>(small(random)));
    // Zeros of sine and cosine, and the branch points of logarithms and inverse functions.
    if (i % 2 == 0) list.push_back(static_cast<Real>(whole(random) * (std::numbers::pi / 2)));
    const Real one = static_cast<Real>((random() & 1U) != 0 ? 1 : -1);
    if (i % 4 == 0)
      list.push_back(one + static_cast<Real>(whole(random)) * std::numeric_limits<Real>::epsilon());
  }
  return list;
}

template <class Real>
std::array<std::vector<Real>, 2> points_in_a_plane(std::mt19937_64& random) {
  std::array<std::vector<Real>, 2> list;
  const auto add = [&](Real x, Real y) {
    list[0].push_back(x);
    list[1].push_back(y);
  };
  for (const Real x : special_numbers<Real>()) {
    for (const Real y : special_numbers<Real>()) add(x, y);
  }
  std::uniform_int_distribution<int> whole(-40, 40);
  for (std::size_t i = 0; i < points(); ++i) {
    add(random_bits<Real>(random), random_bits<Real>(random));
    add(random_magnitude<Real>(random, -8, 6), random_magnitude<Real>(random, -8, 6));
    add(random_magnitude<Real>(random, -30, 30), static_cast<Real>(whole(random)));
    // A base close to 1 and a large exponent.
    add(1 + static_cast<Real>(whole(random)) * std::numeric_limits<Real>::epsilon(),
        random_magnitude<Real>(random, 0, 60));
  }
  return list;
}

template <class Real>
class Measured {
 public:
  void operator()(Real got, long double exact, Real x, Real y) {
    const double distance = ulps(got, exact);
    if (distance <= ulps_) return;
    ulps_ = distance;
    x_ = x;
    y_ = y;
    got_ = got;
    exact_ = exact;
  }
  double worst() const { return ulps_; }
  friend std::ostream& operator<<(std::ostream& out, const Measured& m) {
    return out << std::setprecision(17) << "at (" << m.x_ << ", " << m.y_ << "): got " << m.got_
               << ", exact is " << m.exact_;
  }

 private:
  double ulps_ = 0;
  Real x_{}, y_{}, got_{};
  long double exact_{};
};

template <class Real>
const RowEvaluators<Real>& row_called(Target target, std::string_view name) {
  for (const RowEvaluators<Real>& row : rows_on<Real>(target)) {
    if (row.name == name) return row;
  }
  throw std::logic_error("no row is called " + std::string(name));
}

/// On each target: evaluates the row at the points and measures the distance from the exact results.
template <class Real>
void check(const Accuracy& stated, std::vector<const Real*> given, const std::vector<long double>& exact) {
  const double bound = std::is_same_v<Real, double> ? stated.ulp_double : stated.ulp_float;
  std::vector<Real> got(exact.size() + padding);
  for (const Target target : lane_targets()) {
    row_called<Real>(target, stated.function).value(given.data(), got.data(), exact.size());
    Measured<Real> measured;
    for (std::size_t i = 0; i < exact.size(); ++i)
      measured(got[i], exact[i], given.front()[i], given.back()[i]);
    EXPECT_LE(measured.worst(), bound) << stated.function << " on " << name(target) << ", " << measured;
    std::cout << std::left << std::setw(7) << stated.function << (sizeof(Real) == 8 ? "double  " : "float   ")
              << std::setw(6) << name(target) << std::setprecision(3) << measured.worst() << " of " << bound
              << "\n";
  }
}

template <class Real>
void check_all() {
  static_assert(std::numeric_limits<long double>::digits >= 64, "the reference must have digits to spare");
  std::mt19937_64 random(2026);
  std::vector<Real> line = points_on_a_line<Real>(random);
  std::array<std::vector<Real>, 2> plane = points_in_a_plane<Real>(random);
  const std::size_t on_line = line.size();
  const std::size_t in_plane = plane[0].size();
  line.resize(on_line + padding);
  for (std::vector<Real>& list : plane) list.resize(in_plane + padding);
  for (const Accuracy& stated : accuracies()) {
    std::vector<long double> exact;
    if (const auto unary = unary_references.find(stated.function); unary != unary_references.end()) {
      for (std::size_t i = 0; i < on_line; ++i) exact.push_back(unary->second(line[i]));
      check<Real>(stated, {line.data()}, exact);
    } else if (const auto binary = binary_references.find(stated.function);
               binary != binary_references.end()) {
      for (std::size_t i = 0; i < in_plane; ++i) exact.push_back(binary->second(plane[0][i], plane[1][i]));
      check<Real>(stated, {plane[0].data(), plane[1].data()}, exact);
    } else {
      ADD_FAILURE() << "no reference for " << stated.function;
    }
  }
}

TEST(Accuracy, functions_of_doubles_are_within_their_ulps) { check_all<double>(); }
TEST(Accuracy, functions_of_floats_are_within_their_ulps) { check_all<float>(); }

TEST(Accuracy, exact_functions_are_not_listed) {
  EXPECT_EQ(accuracy_of("sqrt"), nullptr);
  ASSERT_NE(accuracy_of("pow"), nullptr);
  EXPECT_EQ(accuracy_of("pow")->library, "SLEEF");
}

}  // namespace
}  // namespace micrograd::simd::testing
