// The gamma family for C files: what <math.h> lacks. The bits are not those of ops/special.cpp, but as good.
#include <micrograd/compiler/c_text.hpp>

namespace micrograd::compiler {
namespace {

// psi(x) - psi(x0), x0 being the zero of psi, taken term by term with x - x0 as a factor of each: nothing
// cancels, near the zero neither.
constexpr std::string_view digamma_text = R"(
/* The derivative of lgamma. */
static double @digamma(double x) {
  static const double series[8] = {1.0 / 12,       -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132,
                                   -691.0 / 32760, 1.0 / 12,   -3617.0 / 8160};
  const double zero = 1.4616321449683622, rest_of_zero = 9.549995429965697e-17; /* psi(zero + rest) = 0 */
  double reflected = 0.0, from_zero, near, far, y, b = 0.0, q = 0.0, sum = 0.0;
  int k;
  if (isnan(x) || (x <= 0.0 && x == floor(x))) return NAN;
  if (isinf(x)) return x;
  if (x < 0.0) {
    reflected = -3.141592653589793 / tan(3.141592653589793 * (x - round(x)));
    x = 1.0 - x;
  }
  from_zero = (x - zero) - rest_of_zero;
  far = x + 10.0;
  near = zero + 10.0;
  for (k = 9; k >= 0; --k) sum += 1.0 / (zero + k) / (x + k);
  y = 1.0 / far / far;
  for (k = 7; k >= 0; --k) {
    b = series[k] + b / (near * near);
    q = b + q * y;
  }
  sum += 0.5 / far / near + q * (1.0 + near / far) / far / (near * near);
  return from_zero * sum + log1p(from_zero / near) + reflected;
}
)";

// The sum over 1 / (x + k)^(n + 1), its end by the formula of Euler and Maclaurin. For x < 0 the sum over all
// whole k, which depends on the fraction of x only, less what is too many: good to the last digits of the
// larger of the two.
constexpr std::string_view polygamma_text = R"(
/* n! times the sum of 1 / (x + k)^(n + 1) over k = 0, 1, 2, ..., for x > 0. */
static double @gamma_sum(double n, double x) {
  static const double series[8] = {1.0 / 12,       -1.0 / 720,
                                   1.0 / 30240,    -1.0 / 1209600,
                                   1.0 / 47900160, -691.0 / 1307674368000.0,
                                   1.0 / 74724249600.0, -3617.0 / 10670622842880000.0};
  const double enough = 2.0 * n + 15.0;
  const int count = x < enough ? (int)ceil(enough - x) : 0;
  const double far = x + count;
  double end = 0.0, term, sum, i;
  int k;
  term = (n + 1.0) / far;
  for (k = 0; k < 8; ++k) {
    end += series[k] * term;
    term *= (n + 2.0 * k + 2.0) / far * ((n + 2.0 * k + 3.0) / far);
  }
  sum = 1.0 / n + (0.5 + end) / far;
  for (i = 1.0; i <= n; i += 1.0) sum *= i / far;
  for (k = count - 1; k >= 0; --k) {
    term = 1.0 / (x + k);
    for (i = 1.0; i <= n; i += 1.0) term *= i / (x + k);
    sum += term;
  }
  return sum;
}

/* The n-th derivative of digamma, n = 1, 2, ... */
static double @polygamma(double n, double x) {
  const double sign = fmod(n, 2.0) == 0.0 ? -1.0 : 1.0;
  double part, term, i;
  if (isnan(x) || (x <= 0.0 && x == floor(x))) return NAN;
  if (isinf(x)) return x > 0.0 ? 0.0 : NAN;
  if (x > 0.0) return sign * @gamma_sum(n, x);
  part = x - round(x);
  term = 1.0 / part;
  for (i = 1.0; i <= n; i += 1.0) term *= i / part;
  return sign * (term + @gamma_sum(n, 1.0 + part) + sign * (@gamma_sum(n, 1.0 - part) - @gamma_sum(n, 1.0 - x)));
}
)";

}  // namespace

std::string gamma_in_c(const std::string& prefix, bool digamma, bool polygamma) {
  std::string text;
  for (const char c :
       std::string(digamma ? digamma_text : "") + std::string(polygamma ? polygamma_text : "")) {
    if (c == '@') {
      text += prefix;
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace micrograd::compiler
