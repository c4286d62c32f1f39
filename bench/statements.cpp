// W6: acc = acc*0.999 + exp(-x*acc) / (1 + acc*acc), one operation a statement: no tape can fuse an
// expression.
#include <cmath>

#include "baselines/baselines.hpp"
#include "contestants.hpp"

namespace bench {
namespace {

constexpr std::size_t steps = 10'000;

struct Statements {
  template <class T>
  T operator()(const T& x) const {
    using std::exp;
    T acc = x * 1.0;
    for (std::size_t i = 0; i < steps; ++i) {
      T kept = acc * 0.999;
      T minus_x = -x;
      T exponent = minus_x * acc;
      T power = exp(exponent);
      T square = acc * acc;
      T below = 1 + square;
      T added = power / below;
      acc = kept + added;
    }
    return acc;
  }
};

}  // namespace

Workload one_operation_a_statement() {
  constexpr double operations = 8.0 * steps + 1;
  Workload workload{.name = "W6 one operation a line", .target = 5, .contestants = {}};
  workload.contestants.push_back(
      {"plain", operations,
       [] { return [loops = plain::Statements(steps)]() mutable { return loops.run(0.5); }; }});
  add_tapes(workload, operations, 0.5, Statements{});
  return workload;
}

}  // namespace bench
