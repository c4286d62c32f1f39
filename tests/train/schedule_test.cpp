// Schedules: their shapes, where a warm-up ends, and how they are written.
#include <micrograd/train/schedule.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

TEST(Schedule, constant_is_one_throughout) {
  for (const std::size_t step : {0, 5, 100, 1000}) EXPECT_EQ(Schedule().factor(step, 100), 1);
}

TEST(Schedule, linear_and_cosine_go_from_one_to_their_last_factor_and_stay_there) {
  const std::vector<Schedule> schedules{{.shape = LinearSchedule{.last = 0.2}},
                                        {.shape = CosineSchedule{.last = 0.2}}};
  for (const Schedule& schedule : schedules) {
    EXPECT_EQ(schedule.factor(0, 10), 1);
    EXPECT_NEAR(schedule.factor(5, 10), 0.6, 1e-15);
    EXPECT_NEAR(schedule.factor(10, 10), 0.2, 1e-15);
    EXPECT_EQ(schedule.factor(11, 10), schedule.factor(10, 10));
    EXPECT_EQ(schedule.factor(std::numeric_limits<std::size_t>::max(), 10), schedule.factor(10, 10));
    for (std::size_t step = 0; step < 10; ++step) {
      EXPECT_GT(schedule.factor(step, 10), schedule.factor(step + 1, 10)) << step;
    }
  }
}

TEST(Schedule, step_drops_after_each_so_many_steps) {
  const Schedule schedule{.shape = StepSchedule{.every = 3, .factor = 0.5}};
  const std::vector<double> expected{1, 1, 1, 0.5, 0.5, 0.5, 0.25};
  for (std::size_t step = 0; step < expected.size(); ++step) {
    EXPECT_EQ(schedule.factor(step, 100), expected[step]);
  }
}

TEST(Schedule, a_warm_up_rises_in_equal_steps_and_the_shape_has_the_rest_of_the_run) {
  const Schedule schedule{.shape = LinearSchedule{.last = 0.5}, .warmup = 4};
  const std::vector<double> expected{0.2, 0.4, 0.6, 0.8, 1, 0.875, 0.75, 0.625, 0.5, 0.5};
  for (std::size_t step = 0; step < expected.size(); ++step) {
    EXPECT_DOUBLE_EQ(schedule.factor(step, 8), expected[step]) << step;
  }
}

TEST(Schedule, a_warm_up_longer_than_the_run_is_all_there_is) {
  const Schedule schedule{.shape = CosineSchedule{}, .warmup = 9};
  EXPECT_EQ(schedule.factor(0, 5), 0.1);
  EXPECT_EQ(schedule.factor(4, 5), 0.5);
  EXPECT_EQ(schedule.factor(9, 5), 0);
  EXPECT_EQ((Schedule{.shape = LinearSchedule{.last = 0.25}}.factor(0, 0)), 0.25);
}

TEST(Schedule, shapes_with_numbers_out_of_range_are_usage_errors) {
  EXPECT_THROW((Schedule{.shape = LinearSchedule{.last = -1}}.factor(0, 10)), UsageError);
  EXPECT_THROW(
      (Schedule{.shape = CosineSchedule{.last = std::numeric_limits<double>::infinity()}}.factor(0, 10)),
      UsageError);
  EXPECT_THROW((Schedule{.shape = StepSchedule{.every = 0}}.factor(0, 10)), UsageError);
  EXPECT_THROW((Schedule{.shape = StepSchedule{.every = 1, .factor = -2}}.factor(0, 10)), UsageError);
}

TEST(ParseSchedule, reads_every_form_and_writes_it_again) {
  const std::vector<std::pair<std::string, Schedule>> forms{
      {"constant", {}},
      {"linear", {.shape = LinearSchedule{}}},
      {"linear:0.25", {.shape = LinearSchedule{.last = 0.25}}},
      {"cosine", {.shape = CosineSchedule{}}},
      {"cosine:0.1", {.shape = CosineSchedule{.last = 0.1}}},
      {"step:30:0.1", {.shape = StepSchedule{.every = 30, .factor = 0.1}}},
      {"constant warmup=7", {.warmup = 7}},
      {"cosine:0.1 warmup=100", {.shape = CosineSchedule{.last = 0.1}, .warmup = 100}},
      {"step:30:0.333 warmup=5", {.shape = StepSchedule{.every = 30, .factor = 0.333}, .warmup = 5}},
  };
  for (const auto& [text, schedule] : forms) {
    EXPECT_EQ(parse_schedule(text), schedule) << text;
    EXPECT_EQ(to_text(schedule), text);
  }
  EXPECT_EQ(parse_schedule(" Cosine:1e-3,WARMUP=10 "), parse_schedule("cosine:0.001 warmup=10"));
  EXPECT_EQ(parse_schedule("linear, warmup=0"), parse_schedule("linear"));
}

TEST(ParseSchedule, anything_else_is_a_usage_error_that_lists_the_forms) {
  for (const char* const text : {"",
                                 " ",
                                 "exponential",
                                 "linear:",
                                 "linear:x",
                                 "linear:-1",
                                 "linear:0.1:2",
                                 "linear:nan",
                                 "linear:inf",
                                 "linear:1e999",
                                 "constant:1",
                                 "step",
                                 "step:30",
                                 "step:0:0.1",
                                 "step:-3:0.1",
                                 "step:1.5:0.1",
                                 "step:30:",
                                 "step:30:0.1:2",
                                 "step:99999999999999999999:0.1",
                                 "warmup=3",
                                 "cosine warmup=",
                                 "cosine warmup=-1",
                                 "cosine warmup=x",
                                 "cosine warmup",
                                 "cosine warmup=1 warmup=2",
                                 "cosine linear",
                                 "cosine x",
                                 "linear:0.1 "
                                 "warmup=3x"}) {
    EXPECT_THROW(parse_schedule(text), UsageError) << text;
  }
  try {
    parse_schedule("Exp");
    FAIL() << "an unknown schedule was accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "parse_schedule: this is not a schedule (got 'Exp', expected constant, linear, linear:LAST, "
                 "cosine, cosine:LAST or step:EVERY:FACTOR, and perhaps warmup=STEPS after it); for example: "
                 "cosine:0.1 warmup=100");
  }
}

}  // namespace
}  // namespace micrograd
