// The seeded generator behind initial weights, shuffles and made-up data. The same seed gives the same
// numbers with every compiler: the engine is the standard's mt19937_64, the distributions (which the standard
// leaves open) are ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <ranges>
#include <span>
#include <utility>
#include <vector>

namespace micrograd {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// A number in [0, 1): one of the 2^53 multiples of 2^-53, each as likely as the next.
  double uniform();
  /// A number in [low, high), or high itself by rounding. Throws UsageError unless low <= high and both are
  /// finite.
  double uniform(double low, double high);
  /// A normally distributed number. Takes two draws of the engine, by the method of Box and Muller; the C
  /// library's log and cos may move its last bit. Throws UsageError unless deviation >= 0.
  double normal(double mean = 0, double deviation = 1);
  /// A whole number in [0, bound), without bias. Throws UsageError if bound is 0.
  std::uint64_t below(std::uint64_t bound);

  /// Puts the items of an array or vector in a random order, each order as likely as the next.
  template <std::ranges::random_access_range Items>
  void shuffle(Items& items) {
    for (std::size_t rest = std::ranges::size(items); rest > 1; --rest) {
      using std::swap;
      swap(items[rest - 1], items[below(rest)]);
    }
  }

  /// Where the generator stands: the engine's 312 words, then its position among them. As the standard
  /// library in use keeps them, so for set_state of the same library.
  std::vector<std::uint64_t> state() const;
  /// Goes on from where state() was read. Throws UsageError, and changes nothing, for numbers that state()
  /// cannot have given: another count, a position beyond the words, words that are all 0.
  void set_state(std::span<const std::uint64_t> state);

 private:
  std::mt19937_64 engine_;
};

}  // namespace micrograd
