// Loop order: rows outermost; within a row the function as it is written. Built with -O3 -march=native.
#include "native.hpp"

namespace bench::native {

void black_scholes_loop(std::span<const double> x, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = black_scholes(x[3 * i], x[3 * i + 1], x[3 * i + 2]);
}

void rosenbrock_loop(std::span<const double> x, std::size_t columns, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = rosenbrock(x.subspan(i * columns, columns));
}

void lotka_volterra_loop(std::span<const double> x, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = lotka_volterra(x.subspan(i * 4, 4));
}

double value_of(const objectives::Mixture& f, std::span<const double> x) { return f(x); }
double value_of(const objectives::LeastSquares& f, std::span<const double> x) { return f(x); }
double value_of(const objectives::LogSumExp& f, std::span<const double> x) { return f(x); }
double value_of(const objectives::BundleAdjustment& f, std::span<const double> x) { return f(x); }
double value_of(const objectives::KMeans& f, std::span<const double> x) { return f(x); }
double value_of(const objectives::Lstm& f, std::span<const double> x) { return f(x); }
double value_of(const objectives::Determinant& f, std::span<const double> x) { return f(x); }

}  // namespace bench::native
