// Splitting keeps every row, with its label, on exactly one side.
#include <micrograd/train/dataset.hpp>

#include <gtest/gtest.h>

#include <set>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

/// Row i is (i, 10 i) with label i % 3.
Dataset counted(std::size_t rows) {
  Dataset data;
  data.columns = 2;
  for (std::size_t i = 0; i < rows; ++i) {
    data.values.push_back(static_cast<double>(i));
    data.values.push_back(static_cast<double>(10 * i));
    data.labels.push_back(i % 3);
  }
  return data;
}

void expect_rows_intact(const Dataset& data, std::multiset<double>& found) {
  ASSERT_EQ(data.columns, 2U);
  ASSERT_EQ(data.values.size(), data.rows() * 2);
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const double first = data.row(i)[0];
    EXPECT_EQ(data.row(i)[1], 10 * first);
    EXPECT_EQ(data.labels[i], static_cast<std::size_t>(first) % 3);
    found.insert(first);
  }
}

TEST(Dataset, a_row_is_a_view_of_its_numbers) {
  const Dataset data = counted(5);
  EXPECT_EQ(data.rows(), 5U);
  EXPECT_EQ(data.row(3).size(), 2U);
  EXPECT_EQ(data.row(3)[1], 30);
  EXPECT_EQ(data.row(3).data(), data.values.data() + 6);
}

TEST(Split, every_row_lands_on_exactly_one_side_with_its_label) {
  const auto [train, held_out] = split(counted(103), 0.2, 5);
  EXPECT_EQ(held_out.rows(), 21U);  // 20.6, rounded
  EXPECT_EQ(train.rows(), 82U);
  std::multiset<double> found;
  expect_rows_intact(train, found);
  expect_rows_intact(held_out, found);
  EXPECT_EQ(found.size(), 103U);
  EXPECT_EQ(std::set<double>(found.begin(), found.end()).size(), 103U);
}

TEST(Split, the_seed_alone_decides_who_is_held_out) {
  const Dataset data = counted(50);
  EXPECT_EQ(split(data, 0.2, 1).held_out.values, split(data, 0.2, 1).held_out.values);
  EXPECT_NE(split(data, 0.2, 1).held_out.values, split(data, 0.2, 2).held_out.values);
  EXPECT_NE(split(data, 0.2, 1).held_out.values, split(data, 0.2, 0).held_out.values);
}

TEST(Split, a_share_that_is_no_fraction_is_a_usage_error) {
  EXPECT_THROW(split(counted(5), 0, 1), UsageError);
  EXPECT_THROW(split(counted(5), 1, 1), UsageError);
  try {
    split(counted(5), 20, 1);
    FAIL() << "20 was accepted as a fraction";
  } catch (const UsageError& error) {
    EXPECT_STREQ(
        error.what(),
        "split: the held-out share is not a fraction (got 20.000000, expected more than 0 and less than 1)");
  }
}

}  // namespace
}  // namespace micrograd
