// An Index in eager code is the whole number that it is; only pick, gather and an explicit conversion take
// it.
#include <gtest/gtest.h>

#include <limits>
#include <type_traits>
#include <vector>

#include <micrograd/engine/bounded.hpp>
#include <micrograd/engine/dual.hpp>
#include <micrograd/engine/index.hpp>
#include <micrograd/engine/reductions.hpp>

#include "helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::message_of;

static_assert(std::is_convertible_v<int, Index> && std::is_convertible_v<unsigned char, Index> &&
              std::is_convertible_v<std::size_t, Index>);
static_assert(!std::is_convertible_v<double, Index>, "a fraction would be lost without a word");
static_assert(!std::is_convertible_v<Index, std::size_t> && std::is_constructible_v<std::size_t, Index>);
static_assert(!std::is_constructible_v<Value, Index>);

TEST(Index, is_any_whole_number) {
  EXPECT_EQ(Index().value(), 0);
  EXPECT_EQ(Index(-3).value(), -3);
  EXPECT_EQ(Index(static_cast<unsigned char>(200)).value(), 200);
  EXPECT_EQ(Index(std::numeric_limits<long long>::min()).value(), std::numeric_limits<long long>::min());
  EXPECT_EQ(static_cast<std::size_t>(Index(7)), 7U);
  EXPECT_TRUE(contains(message_of([] { return static_cast<std::size_t>(Index(-1)); }), "got -1"));
  EXPECT_TRUE(contains(message_of([] { return Index(std::numeric_limits<std::size_t>::max()); }),
                       "got 18446744073709551615"));
}

TEST(Index, picks_what_its_number_picks) {
  const std::vector<Value> x = {1, 2, 3};
  const std::vector<std::vector<Value>> table = {{1, 2}, {3, 4}};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(same_node(pick(x, Index(i)), pick(x, i)));
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(same_node(gather(table, Index(i))[1], table[static_cast<std::size_t>(i)][1]));
  const std::vector<Dual<>> duals = {1, {2, 5}};
  EXPECT_EQ(pick(duals, Index(1)).derivative, 5);
  const std::vector<std::vector<Bounded<double>>> bounded = {{1}, {2}};
  EXPECT_EQ(gather(bounded, Index(1))[0].value, 2);
}

TEST(Index, is_checked_as_its_number_is) {
  const std::vector<Value> x = {1, 2, 3};
  const std::vector<std::vector<Value>> table = {{1, 2}, {3, 4}};
  for (const int i : {-1, 3, 1000}) {
    EXPECT_EQ(message_of([&] { return pick(x, Index(i)); }), message_of([&] { return pick(x, i); }));
    EXPECT_EQ(message_of([&] { return gather(table, Index(i)); }),
              message_of([&] { return gather(table, i); }));
    EXPECT_TRUE(contains(message_of([&] { return pick(x, Index(i)); }), "got " + std::to_string(i)));
  }
}

}  // namespace
}  // namespace micrograd
