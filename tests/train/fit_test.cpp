// The training loop visits every row once an epoch, in batches, and its classes are judged rightly.
#include <micrograd/train/fit.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/moons.hpp>

namespace micrograd {
namespace {

/// Row i is (i), with label i.
Dataset counted(std::size_t rows) {
  Dataset data;
  data.columns = 1;
  for (std::size_t i = 0; i < rows; ++i) {
    data.values.push_back(static_cast<double>(i));
    data.labels.push_back(i);
  }
  return data;
}

/// An optimiser that counts its steps and leaves the parameters alone.
class StepCounter final : public Optimiser {
 public:
  explicit StepCounter(std::vector<Value> parameters) : Optimiser(std::move(parameters), 0) {}
  void step() override {
    ++steps;
    gradients.push_back(parameters().front().grad());
  }
  int steps = 0;
  std::vector<double> gradients;
};

/// A model with one parameter, which writes down the rows it is shown.
struct Recorder {
  Value parameter = 1;
  std::vector<double> shown;

  Model model() {
    return [this](std::span<const double> row) {
      shown.push_back(row[0]);
      return std::vector<Value>{parameter * row[0]};
    };
  }
};

Value first_output(std::span<const Value> outputs, std::size_t) { return outputs[0]; }

TEST(Fit, shows_every_row_once_an_epoch_in_another_order_each_time) {
  Recorder recorder;
  StepCounter optimiser({recorder.parameter});
  fit(recorder.model(), counted(10), optimiser, first_output, {.epochs = 2, .batch_size = 4});
  ASSERT_EQ(recorder.shown.size(), 20U);
  const std::vector<double> first(recorder.shown.begin(), recorder.shown.begin() + 10);
  const std::vector<double> second(recorder.shown.begin() + 10, recorder.shown.end());
  EXPECT_EQ(std::set<double>(first.begin(), first.end()).size(), 10U);
  EXPECT_EQ(std::set<double>(second.begin(), second.end()).size(), 10U);
  EXPECT_NE(first, second);
}

TEST(Fit, steps_once_a_batch_along_the_mean_gradient_of_that_batch_alone) {
  Recorder recorder;
  StepCounter optimiser({recorder.parameter});
  fit(recorder.model(), counted(10), optimiser, first_output, {.epochs = 1, .batch_size = 4});
  ASSERT_EQ(optimiser.steps, 3);  // 4 + 4 + 2 rows
  std::vector<double>::const_iterator row = recorder.shown.begin();
  for (std::size_t batch = 0; batch < 3; ++batch) {
    const int size = batch < 2 ? 4 : 2;
    double sum = 0;
    for (int i = 0; i < size; ++i) sum += *row++;
    EXPECT_DOUBLE_EQ(optimiser.gradients[batch], sum / size);
  }
}

TEST(Fit, gives_each_row_its_own_label) {
  Recorder recorder;
  StepCounter optimiser({recorder.parameter});
  const Loss loss = [](std::span<const Value> outputs, std::size_t label) {
    EXPECT_EQ(outputs[0].data(), static_cast<double>(label));
    return outputs[0];
  };
  fit(recorder.model(), counted(10), optimiser, loss, {.epochs = 1, .batch_size = 3});
}

TEST(Fit, reports_each_epoch_with_its_mean_loss_over_rows) {
  Recorder recorder;
  StepCounter optimiser({recorder.parameter});
  std::vector<Epoch> epochs;
  fit(recorder.model(), counted(10), optimiser, first_output, {.epochs = 3, .batch_size = 4},
      [&](const Epoch& epoch) { epochs.push_back(epoch); });
  ASSERT_EQ(epochs.size(), 3U);
  double before = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(epochs[i].number, i + 1);
    EXPECT_DOUBLE_EQ(epochs[i].loss, 4.5);  // the mean of 0 to 9, although the last batch is smaller
    EXPECT_GE(epochs[i].seconds, before);
    before = epochs[i].seconds;
  }
}

TEST(Fit, the_seed_alone_decides_the_order_of_rows) {
  const auto order = [](std::uint64_t seed) {
    Recorder recorder;
    StepCounter optimiser({recorder.parameter});
    fit(recorder.model(), counted(20), optimiser, first_output, {.epochs = 1, .seed = seed});
    return recorder.shown;
  };
  EXPECT_EQ(order(1), order(1));
  EXPECT_NE(order(1), order(2));
}

TEST(Fit, teaches_a_small_net_the_two_moons_by_mini_batches) {
  const Dataset data = make_moons(100, 0.1, 1);
  const MLP net(2, {8, 1}, {.initialiser = Initialiser::he});
  Adam adam(net.parameters(), {.learning_rate = 0.05});
  std::vector<double> losses;
  const Loss loss = [](std::span<const Value> out, std::size_t label) {
    return hinge(out[0], label == 1 ? 1 : -1);
  };
  fit(net, data, adam, loss, {.epochs = 60, .batch_size = 10},
      [&](const Epoch& epoch) { losses.push_back(epoch.loss); });
  EXPECT_LT(losses.back(), 0.2 * losses.front());
  EXPECT_GE(accuracy(net, data), 0.97);
}

TEST(Fit, what_the_loss_throws_passes_through) {
  const MLP net(2, {3});
  SGD sgd(net.parameters(), 0.1);
  Dataset data = make_moons(10, 0.1, 1);
  data.labels[4] = 3;  // the net knows classes 0 to 2
  EXPECT_THROW(fit(net, data, sgd, cross_entropy), UsageError);
}

TEST(Fit, no_rows_or_no_batch_is_a_usage_error) {
  const MLP net(2, {1});
  SGD sgd(net.parameters(), 0.1);
  EXPECT_THROW(fit(net, Dataset{.columns = 2, .values = {}, .labels = {}}, sgd, first_output), UsageError);
  EXPECT_THROW(fit(net, make_moons(10, 0.1, 1), sgd, first_output, {.batch_size = 0}), UsageError);
}

TEST(PredictedClass, one_output_is_a_score_and_of_several_the_largest_wins) {
  EXPECT_EQ(predicted_class(std::vector<Value>{0.1}), 1U);
  EXPECT_EQ(predicted_class(std::vector<Value>{-0.1}), 0U);
  EXPECT_EQ(predicted_class(std::vector<Value>{0}), 0U);
  EXPECT_EQ(predicted_class(std::vector<Value>{-3, 2, 1}), 1U);
  EXPECT_EQ(predicted_class(std::vector<Value>{1, 2, 2}), 1U);
  EXPECT_THROW(predicted_class(std::vector<Value>{}), UsageError);
}

TEST(Accuracy, is_the_share_of_rows_that_are_right) {
  const Model above_three = [](std::span<const double> row) { return std::vector<Value>{row[0] - 3.5}; };
  Dataset data = counted(8);
  data.labels = {0, 0, 0, 0, 1, 1, 0, 0};
  EXPECT_EQ(accuracy(above_three, data), 0.75);
  EXPECT_THROW(accuracy(above_three, Dataset{}), UsageError);
}

TEST(Accuracy, records_nothing) {
  const Value weight = 2;
  std::vector<Value> kept;
  const Model model = [&](std::span<const double> row) {
    kept.push_back(weight * row[0]);
    return std::vector<Value>{kept.back()};
  };
  accuracy(model, counted(3));
  for (const Value& output : kept) EXPECT_TRUE(output.prev().empty());
  EXPECT_EQ((weight * 3.0).prev().size(), 2U);
}

}  // namespace
}  // namespace micrograd
