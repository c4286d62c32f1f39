// Ticks stand at round numbers, whatever the range, and their labels tell them apart.
#include <micrograd/plot/ticks.hpp>

#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <limits>
#include <set>

#include "picture.hpp"

namespace micrograd::plot {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> labels(const Ticks& ticks) {
  std::vector<std::string> result;
  for (const Tick& tick : ticks.major) result.push_back(tick.label);
  return result;
}

using Labels = std::vector<std::string>;

TEST(Ticks, stand_at_one_two_and_five_times_powers_of_ten) {
  EXPECT_EQ(tick_step({.low = 0, .high = 1}, 5), 0.2);
  EXPECT_EQ(tick_step({.low = 0, .high = 1}, 10), 0.1);
  EXPECT_EQ(tick_step({.low = 0, .high = 2.3}, 5), 0.5);
  EXPECT_EQ(tick_step({.low = 0, .high = 120}, 7), 20);
  EXPECT_EQ(tick_step({.low = 0, .high = 99}, 1), 100);
  EXPECT_EQ(tick_step({.low = -3e-7, .high = 3e-7}, 6), 1e-7);
}

TEST(Ticks, have_labels_with_as_many_digits_as_the_step_needs) {
  EXPECT_EQ(labels(linear_ticks({.low = 0, .high = 1}, 5)), (Labels{"0", "0.2", "0.4", "0.6", "0.8", "1.0"}));
  EXPECT_EQ(labels(linear_ticks({.low = -1, .high = 1}, 2)), (Labels{"−1", "0", "1"}));
  EXPECT_EQ(labels(linear_ticks({.low = 0.31, .high = 0.34}, 3)), (Labels{"0.31", "0.32", "0.33", "0.34"}));
  EXPECT_EQ(labels(linear_ticks({.low = 0, .high = 30000}, 3)), (Labels{"0", "10000", "20000", "30000"}));
}

TEST(Ticks, share_one_power_of_ten_where_numbers_are_large_or_small) {
  EXPECT_EQ(labels(linear_ticks({.low = 0, .high = 1.5e-9}, 3)),
            (Labels{"0", "0.5×10⁻⁹", "1.0×10⁻⁹", "1.5×10⁻⁹"}));
  EXPECT_EQ(labels(linear_ticks({.low = -2e6, .high = 1e6}, 3)), (Labels{"−2×10⁶", "−10⁶", "0", "10⁶"}));
  EXPECT_EQ(labels(linear_ticks({.low = -1e300, .high = 1e300}, 2)), (Labels{"−10³⁰⁰", "0", "10³⁰⁰"}));
}

TEST(Ticks, have_a_point_in_every_locale) {
  const std::string before = std::setlocale(LC_NUMERIC, nullptr);
  bool with_comma = false;
  for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ru_RU.UTF-8"}) {
    with_comma = with_comma || std::setlocale(LC_NUMERIC, name) != nullptr;
  }
  const std::string label = tick_label(0.25, 0.01, 1);
  std::setlocale(LC_NUMERIC, before.c_str());
  if (!with_comma) GTEST_SKIP() << "no locale with a decimal comma is installed";
  EXPECT_EQ(label, "0.25");
}

TEST(Ticks, are_the_doubles_that_the_labels_say) {
  for (const Tick& tick : linear_ticks({.low = 0, .high = 1}, 10).major) {
    EXPECT_EQ(tick.value, std::stod(tick.label));
  }
}

TEST(Ticks, stay_at_whole_numbers_if_told) {
  EXPECT_EQ(labels(linear_ticks({.low = 0.5, .high = 1.5}, 10, true)), (Labels{"1"}));
  EXPECT_EQ(labels(linear_ticks({.low = 1, .high = 4}, 10, true)), (Labels{"1", "2", "3", "4"}));
  EXPECT_EQ(labels(linear_ticks({.low = 1, .high = 120}, 6, true)),
            (Labels{"20", "40", "60", "80", "100", "120"}));
}

TEST(Ticks, lie_inside_any_range_and_are_not_more_than_wanted_by_two) {
  const std::vector<double> ends{-1e300, -123456.789, -1, -1e-5,    -1e-280, 0,   3e-300,
                                 1e-9,   0.1,         1,  1 + 1e-8, 7.3,     1e6, 1e300};
  for (const double low : ends) {
    for (const double high : ends) {
      if (low > high) continue;
      const Range range = widened({.low = low, .high = high});
      ASSERT_LE(range.low, low);
      ASSERT_GE(range.high, high);
      ASSERT_LT(range.low, range.high);
      for (const std::size_t wanted : {1U, 2U, 5U, 12U}) {
        const Ticks ticks = linear_ticks(range, wanted);
        EXPECT_LE(ticks.major.size(), wanted + 2) << low << " to " << high;
        std::set<std::string> different;
        double previous = -infinity;
        for (const Tick& tick : ticks.major) {
          EXPECT_GE(tick.value, range.low);
          EXPECT_LE(tick.value, range.high);
          EXPECT_GT(tick.value, previous);
          previous = tick.value;
          EXPECT_TRUE(different.insert(tick.label).second) << tick.label << " in " << low << " to " << high;
        }
      }
    }
  }
}

