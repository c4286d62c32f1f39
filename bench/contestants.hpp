// The three tapes as contestants: f, a template over the number type, recorded and differentiated by each.
#pragma once

#include <micrograd/engine/value.hpp>
#include "../docs/tour/classic.hpp"
#include "contest.hpp"
#ifdef MICROGRAD_HAVE_ADOLC
#include "adolc.hpp"
#endif

namespace bench {

/// Builds f(x) on a graph of `T`, runs backward and drops the graph; value and derivative.
template <class T, class F>
double differentiate(double at, const F& f) {
  const T x(at);
  const T y = f(x);
  y.backward();
  return y.data() + x.grad();
}

/// The contestants for f of one variable at a point.
template <class F>
void add_tapes(Workload& workload, double operations, double at, F f, double classic_operations,
               F classic_f) {
  workload.contestants.push_back(
      {"micrograd", operations, [=] { return [=] { return differentiate<micrograd::Value>(at, f); }; }});
  workload.contestants.push_back({"classic", classic_operations, [=] {
                                    return [=] { return differentiate<classic::Value>(at, classic_f); };
                                  }});
#ifdef MICROGRAD_HAVE_ADOLC
  workload.contestants.push_back({"ADOL-C", operations, [=] {
                                    return [=, tape = AdolcTape(operations)]() mutable {
                                      const double y = tape.record({&at, 1}, [&](auto x) { return f(x[0]); });
                                      return y + tape.gradient()[0];
                                    };
                                  }});
#endif
}

template <class F>
void add_tapes(Workload& workload, double operations, double at, F f) {
  add_tapes(workload, operations, at, f, operations, f);
}

}  // namespace bench
