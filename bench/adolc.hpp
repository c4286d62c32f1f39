// ADOL-C, used as its manual says for functions that change from call to call: record a trace that keeps the
// values, then one reverse sweep over it.
#pragma once

#include <adolc/adolc.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace bench {

class AdolcTape {
 public:
  /// The buffers hold the whole trace, or ADOL-C would write it to files.
  explicit AdolcTape(double operations) : buffer_(static_cast<unsigned>(5 * operations) + 100'000) {}

  /// Records f(inputs) and returns its value.
  template <class F>
  double record(std::span<const double> inputs, const F& f) {
    constexpr int keep_values = 1;
    ::trace_on(tag, keep_values, buffer_, buffer_, buffer_, buffer_);
    double result = 0;
    {
      std::vector<adouble> x(inputs.size());
      for (std::size_t i = 0; i < x.size(); ++i) x[i] <<= inputs[i];
      adouble y = f(std::span<const adouble>(x));
      y >>= result;
    }
    ::trace_off();
    gradient_.resize(inputs.size());
    return result;
  }

  /// Of the result by the inputs, of the latest record.
  const std::vector<double>& gradient() {
    double seed = 1;
    ::fos_reverse(tag, 1, static_cast<int>(gradient_.size()), &seed, gradient_.data());
    return gradient_;
  }

 private:
  static constexpr short tag = 1;
  unsigned buffer_;
  std::vector<double> gradient_;
};

}  // namespace bench
