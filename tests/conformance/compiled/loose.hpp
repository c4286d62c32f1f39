// A number that knows how far a compiled program may be off.
#pragma once

#include <limits>

#include <micrograd/compiler/kernels.hpp>
#include <micrograd/micrograd.hpp>

namespace random_programs {

using micrograd::Bounded;

/// As Bounded, for a back end that computes in `Real` with the compiler's kernels: |value - exact| <= bound.
template <class Real>
class Loose : public micrograd::Operators<Loose<Real>> {
 public:
  double value = 0;
  double bound = 0;

  Loose() = default;
  template <class N>
    requires std::is_arithmetic_v<N>
  Loose(N number) : value(static_cast<double>(number)) {}
  Loose(double x, double error) : value(x), bound(error) {}

  template <class Op, class... Given> static Loose evaluate(const Given&... given) {
    const Bounded<double> exactly = Bounded<double>::evaluate<Op>(bounded(given)...);
    constexpr double unit = std::numeric_limits<Real>::epsilon();
    double ulps = Op::info.ulp / 2;
    if constexpr (micrograd::InTable<Op>) ulps += micrograd::compiler::kernel_ulp<Real>(micrograd::code<Op>);
    double own = ulps * unit * std::abs(exactly.value);
    if (ulps > 0) own += std::numeric_limits<Real>::denorm_min();
    return {exactly.value, exactly.bound + own};
  }

 private:
  static Bounded<double> bounded(const Loose& x) { return {x.value, x.bound}; }
  static double bounded(double x) { return x; }
};

template <class Real> double primal(const Loose<Real>& x) { return x.value; }
template <class Real> bool is_nothing(const Loose<Real>& x) { return x.value == 0 && x.bound == 0; }

}  // namespace random_programs
