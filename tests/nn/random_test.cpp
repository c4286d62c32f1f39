// The generator gives the same numbers everywhere, and the right kind of numbers. The golden ones were
// computed by an independent program in Python.
#include <micrograd/nn/random.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

TEST(Random, golden_uniform_numbers_are_the_same_everywhere) {
  Random random(42);
  EXPECT_EQ(random.uniform(), 0.755155532954539);
  EXPECT_EQ(random.uniform(), 0.6390313938546974);
  EXPECT_EQ(random.uniform(), 0.7521452007480266);
  EXPECT_EQ(random.uniform(-1, 1), -0.7274546327351259);
}

TEST(Random, golden_normal_numbers_are_the_same_everywhere_but_for_the_last_bits) {
  Random random(42);
  EXPECT_NEAR(random.normal(), -1.0771745442782885, 1e-14);
  EXPECT_NEAR(random.normal(), 1.0945198485006107, 1e-14);
  EXPECT_NEAR(random.normal(10, 2), 13.589463331590343, 1e-13);
}

TEST(Random, golden_whole_numbers_and_order_are_the_same_everywhere) {
  Random random(42);
  const std::vector<std::uint64_t> drawn{random.below(10), random.below(10), random.below(1'000'000),
                                         random.below(std::uint64_t{1} << 63)};
  EXPECT_EQ(drawn, (std::vector<std::uint64_t>{6, 4, 741450, 2513787319205155662}));
  std::array<int, 10> order{};
  std::iota(order.begin(), order.end(), 0);
  random.shuffle(order);
  EXPECT_EQ(order, (std::array{9, 8, 6, 3, 2, 4, 7, 0, 5, 1}));
}

TEST(Random, the_engine_is_the_one_the_standard_prescribes) {
  // The standard states the 10000th number of the default-seeded mt19937_64: 9981545732273789042.
  Random random(5489);
  for (int i = 1; i < 10000; ++i) random.uniform();
  EXPECT_EQ(random.uniform(), static_cast<double>(9981545732273789042ULL >> 11) * 0x1p-53);
}

TEST(Random, uniform_numbers_fill_their_interval_evenly) {
  Random random(7);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) {
    const double x = random.uniform(-3, 2);
    ASSERT_GE(x, -3);
    ASSERT_LT(x, 2);
    ++counts[static_cast<std::size_t>((x + 3) * 2)];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);  // five standard deviations
}

TEST(Random, normal_numbers_have_the_moments_they_were_asked_for) {
  Random random(7);
  constexpr int n = 100'000;
  double sum = 0, squares = 0;
  int within_one = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal(3, 2);
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += (x - 3) * (x - 3);
    if (std::abs(x - 3) < 2) ++within_one;
  }
  EXPECT_NEAR(sum / n, 3, 0.04);
  EXPECT_NEAR(squares / n, 4, 0.1);
  EXPECT_NEAR(within_one / double{n}, 0.6827, 0.01);
}

TEST(Random, whole_numbers_below_a_bound_are_equally_likely) {
  Random random(7);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, a_bound_just_above_half_the_range_is_not_biased_towards_small_numbers) {
  // Taking the remainder alone would draw five numbers of the lower half for each three of the upper.
  Random random(7);
  const std::uint64_t bound = (std::uint64_t{3} << 62);
  int upper = 0;
  for (int i = 0; i < 10'000; ++i) {
    if (random.below(bound) >= bound / 2) ++upper;
  }
  EXPECT_NEAR(upper, 5'000, 250);
}

TEST(Random, all_orders_of_three_things_come_up_equally_often) {
  Random random(7);
  std::map<std::array<int, 3>, int> counts;
  for (int i = 0; i < 60'000; ++i) {
    std::array<int, 3> order{0, 1, 2};
    random.shuffle(order);
    ++counts[order];
  }
  EXPECT_EQ(counts.size(), 6U);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, shuffling_nothing_or_one_thing_draws_nothing) {
  Random random(7), untouched(7);
  std::vector<int> none, one{5};
  random.shuffle(none);
  random.shuffle(one);
  EXPECT_EQ(random.uniform(), untouched.uniform());
}

TEST(Random, goes_on_from_a_state_that_was_read) {
  for (const int drawn : {0, 1, 156, 311, 312, 313, 1000}) {
    Random random(7), other(8);
    for (int i = 0; i < drawn; ++i) random.uniform();
    const std::vector<std::uint64_t> state = random.state();
    EXPECT_EQ(state.size(), 313U);
    other.set_state(state);
    EXPECT_EQ(other.state(), state);
    for (int i = 0; i < 700; ++i) ASSERT_EQ(other.uniform(), random.uniform()) << drawn << " and then " << i;
  }
}

TEST(Random, reading_the_state_draws_nothing) {
  Random random(7), untouched(7);
  EXPECT_EQ(random.state(), untouched.state());
  EXPECT_EQ(random.uniform(), untouched.uniform());
  EXPECT_NE(random.state(), Random(7).state());
}

TEST(Random, a_state_that_cannot_be_one_is_a_usage_error_and_changes_nothing) {
  Random random(7);
  random.uniform();
  const std::vector<std::uint64_t> good = random.state();
  const auto message = [&](const std::vector<std::uint64_t>& state) -> std::string {
    try {
      random.set_state(state);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "no error";
  };
  std::vector<std::uint64_t> beyond = good, zero(good.size(), 0);
  beyond.back() = 313;
  zero.back() = 5;
  EXPECT_EQ(message({1, 2, 3}),
            "set_state: this is not the state of a generator (got 3 numbers, expected 313)");
  EXPECT_EQ(message({}), "set_state: this is not the state of a generator (got 0 numbers, expected 313)");
  EXPECT_EQ(message(beyond), "set_state: the position is beyond the words (got 313, expected at most 312)");
  EXPECT_NE(message(zero).find("every number drawn from this state would be 0"), std::string::npos);
  EXPECT_EQ(random.state(), good);
}

TEST(Random, impossible_requests_are_usage_errors_that_show_the_numbers) {
  Random random(1);
  EXPECT_THROW(random.below(0), UsageError);
  EXPECT_THROW(random.uniform(0, std::numeric_limits<double>::infinity()), UsageError);
  EXPECT_THROW(random.normal(0, -1), UsageError);
  try {
    random.uniform(2, 1);
    FAIL() << "an empty interval was accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "uniform: the interval is not one (got 2 to 1, expected finite numbers low <= high)");
  }
}

}  // namespace
}  // namespace micrograd
