// W3: a recurrence that starts afresh at each step: the new leaf takes the state's data, not its history.
#include "baselines/baselines.hpp"
#include "contestants.hpp"

namespace bench {
namespace {

constexpr std::size_t steps = 1000;

template <class T>
double recurrence(double state) {
  double slopes = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    const T leaf(state);
    const T next = leaf * 0.99 + 0.1;
    next.backward();
    slopes += leaf.grad();
    state = next.data();
  }
  return state + slopes;
}

}  // namespace

Workload releafed_recurrence() {
  constexpr double operations = 2.0 * steps;
  Workload workload{.name = "W3 re-leafed recurrence", .target = 0, .contestants = {}};
  workload.contestants.push_back(
      {"plain", operations, [] { return [] { return plain::recurrence(0.5, steps); }; }});
  workload.contestants.push_back(
      {"micrograd", operations, [] { return [] { return recurrence<micrograd::Value>(0.5); }; }});
  workload.contestants.push_back(
      {"classic", operations, [] { return [] { return recurrence<classic::Value>(0.5); }; }});
#ifdef MICROGRAD_HAVE_ADOLC
  workload.contestants.push_back({"ADOL-C", operations, [] {
                                    return [tape = AdolcTape(2)]() mutable {
                                      double state = 0.5, slopes = 0;
                                      for (std::size_t i = 0; i < steps; ++i) {
                                        state = tape.record({&state, 1},
                                                            [](auto x) { return x[0] * 0.99 + 0.1; });
                                        slopes += tape.gradient()[0];
                                      }
                                      return state + slopes;
                                    };
                                  }});
#endif
  return workload;
}

}  // namespace bench
