// W4: a hundred thousand steps of a small expression with exp, log, sin and tanh, as in an ODE solver.
#include <cmath>

#include "baselines/baselines.hpp"
#include "contestants.hpp"

namespace bench {
namespace {

constexpr std::size_t steps = 100'000;

struct Mix {
  template <class T>
  T operator()(const T& start) const {
    using std::exp, std::log, std::sin, std::tanh;
    T x = start;
    for (std::size_t i = 0; i < steps; ++i) {
      x = x + 1e-4 * (sin(x) + 0.5 * exp(-x) - tanh(0.5 * x) - log(x * x + 1.0));
    }
    return x;
  }
};

}  // namespace

Workload transcendental_mix() {
  constexpr double operations = 14.0 * steps;
  Workload workload{.name = "W4 exp, log, sin, tanh", .target = 3.5, .contestants = {}};
  workload.contestants.push_back(
      {"plain", operations, [] { return [loops = plain::Mix(steps)]() mutable { return loops.run(0.3); }; }});
  add_tapes(workload, operations, 0.3, Mix{});
  return workload;
}

}  // namespace bench
