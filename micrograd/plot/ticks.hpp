// Where an axis has its ticks, and what is written there.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace micrograd::plot {

/// An interval of numbers.
struct Range {
  double low = 0;
  double high = 1;
  bool operator==(const Range&) const = default;
};

/// Numbers further from 0 than this count as infinite, and smaller differences than its inverse as none, so
/// that no computation of a place overflows.
inline constexpr double largest_number = 1e300;

/// Whether a number has a place on a linear axis, or on a logarithmic one, where it must be positive as well.
bool has_place(double number, bool logarithmic = false);

/// The least range over the numbers that have a place; where none has, 0 to 1 (logarithmic: 1 to 10).
Range range_of(std::span<const double> numbers, bool logarithmic = false);

/// The range with room to tell its ends apart: one number gets surroundings. The result has a width of at
/// least 1e-9 of its larger end. Throws UsageError unless both ends have a place and low <= high.
Range widened(Range range, bool logarithmic = false);

struct Tick {
  double value = 0;
  std::string label{};
};

struct Ticks {
  std::vector<Tick> major{};    ///< in rising order, all inside the range
  std::vector<double> minor{};  ///< between them, without labels; only of logarithmic axes
};

/// The distance between ticks: 1, 2 or 5 times a power of ten, so that about `wanted` fit into the range, and
/// never more than `wanted` + 1. Throws UsageError unless the range is as `widened` gives it and `wanted` is
/// at least 1.
double tick_step(Range range, std::size_t wanted);

/// Ticks at the multiples of `tick_step` inside the range; `whole`: only at whole numbers. Throws as
/// tick_step does.
Ticks linear_ticks(Range range, std::size_t wanted, bool whole = false);

/// Ticks at powers of ten, at every second, fifth, tenth, ... where there are many, and at 1, 2 and 5 times
/// those where there are few; over less than a factor of 3 as linear_ticks does. Throws as tick_step does,
/// and unless the range is positive.
Ticks logarithmic_ticks(Range range, std::size_t wanted);

/// `number` as it stands at a tick: "0.25", "−3", "1.5×10⁶". `step` is the distance to the next tick and says
/// how many digits are needed; `largest`, the end of the axis that is further from 0, whether powers of ten
/// are (below 0.001 and from a million on), and which.
std::string tick_label(double number, double step, double largest);

}  // namespace micrograd::plot
