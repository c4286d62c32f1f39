// The distributions of the seeded generator, written out so that they are the same everywhere.
#include <micrograd/nn/random.hpp>

#include <algorithm>
#include <cmath>
#include <locale>
#include <numbers>
#include <sstream>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

double Random::uniform() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

double Random::uniform(double low, double high) {
  const bool is_interval = std::isfinite(low) && std::isfinite(high) && low <= high;
  if (!is_interval) {
    throw UsageError("uniform: the interval is not one (got " + engine::describe_number(low) + " to " +
                     engine::describe_number(high) + ", expected finite numbers low <= high)");
  }
  return low + (high - low) * uniform();
}

double Random::normal(double mean, double deviation) {
  if (!(deviation >= 0)) {
    throw UsageError("normal: the deviation cannot be negative (got " + engine::describe_number(deviation) +
                     ", expected 0 or more)");
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 - [0, 1) is never 0
  const double angle = 2 * std::numbers::pi * uniform();
  return mean + deviation * radius * std::cos(angle);
}

std::uint64_t Random::below(std::uint64_t bound) {
  if (bound == 0) throw UsageError("below: no number is below the bound (got 0, expected 1 or more)");
  // The engine's 2^64 numbers fall into whole rounds of `bound` and a remainder, which is drawn again.
  const std::uint64_t remainder = (0 - bound) % bound;
  std::uint64_t draw = engine_();
  while (draw < remainder) draw = engine_();
  return draw % bound;
}

// The standard gives access to an engine's state only as text.
std::vector<std::uint64_t> Random::state() const {
  std::stringstream text;
  text.imbue(std::locale::classic());
  text << engine_;
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t number = 0; text >> number;) numbers.push_back(number);
  return numbers;
}

void Random::set_state(std::span<const std::uint64_t> state) {
  constexpr std::size_t words = std::mt19937_64::state_size;
  const std::size_t expected = this->state().size();
  if (state.size() != expected) {
    throw UsageError("set_state: this is not the state of a generator (got " + std::to_string(state.size()) +
                     " numbers, expected " + std::to_string(expected) + ")");
  }
  if (state.size() > words && state[words] > words) {
    throw UsageError("set_state: the position is beyond the words (got " + std::to_string(state[words]) +
                     ", expected at most " + std::to_string(words) + ")");
  }
  const auto first = state.first(words);
  if (std::all_of(first.begin(), first.end(), [](std::uint64_t word) { return word == 0; })) {
    throw UsageError(
        "set_state: every number drawn from this state would be 0 (got 312 words of 0, expected "
        "one other than 0)");
  }
  std::stringstream text;
  text.imbue(std::locale::classic());
  for (const std::uint64_t number : state) text << number << ' ';
  text >> engine_;
}

}  // namespace micrograd
