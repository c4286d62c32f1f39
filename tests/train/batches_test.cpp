// Batches hold every row once, in order; micro-batches are even.
#include <micrograd/train/batches.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

using ::testing::ElementsAre;
using ::testing::ThrowsMessage;

std::vector<std::size_t> sizes(const std::vector<Batch>& cut) {
  std::vector<std::size_t> all;
  for (const Batch& batch : cut) all.push_back(batch.size());
  return all;
}

TEST(Batches, HaveOneSizeButForTheLast) {
  const std::vector<std::size_t> rows{7, 3, 9, 1, 4, 0, 2};
  const std::vector<Batch> cut = batches(rows, 3);
  ASSERT_EQ(cut.size(), 3U);
  EXPECT_THAT(cut[0], ElementsAre(7U, 3U, 9U));
  EXPECT_THAT(cut[1], ElementsAre(1U, 4U, 0U));
  EXPECT_THAT(cut[2], ElementsAre(2U));
  EXPECT_EQ(cut[2].data(), rows.data() + 6);
}

TEST(Batches, OfNoRowsAreNone) {
  EXPECT_TRUE(batches({}, 3).empty());
  EXPECT_TRUE(micro_batches({}, 3).empty());
}

TEST(Batches, MayBeLargerThanAllRows) {
  const std::vector<std::size_t> rows{1, 2};
  EXPECT_THAT(sizes(batches(rows, 2)), ElementsAre(2U));
  EXPECT_THAT(sizes(batches(rows, static_cast<std::size_t>(-1))), ElementsAre(2U));
  EXPECT_THAT(sizes(micro_batches(rows, static_cast<std::size_t>(-1))), ElementsAre(2U));
}

TEST(MicroBatches, AreAsFewAndAsEvenAsCanBe) {
  const std::vector<std::size_t> rows{5, 6, 7, 8, 9, 0, 1, 2, 3, 4};
  EXPECT_THAT(sizes(micro_batches(rows, 4)), ElementsAre(4U, 3U, 3U));
  EXPECT_THAT(sizes(micro_batches(rows, 9)), ElementsAre(5U, 5U));
  EXPECT_THAT(sizes(micro_batches(rows, 10)), ElementsAre(10U));
  EXPECT_EQ(sizes(micro_batches(rows, 1)), std::vector<std::size_t>(10, 1));
}

TEST(MicroBatches, HoldEveryRowOnceInOrder) {
  std::vector<std::size_t> rows(101);
  std::iota(rows.rbegin(), rows.rend(), std::size_t{0});
  for (std::size_t size = 1; size <= 102; ++size) {
    std::vector<std::size_t> found;
    for (const Batch& part : micro_batches(rows, size)) {
      EXPECT_LE(part.size(), size);
      EXPECT_GT(part.size(), 0U);
      found.insert(found.end(), part.begin(), part.end());
    }
    EXPECT_EQ(found, rows);
  }
}

TEST(Batches, WithoutRowsAreAUsageError) {
  const std::vector<std::size_t> rows{1};
  EXPECT_THAT([&] { batches(rows, 0); },
              ThrowsMessage<UsageError>("batches: a batch needs rows (got size 0, expected 1 or more)"));
  EXPECT_THAT([&] { micro_batches(rows, 0); },
              ThrowsMessage<UsageError>("micro_batches: a part needs rows (got size 0, expected 1 or more)"));
}

}  // namespace
}  // namespace micrograd
