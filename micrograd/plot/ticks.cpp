// Ticks at round numbers.
#include <micrograd/plot/ticks.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <micrograd/error.hpp>
#include <micrograd/plot/svg.hpp>

namespace micrograd::plot {
namespace {

// Narrower ranges than this share of their larger end are widened: labels would need too many digits.
constexpr double narrowest = 1e-9;

constexpr std::array round_factors{1.0, 2.0, 5.0, 10.0};

std::string shown(Range range) { return short_number(range.low) + " to " + short_number(range.high); }

void check(const char* who, Range range, std::size_t wanted, bool logarithmic = false) {
  if (!has_place(range.low, logarithmic) || !has_place(range.high, logarithmic) ||
      !(range.low < range.high)) {
    throw UsageError(std::string(who) + ": no such range for an axis (got " + shown(range) + ", expected " +
                     (logarithmic ? "positive" : "finite") + " numbers, the lower one first)");
  }
  if (wanted == 0) throw UsageError(std::string(who) + ": an axis needs ticks (got 0, expected 1 or more)");
}

int decade_of(double number) { return static_cast<int>(std::floor(std::log10(number))); }

/// Ten to this power, correctly rounded, which pow is not everywhere.
double power_of_ten(int exponent) {
  const std::string digits = "1e" + std::to_string(exponent);
  double power = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), power);
  return power;
}

/// The nearest double to a multiple of 1, 2 or 5 times a power of ten: 3 * 0.1 is 0.3.
double rounded_multiple(double count, double factor, int exponent) {
  const double whole = count * factor;
  return exponent < 0 ? whole / power_of_ten(-exponent) : whole * power_of_ten(exponent);
}

struct Step {
  double factor;
  int exponent;
  double size() const { return rounded_multiple(1, factor, exponent); }
};

Step step_for(Range range, std::size_t wanted) {
  const double rough = (range.high - range.low) / static_cast<double>(wanted);
  Step step{.factor = 1, .exponent = decade_of(rough)};
  for (const double factor : round_factors) {
    step.factor = factor;
    if (step.size() >= rough * (1 - 1e-9)) break;
  }
  if (step.factor == 10) step = {.factor = 1, .exponent = step.exponent + 1};
  return step;
}

std::string power_label(int exponent) {
  constexpr std::array digits{"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string result = "10";
  for (const char c : std::to_string(exponent)) {
    result += c == '-' ? "⁻" : digits[static_cast<std::size_t>(c - '0')];
  }
  return result;
}

/// With `digits` digits behind the point and a true minus sign.
std::string fixed(double number, int digits) {
  const std::string text = fixed_number(std::abs(number), digits);
  const bool zero = text.find_first_not_of("0.") == std::string::npos;
  return (number < 0 && !zero ? "−" : "") + text;
}

/// A power of ten, or a small multiple of one, as a logarithmic axis has it.
Tick decade_tick(int factor, int exponent) {
  const double value = rounded_multiple(1, factor, exponent);
  if (exponent >= -3 && exponent <= 4) return {.value = value, .label = fixed(value, std::max(0, -exponent))};
  const std::string power = power_label(exponent);
  return {.value = value, .label = factor == 1 ? power : std::to_string(factor) + "×" + power};
}

}  // namespace

bool has_place(double number, bool logarithmic) {
  return std::abs(number) <= largest_number && (!logarithmic || number >= 1 / largest_number);
}

Range range_of(std::span<const double> numbers, bool logarithmic) {
  Range range{.low = largest_number, .high = -largest_number};
  bool empty = true;
  for (const double number : numbers) {
    if (!has_place(number, logarithmic)) continue;
    range = {.low = std::min(range.low, number), .high = std::max(range.high, number)};
    empty = false;
  }
  if (empty) return logarithmic ? Range{.low = 1, .high = 10} : Range{.low = 0, .high = 1};
  return range;
}

