// How two ways of computing the same thing are judged equal: within 8 times the rounding error that a
// reference run carries along. What is known to worse than 1e-3 is counted, not compared.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

struct Verdict {
  std::size_t compared = 0;
  std::size_t too_ill_conditioned = 0;

  /// `expected` has a value and a bound. `what` is called for the words of a failure.
  template <class Carrier, class F> void judge(double found, const Carrier& expected, F&& what) {
    if (!(expected.bound <= 1e-3 * std::max(std::abs(expected.value), 1e-30) + 1e-300)) {
      ++too_ill_conditioned;
      return;
    }
    ++compared;
    EXPECT_LE(std::abs(found - expected.value), 8 * expected.bound)
        << what() << ": " << found << ", expected " << expected.value;
  }

  /// At most a tenth may be too ill-conditioned.
  void expect_enough() const {
    EXPECT_GT(compared, 0U);
    EXPECT_LE(too_ill_conditioned, compared / 9) << "of " << compared;
  }
};
