// W2: ten million operations in one chain, each using the result of the one before. Built, differentiated,
// dropped. The closures get a chain of a million, which is kinder to them.
#include "baselines/baselines.hpp"
#include "contestants.hpp"

namespace bench {
namespace {

struct Chain {
  std::size_t operations;

  template <class T>
  T operator()(const T& start) const {
    T x = start;
    for (std::size_t i = 0; i < operations / 2; ++i) {
      x = x * 1.0000001;
      x = x + 1e-7;
    }
    return x;
  }
};

}  // namespace

Workload long_chain() {
  constexpr std::size_t operations = 10'000'000, for_closures = 1'000'000;
  Workload workload{.name = "W2 chain of 1e7", .target = 18, .contestants = {}};
  workload.contestants.push_back(
      {"plain", operations, [] { return [] { return plain::chain(0.5, operations); }; }});
  add_tapes(workload, operations, 0.5, Chain{operations}, for_closures, Chain{for_closures});
  return workload;
}

}  // namespace bench
