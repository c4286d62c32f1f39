// Splitting keeps every row, with its label, on exactly one side.
#include <micrograd/train/dataset.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

/// Row i is (i, 10 i) with label i % 3.
Dataset labelled(std::size_t rows) {
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
  const Dataset data = labelled(5);
  EXPECT_EQ(data.rows(), 5U);
  EXPECT_EQ(data.row(3).size(), 2U);
  EXPECT_EQ(data.row(3)[1], 30);
  EXPECT_EQ(data.row(3).data(), data.values.data() + 6);
}

TEST(Split, every_row_lands_on_exactly_one_side_with_its_label) {
  const auto [train, held_out] = split(labelled(103), 0.2, 5);
  EXPECT_EQ(held_out.rows(), 21U);  // 20.6, rounded
  EXPECT_EQ(train.rows(), 82U);
  std::multiset<double> found;
  expect_rows_intact(train, found);
  expect_rows_intact(held_out, found);
  EXPECT_EQ(found.size(), 103U);
  EXPECT_EQ(std::set<double>(found.begin(), found.end()).size(), 103U);
}

TEST(Split, the_seed_alone_decides_who_is_held_out) {
  const Dataset data = labelled(50);
  EXPECT_EQ(split(data, 0.2, 1).held_out.values, split(data, 0.2, 1).held_out.values);
  EXPECT_NE(split(data, 0.2, 1).held_out.values, split(data, 0.2, 2).held_out.values);
  EXPECT_NE(split(data, 0.2, 1).held_out.values, split(data, 0.2, 0).held_out.values);
}

TEST(Split, a_share_that_is_no_fraction_is_a_usage_error) {
  EXPECT_THROW(split(labelled(5), 0, 1), UsageError);
  EXPECT_THROW(split(labelled(5), 1, 1), UsageError);
  try {
    split(labelled(5), 20, 1);
    FAIL() << "20 was accepted as a fraction";
  } catch (const UsageError& error) {
    EXPECT_STREQ(
        error.what(),
        "split: the held-out share is not a fraction (got 20, expected more than 0 and less than 1)");
  }
}

TEST(Dataset, rows_to_be_predicted_are_counted_by_their_numbers) {
  Dataset data{.columns = 2, .values = {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(data.rows(), 3U);
  EXPECT_EQ(pick_rows(data, std::vector<std::size_t>{2, 0}).values, (std::vector<double>{5, 6, 1, 2}));
  EXPECT_EQ(Dataset{}.rows(), 0U);
  EXPECT_EQ(Dataset{.columns = 2}.rows(), 0U);
}

TEST(Shuffle, keeps_every_row_with_its_label_in_an_order_that_the_seed_decides) {
  const Dataset data = labelled(40);
  const Dataset shuffled = shuffle(data, 3);
  std::multiset<double> found;
  expect_rows_intact(shuffled, found);
  EXPECT_EQ(std::set<double>(found.begin(), found.end()).size(), 40U);
  EXPECT_NE(shuffled.values, data.values);
  EXPECT_EQ(shuffled.values, shuffle(data, 3).values);
  EXPECT_NE(shuffled.values, shuffle(data, 4).values);
}

TEST(Split, by_class_keeps_the_proportions_of_the_classes) {
  Dataset data = labelled(100);
  for (std::size_t i = 0; i < 100; ++i) data.labels[i] = i < 10 ? 0 : i < 35 ? 1 : 2;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto [train, held_out] = split_by_class(data, 0.2, seed);
    EXPECT_EQ(std::count(held_out.labels.begin(), held_out.labels.end(), 0U), 2);
    EXPECT_EQ(std::count(held_out.labels.begin(), held_out.labels.end(), 1U), 5);
    EXPECT_EQ(std::count(held_out.labels.begin(), held_out.labels.end(), 2U), 13);
    EXPECT_EQ(train.rows(), 80U);
  }
}

TEST(Split, by_class_holds_out_as_many_rows_as_split_and_each_row_once) {
  for (const double share : {0.01, 0.1, 0.29, 0.5, 0.77, 0.99}) {
    const Dataset data = labelled(53);  // 18, 18 and 17 of a class
    const auto [train, held_out] = split_by_class(data, share, 5);
    EXPECT_EQ(held_out.rows(), split(data, share, 5).held_out.rows());
    std::multiset<double> found;
    expect_rows_intact(train, found);
    expect_rows_intact(held_out, found);
    EXPECT_EQ(std::set<double>(found.begin(), found.end()).size(), 53U);
    for (std::size_t label = 0; label < 3; ++label) {
      const auto held = std::count(held_out.labels.begin(), held_out.labels.end(), label);
      EXPECT_NEAR(static_cast<double>(held), share * (label == 2 ? 17 : 18), 1);
    }
  }
}

TEST(Split, by_class_depends_on_the_seed_alone_and_mixes_the_classes) {
  const Dataset data = labelled(60);
  EXPECT_EQ(split_by_class(data, 0.5, 1).held_out.values, split_by_class(data, 0.5, 1).held_out.values);
  EXPECT_NE(split_by_class(data, 0.5, 1).held_out.values, split_by_class(data, 0.5, 2).held_out.values);
  const std::vector<std::size_t> labels = split_by_class(data, 0.5, 1).held_out.labels;
  EXPECT_FALSE(std::is_sorted(labels.begin(), labels.end()));
}

TEST(Split, by_class_without_classes_or_with_no_fraction_is_a_usage_error) {
  EXPECT_THROW(split_by_class(labelled(5), 1, 1), UsageError);
  try {
    split_by_class({.columns = 1, .values = {1, 2}, .targets = {3, 4}}, 0.5, 1);
    FAIL() << "rows without classes were split by class";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "split_by_class: the rows have no classes (got 2 rows without labels, expected labels); use "
                 "split");
  }
}

}  // namespace
}  // namespace micrograd
