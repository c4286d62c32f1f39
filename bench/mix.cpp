// W4: a hundred thousand steps of a recurrence in which every second operation is exp, log, sin or tanh.
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
      x = tanh(sin(x) * exp(-x) + log(x + 2.0));
    }
    return x;
  }
};

}  // namespace

Workload transcendental_mix() {
  constexpr double operations = 8.0 * steps;
  Workload workload{.name = "W4 exp, log, sin, tanh", .target = 3.5, .contestants = {}};
  workload.contestants.push_back(
      {"plain", operations, [] { return [loops = plain::Mix(steps)]() mutable { return loops.run(0.3); }; }});
  add_tapes(workload, operations, 0.3, Mix{});
  return workload;
}

}  // namespace bench