Range widened(Range range, bool logarithmic) {
  if (!has_place(range.low, logarithmic) || !has_place(range.high, logarithmic) || range.low > range.high) {
    throw UsageError("widened: no such range for an axis (got " + shown(range) + ", expected " +
                     (logarithmic ? "positive" : "finite") + " numbers, the lower one first)");
  }
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  const double width = range.high - range.low;
  if (logarithmic) {
    if (width >= size * 1e-3) return range;
    return {.low = std::max(range.low / 2, 1 / largest_number),
            .high = std::min(range.high * 2, largest_number)};
  }
  if (width >= size * narrowest && width > 1 / largest_number) return range;
  const double room = size > 1e-290 ? size * 0.1 : 0.5;
  return {.low = std::max(range.low - room, -largest_number),
          .high = std::min(range.high + room, largest_number)};
}

double tick_step(Range range, std::size_t wanted) {
  check("tick_step", range, wanted);
  return step_for(range, wanted).size();
}

std::string tick_label(double number, double step, double largest) {
  constexpr int most_digits = 12;
  if (number == 0) return "0";
  const int step_decade = decade_of(step * (1 + 1e-9));
  const double size = std::abs(largest);
  if (size < 1e6 && size >= 1e-3) return fixed(number, std::clamp(-step_decade, 0, most_digits));
  const int decade = decade_of(size * (1 + 1e-12));
  const std::string front =
      fixed(rounded_multiple(number, 1, -decade), std::clamp(decade - step_decade, 0, most_digits));
  std::string power = power_label(decade);
  if (front == "1") return power;
  return front == "−1" ? "−" + power : front + "×" + power;
}

Ticks linear_ticks(Range range, std::size_t wanted, bool whole) {
  check("linear_ticks", range, wanted);
  Step step = step_for(range, wanted);
  if (whole && step.exponent < 0) step = {.factor = 1, .exponent = 0};
  const double size = step.size();
  const double largest = std::max(std::abs(range.low), std::abs(range.high));
  Ticks ticks;
  // A tick that rounding puts a hair outside still counts.
  const double slack = 1e-9;
  const double first = std::ceil(range.low / size - slack);
  const double last = std::floor(range.high / size + slack);
  for (double i = first; i <= last; ++i) {
    const double value =
        std::clamp(rounded_multiple(i == 0 ? 0 : i, step.factor, step.exponent), range.low, range.high);
    ticks.major.push_back({.value = value, .label = tick_label(value, size, largest)});
  }
  return ticks;
}

Ticks logarithmic_ticks(Range range, std::size_t wanted) {
  check("logarithmic_ticks", range, wanted, true);
  const double decades = std::log10(range.high) - std::log10(range.low);
  if (decades < 0.5) {
    Ticks ticks = linear_ticks(range, wanted);
    if (!ticks.major.empty() && ticks.major.front().value <= 0) ticks.major.erase(ticks.major.begin());
    return ticks;
  }
  // Every stride-th power of ten; strides of 3 and 6 look odd, so they grow as ticks do.
  int stride = 1;
  while (decades / stride > static_cast<double>(wanted))
    stride = stride < 2 ? 2 : stride < 5 ? 5 : stride * 2;
  const bool with_two_and_five = stride == 1 && decades * 3 <= static_cast<double>(wanted);
  const auto inside = [&](double value) { return value >= range.low && value <= range.high; };
  Ticks ticks;
  for (int decade = decade_of(range.low) - 1; decade <= decade_of(range.high); ++decade) {
    if (decade < -300) continue;
    for (int factor = 1; factor <= 9; ++factor) {
      const Tick tick = decade_tick(factor, decade);
      if (!inside(tick.value)) continue;
      const bool labelled =
          with_two_and_five ? factor == 1 || factor == 2 || factor == 5 : factor == 1 && decade % stride == 0;
      if (labelled) {
        ticks.major.push_back(tick);
      } else if (stride == 1 || (factor == 1 && stride <= 10)) {
        ticks.minor.push_back(tick.value);
      }
    }
  }
  // A range between 0.5 and 1 decades may hold no power of ten; then it holds one of 2 and 5.
  if (ticks.major.empty()) return linear_ticks(range, wanted);
  return ticks;
}

}  // namespace micrograd::plot
