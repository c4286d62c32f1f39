// After standardising, the training part has mean 0 and deviation 1 in every column that varies.
#include <micrograd/train/standardise.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <micrograd/error.hpp>
#include <micrograd/train/blobs.hpp>

namespace micrograd {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Dataset one_column(std::vector<double> values) { return {.columns = 1, .values = std::move(values)}; }

TEST(Standardiser, TakesMeanAndDeviationOfEachColumn) {
  const Dataset data{.columns = 2, .values = {1, 10, 2, 10, 3, 10, 6, 10}, .labels = {0, 0, 1, 1}};
  const Standardiser by = Standardiser::fit(data);
  EXPECT_THAT(by.mean, ElementsAre(3.0, 10.0));
  EXPECT_THAT(by.deviation, ElementsAre(DoubleEq(std::sqrt(3.5)), 1.0));
}

TEST(Standardiser, BringsTheTrainingPartToMean0AndDeviation1) {
  Dataset data = make_blobs(500, 3, 1);
  const std::vector<std::size_t> labels = data.labels;
  Standardiser::fit(data).apply(data);
  const Standardiser after = Standardiser::fit(data);
  for (std::size_t column = 0; column < 2; ++column) {
    EXPECT_NEAR(after.mean[column], 0, 1e-14);
    EXPECT_NEAR(after.deviation[column], 1, 1e-14);
  }
  EXPECT_EQ(data.labels, labels);
}

TEST(Standardiser, AppliesToOtherRowsWhatItLearntFromTheFirst) {
  const Standardiser by = Standardiser::fit(one_column({0, 4}));
  Dataset other = one_column({0, 2, 10});
  by.apply(other);
  EXPECT_THAT(other.values, ElementsAre(-1.0, 0.0, 4.0));
  std::vector<double> row{6};
  by.apply(row);
  EXPECT_THAT(row, ElementsAre(2.0));
}

TEST(Standardiser, LeavesAConstantColumnAtZeroWhateverTheRounding) {
  Dataset data = one_column(std::vector<double>(7, 0.1));  // seven sevenths of 0.1 do not sum to 0.1
  const Standardiser by = Standardiser::fit(data);
  EXPECT_THAT(by.mean, ElementsAre(0.1));
  EXPECT_THAT(by.deviation, ElementsAre(1.0));
  by.apply(data);
  for (const double value : data.values) EXPECT_EQ(value, 0);
}

TEST(Standardiser, NeitherOverflowsNorVanishes) {
  const Standardiser huge = Standardiser::fit(one_column({1.5e308, -1.5e308}));
  EXPECT_THAT(huge.mean, ElementsAre(0.0));
  EXPECT_THAT(huge.deviation, ElementsAre(DoubleEq(1.5e308)));
  const Standardiser tiny = Standardiser::fit(one_column({1e-200, 3e-200}));
  EXPECT_THAT(tiny.deviation, ElementsAre(DoubleEq(1e-200)));
}

TEST(Standardiser, RejectsWhatHasNoMean) {
  EXPECT_THAT([] { Standardiser::fit({.columns = 2}); }, ThrowsMessage<UsageError>(HasSubstr("got 0 rows")));
  EXPECT_THAT([] { Standardiser::fit(one_column({1, std::nan("")})); },
              ThrowsMessage<UsageError>(HasSubstr("row 1, column 1 is not finite")));
  EXPECT_THROW(Standardiser::fit(one_column({std::numeric_limits<double>::infinity()})), UsageError);
}

TEST(Standardiser, RejectsOtherWidthsAndBrokenScales) {
  const Standardiser by = Standardiser::fit(one_column({1, 2}));
  Dataset wide{.columns = 2, .values = {1, 2}};
  EXPECT_THAT([&] { by.apply(wide); },
              ThrowsMessage<UsageError>("standardise: the widths differ (got 2 columns, expected 1 for the "
                                        "means and 1 for the deviations)"));
  Dataset narrow = one_column({1});
  for (const double bad : {0.0, -1.0, std::nan("")}) {
    const Standardiser broken{.mean = {0}, .deviation = {bad}};
    EXPECT_THAT([&] { broken.apply(narrow); }, ThrowsMessage<UsageError>(HasSubstr("no usable scale")));
  }
}

}  // namespace
}  // namespace micrograd