TEST(Ticks, on_logarithmic_axes_are_powers_of_ten) {
  EXPECT_EQ(labels(logarithmic_ticks({.low = 0.001, .high = 1e6}, 9)),
            (Labels{"0.001", "0.01", "0.1", "1", "10", "100", "1000", "10000", "10⁵", "10⁶"}));
  EXPECT_EQ(labels(logarithmic_ticks({.low = 1e-20, .high = 1e40}, 6)),
            (Labels{"10⁻²⁰", "10⁻¹⁰", "1", "10¹⁰", "10²⁰", "10³⁰", "10⁴⁰"}));
}

TEST(Ticks, on_short_logarithmic_axes_have_two_and_five_as_well) {
  EXPECT_EQ(labels(logarithmic_ticks({.low = 0.1, .high = 10}, 6)),
            (Labels{"0.1", "0.2", "0.5", "1", "2", "5", "10"}));
  const Ticks ticks = logarithmic_ticks({.low = 1, .high = 10}, 6);
  EXPECT_EQ(ticks.minor, (std::vector<double>{3, 4, 6, 7, 8, 9}));
  EXPECT_EQ(labels(logarithmic_ticks({.low = 3, .high = 5}, 4)), (Labels{"3.0", "3.5", "4.0", "4.5", "5.0"}));
}

TEST(Ticks, are_found_on_every_logarithmic_axis) {
  const std::vector<double> ends{1e-300, 2e-300, 1e-12, 0.03, 1, 1.5, 20, 90, 1e4, 1e300};
  for (const double low : ends) {
    for (const double high : ends) {
      if (low > high) continue;
      const Range range = widened({.low = low, .high = high}, true);
      for (const std::size_t wanted : {1U, 2U, 5U, 10U}) {
        const Ticks ticks = logarithmic_ticks(range, wanted);
        if (wanted > 1) {
          EXPECT_FALSE(ticks.major.empty()) << low << " to " << high << ", " << wanted;
        }
        EXPECT_LE(ticks.major.size(), wanted + 3) << low << " to " << high << ", " << wanted;
        for (const Tick& tick : ticks.major) {
          EXPECT_GE(tick.value, range.low);
          EXPECT_LE(tick.value, range.high);
        }
      }
    }
  }
}

TEST(Ranges, leave_out_what_has_no_place) {
  const std::vector<double> numbers{3, not_a_number, -1, infinity, -infinity, 2e300};
  EXPECT_EQ(range_of(numbers), (Range{.low = -1, .high = 3}));
  EXPECT_EQ(range_of(numbers, true), (Range{.low = 3, .high = 3}));
  EXPECT_EQ(range_of({}), (Range{.low = 0, .high = 1}));
  EXPECT_EQ(range_of({}, true), (Range{.low = 1, .high = 10}));
}

TEST(Ranges, of_one_number_get_surroundings) {
  EXPECT_EQ(widened({.low = 0, .high = 0}), (Range{.low = -0.5, .high = 0.5}));
  EXPECT_EQ(widened({.low = 10, .high = 10}), (Range{.low = 9, .high = 11}));
  EXPECT_EQ(widened({.low = 4, .high = 4}, true), (Range{.low = 2, .high = 8}));
  EXPECT_EQ(widened({.low = 1, .high = 2}), (Range{.low = 1, .high = 2}));
}

TEST(Ranges, that_are_none_are_refused) {
  expect_usage_error([] { widened({.low = 2, .high = 1}); }, {"widened:", "got 2 to 1"});
  expect_usage_error([] { widened({.low = not_a_number, .high = 1}); }, {"got nan to 1"});
  expect_usage_error([] { widened({.low = 0, .high = 1}, true); }, {"got 0 to 1", "positive"});
  expect_usage_error([] { linear_ticks({.low = 1, .high = 1}, 3); }, {"linear_ticks:", "got 1 to 1"});
  expect_usage_error([] { linear_ticks({.low = 0, .high = 1}, 0); }, {"got 0, expected 1 or more"});
  expect_usage_error([] { tick_step({.low = 0, .high = infinity}, 2); }, {"tick_step:", "got 0 to inf"});
  expect_usage_error([] { logarithmic_ticks({.low = -1, .high = 1}, 2); },
                     {"logarithmic_ticks:", "got -1 to 1"});
}

}  // namespace
}  // namespace micrograd::plot
