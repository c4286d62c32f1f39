// Built-in versions of the gamma family. Boost.Math computes; poles give values, not exceptions, as IEEE
// asks.
#include <micrograd/ops/special.hpp>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/polygamma.hpp>
#include <cmath>
#include <limits>

namespace micrograd {
namespace {

using Quiet = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::ignore_error>,
    boost::math::policies::pole_error<boost::math::policies::ignore_error>,
    boost::math::policies::overflow_error<boost::math::policies::ignore_error>,
    boost::math::policies::evaluation_error<boost::math::policies::ignore_error>,
    boost::math::policies::promote_double<false>>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool is_pole(double x) { return x <= 0.0 && x == std::floor(x); }

}  // namespace

double lgamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

double digamma(double x) {
  if (std::isnan(x) || is_pole(x)) return nan;
  if (std::isinf(x)) return x;
  return boost::math::digamma(x, Quiet{});
}

double polygamma(double n, double x) {
  constexpr double largest_order = 100.0;  // beyond, the factorials in the series overflow
  const bool is_order = n >= 0.0 && n <= largest_order && n == std::floor(n);
  if (!is_order || std::isnan(x) || is_pole(x)) return nan;
  if (n == 0.0) return digamma(x);
  if (std::isinf(x)) return x > 0.0 ? 0.0 : nan;
  const double result = boost::math::polygamma(static_cast<int>(n), x, Quiet{});
  if (!std::isinf(result)) return result;
  // Boost does not tell on which side an even order overflows: the pole next to x decides.
  const double pole = std::round(x);
  return std::fmod(n, 2.0) == 0.0 && x > pole ? -std::abs(result) : std::abs(result);
}

}  // namespace micrograd
