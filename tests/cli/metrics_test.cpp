// metrics.csv keeps what was written and is cut back to where a run goes on.
#include <cli/metrics.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class MetricsFile : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file); }
  std::filesystem::path file =
      std::filesystem::path(::testing::TempDir()) /
      (std::string("metrics.") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(MetricsFile, IsCutToTheEpochsOfTheCheckpoint) {
  Metrics metrics = Metrics::create(file);
  metrics.add({.epoch = 1,
               .loss = 1.0 / 3,
               .held_out_loss = std::nan(""),
               .held_out_accuracy = std::nan(""),
               .learning_rate = 0.1});
  metrics.add(
      {.epoch = 2, .loss = 0.25, .held_out_loss = 0.5, .held_out_accuracy = 1, .learning_rate = 1e-9});
  metrics.add(
      {.epoch = 3, .loss = 0.125, .held_out_loss = 0.5, .held_out_accuracy = 1, .learning_rate = 1e-9});
  const std::string two =
      "epoch,loss,held_out_loss,held_out_accuracy,learning_rate\n"
      "1,0.3333333333333333,,,0.1\n2,0.25,0.5,1,1e-09\n";
  EXPECT_EQ(read_file(file), two + "3,0.125,0.5,1,1e-09\n");
  Metrics again = Metrics::reopen(file, 2);
  EXPECT_EQ(read_file(file), two);
  ASSERT_EQ(again.records().size(), 2U);
  EXPECT_EQ(again.records()[0].loss, 1.0 / 3);
  EXPECT_TRUE(std::isnan(again.records()[0].held_out_loss));
  again.add({.epoch = 3, .loss = 7, .held_out_loss = 0, .held_out_accuracy = 0, .learning_rate = 0});
  EXPECT_EQ(read_file(file), two + "3,7,0,0,0\n");
}

TEST_F(MetricsFile, ThatWasChangedIsRefused) {
  const std::string header = "epoch,loss,held_out_loss,held_out_accuracy,learning_rate\n";
  const std::pair<std::string, const char*> wrong[] = {
      {"", "the first line is not that of a training run (got '', expected 'epoch,loss,"},
      {header, "epochs are missing (got 0, expected 1"},
      {header + "1,2,3,4,5", "epochs are missing"},
      {header + "2,2,3,4,5\n",
       "line 2 is not that of an epoch (got '2,2,3,4,5', expected 1 and 4 more numbers)"},
      {header + "1,2,3,4\n", "line 2"},
      {header + "1,2,3,4,5,6\n", "line 2"},
      {header + "1,x,3,4,5\n", "line 2"}};
  for (const auto& [bytes, words] : wrong) {
    write_file(file, bytes);
    EXPECT_THAT([this] { Metrics::reopen(file, 1); }, ThrowsMessage<IoError>(HasSubstr(words))) << bytes;
    EXPECT_EQ(read_file(file), bytes) << "left as it was";
  }
}

}  // namespace
}  // namespace micrograd::command
