// A run goes where its options say, stops when it should, and goes on with the same bits.
#include <micrograd/train/trainer.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/checkpoint.hpp>
#include <micrograd/train/fit.hpp>
#include <micrograd/train/moons.hpp>
#include "has_compiler.hpp"
#include "hurry.hpp"

namespace micrograd {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<double> data_of(const std::vector<Value>& values) {
  std::vector<double> data;
  for (const Value& value : values) data.push_back(value.data());
  return data;
}

std::vector<double> grad_of(const std::vector<Value>& values) {
  std::vector<double> grad;
  for (const Value& value : values) grad.push_back(value.grad());
  return grad;
}

double norm(const std::vector<double>& x) {
  double squares = 0;
  for (const double entry : x) squares += entry * entry;
  return std::sqrt(squares);
}

const FitOptions uneven{.epochs = 6,
                        .batch_size = 8,
                        .accumulate = 2,
                        .seed = 4,
                        .schedule = parse_schedule("cosine warmup=3"),
                        .clip_norm = 1,
                        .l2 = 1e-3};

/// A loss that branches, one way for many rows and another for few.
Value two_ways(std::span<const Value> outputs, const Example& example) {
  const Value loss = cross_entropy(outputs, example.label);
  return loss < 0.3 ? 2 * loss : loss + 0.3;
}

/// A run with everything that has a state: Adam, dropout, a schedule, held-out rows, uneven batches.
struct TrainingRun {
  Dataset train = make_moons(50, 0.1, 1);
  Dataset held_out = make_moons(20, 0.1, 2);
  MLP net{2, {6, 4, 2}, {.seed = 3, .dropout = 0.2}};
  Adam adam;
  Trainer trainer;

  explicit TrainingRun(FitOptions options = uneven, double rate = 0.02, const Loss& loss = cross_entropy)
      : adam(net.parameters(), {.learning_rate = rate}),
        trainer(net, train, adam, loss, std::move(options), &held_out) {}

  /// One step, and the end of the epoch if it is due.
  void advance() {
    if (trainer.step().ends_epoch) trainer.end_epoch();
  }
};

TEST(Trainer, AccumulatedBatchesGiveTheGradientOfOneLargeBatch) {
  const Dataset data = make_moons(70, 0.1, 1);
  for (const bool eager : {true, false}) {
    std::vector<std::vector<double>> gradients;
    // 70 rows: as one batch; and as four of 20, of which the last has 10.
    for (const auto& [batch, accumulate] : {std::pair<std::size_t, std::size_t>{70, 1}, {20, 4}}) {
      const MLP net(2, {8, 8, 2}, {.seed = 2});
      SGD frozen(net.parameters(), 0);
      Trainer trainer(
          net, data, frozen, cross_entropy,
          {.epochs = 1, .batch_size = batch, .accumulate = accumulate, .l2 = 1e-3, .eager = eager});
      EXPECT_EQ(trainer.compiled(), !eager && testing::has_compiler);
      EXPECT_TRUE(trainer.step().ends_epoch);
      gradients.push_back(grad_of(net.parameters()));
    }
    std::vector<double> difference = gradients[0];
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= gradients[1][i];
    EXPECT_GT(norm(gradients[0]), 0.01);
    EXPECT_LE(norm(difference), 1e-12 * norm(gradients[0])) << (eager ? "eager" : "compiled");
  }
}

TEST(Trainer, ClassWeightsMakeMeansWeighted) {
  Dataset data{.columns = 1, .values = {1, 2, 3}, .labels = {0, 1, 1}};
  const Value parameter = 1;
  SGD frozen({parameter}, 0);
  const Model model([&](std::span<const double> row) { return std::vector<Value>{parameter * row[0]}; });
  const Loss loss = [](std::span<const Value> outputs, std::size_t) { return outputs[0]; };
  Trainer trainer(model, data, frozen, loss, {.batch_size = 3, .class_weights = {4, 1}});
  EXPECT_DOUBLE_EQ(trainer.step().loss, (4 * 1 + 2 + 3) / 6.0);
  EXPECT_DOUBLE_EQ(parameter.grad(), (4 * 1 + 2 + 3) / 6.0);
  EXPECT_DOUBLE_EQ(evaluate(model, data, loss, std::vector<double>{4, 1}).loss, (4 * 1 + 2 + 3) / 6.0);
}

TEST(Trainer, ALossMayAskForTheNumberOfARow) {
  const Dataset data{.columns = 1, .values = {1, 2}, .targets = {3, 5}};
  const MLP net(1, {1});
  SGD sgd(net.parameters(), 0.1);
  fit(net, data, sgd,
      [](std::span<const Value> outputs, double target) { return squared_error(outputs[0], target); },
      {.epochs = 300, .batch_size = 2});
  EXPECT_NEAR(net({1.5})[0].data(), 4, 1e-2);
}

TEST(Trainer, StopsWhenEpochsNoLongerImprove) {
  const Dataset data = make_moons(20, 0.1, 1);
  const MLP net(2, {2});
  SGD frozen(net.parameters(), 0);
  Trainer trainer(net, data, frozen, cross_entropy, {.epochs = 100, .patience = 3});
  std::vector<bool> improved;
  fit(trainer, [&](const Epoch& epoch) { improved.push_back(epoch.improved); });
  EXPECT_EQ(improved, (std::vector<bool>{true, false, false, false}));
}

/// Stops early, some epochs after the best one.
const FitOptions impatient{.epochs = 200, .batch_size = 8, .patience = 4};
constexpr double too_fast = 0.3;

TEST(Trainer, PatienceLeavesTheParametersOfTheBestEpoch) {
  TrainingRun run(impatient, too_fast);
  std::vector<std::vector<double>> parameters;
  std::vector<double> losses;
  fit(run.trainer, [&](const Epoch& epoch) {
    parameters.push_back(data_of(run.net.parameters()));
    losses.push_back(epoch.held_out->loss);
  });
  const auto best = std::min_element(losses.begin(), losses.end()) - losses.begin();
  ASSERT_EQ(losses.size(), static_cast<std::size_t>(best) + 1 + impatient.patience);
  EXPECT_EQ(data_of(run.net.parameters()), parameters[static_cast<std::size_t>(best)]);
  EXPECT_NE(data_of(run.net.parameters()), parameters.back());
  EXPECT_EQ(run.trainer.evaluate(run.held_out).loss, losses[static_cast<std::size_t>(best)]);

  TrainingRun patient({.epochs = 20, .batch_size = 8}, too_fast);
  fit(patient.trainer,
      [&](const Epoch& /*epoch*/) { parameters.push_back(data_of(patient.net.parameters())); });
  EXPECT_EQ(data_of(patient.net.parameters()), parameters.back()) << "the last, unless asked for";
}

TEST(Trainer, DropoutIsOffWhenAModelIsJudged) {
  const Dataset data = make_moons(30, 0.1, 1);
  const MLP net(2, {8, 2}, {.seed = 5, .dropout = 0.5});
  const Evaluation first = evaluate(net, data, cross_entropy);
  const std::vector<std::uint64_t> before = net.dropout_random().state();
  EXPECT_EQ(evaluate(net, data, cross_entropy).loss, first.loss);
  EXPECT_EQ(accuracy(net, data), first.accuracy);
  EXPECT_EQ(net.dropout_random().state(), before);
  EXPECT_TRUE(net.training()) << "left as it was";
}

TEST(Trainer, PenaltiesAreNotPartOfTheLossThatIsTold) {
  const Dataset data = make_moons(10, 0.1, 1);
  const auto loss = [&](double l2) {
    const MLP net(2, {2});
    SGD frozen(net.parameters(), 0);
    return Trainer(net, data, frozen, cross_entropy, {.batch_size = 10, .l2 = l2}).step().loss;
  };
  EXPECT_EQ(loss(0), loss(1));
}

TEST(Trainer, ALossThatIsNotFiniteStopsBeforeTheUpdate) {
  const Dataset data = make_moons(10, 0.1, 1);
  const Value parameter = 1;
  SGD sgd({parameter}, 0.1);
  Trainer trainer([&](std::span<const double>) { return std::vector<Value>{parameter}; }, data, sgd,
                  [](std::span<const Value> outputs, std::size_t) { return log(outputs[0] - 2); }, {});
  EXPECT_THAT([&] { trainer.step(); }, ThrowsMessage<Error>(HasSubstr("not a number (epoch 1, step 1")));
  EXPECT_EQ(parameter.data(), 1);
}

TEST(Trainer, MoreRowsAStepThanThereAreIsOneStepAnEpoch) {
  const Dataset data = make_moons(10, 0.1, 1);
  const MLP net(2, {2});
  SGD sgd(net.parameters(), 0.1);
  constexpr std::size_t huge = std::numeric_limits<std::size_t>::max();
  for (const auto& [batch, accumulate] : {std::pair{huge, std::size_t{2}}, {huge / 2 + 1, 2}, {3, huge}}) {
    Trainer trainer(net, data, sgd, cross_entropy, {.batch_size = batch, .accumulate = accumulate});
    EXPECT_EQ(trainer.steps_per_epoch(), 1U);
    EXPECT_EQ(trainer.step().rows, 10U);
  }
}

TEST(Trainer, OptionsOutOfRangeAreUsageErrors) {
  const Dataset data = make_moons(10, 0.1, 1);
  const MLP net(2, {2});
  SGD sgd(net.parameters(), 0.1);
  const auto with = [&](const FitOptions& options) {
    Trainer(net, data, sgd, cross_entropy, options).step();
  };
  EXPECT_THROW(with({.batch_size = 0}), UsageError);
  EXPECT_THROW(with({.accumulate = 0}), UsageError);
  EXPECT_THROW(with({.clip_value = 0}), UsageError);
  EXPECT_THROW(with({.clip_norm = std::nan("")}), UsageError);
  EXPECT_THAT([&] { with({.l1 = -1e-9}); },
              ThrowsMessage<UsageError>(HasSubstr("l1 is out of range (got -1e-09, expected")));
  EXPECT_THROW(with({.l2 = INFINITY}), UsageError);
  EXPECT_THROW(with({.class_weights = {1, 0}}), UsageError);
  EXPECT_THAT([&] { with({.class_weights = {1}}); },
              ThrowsMessage<UsageError>(HasSubstr("a class has no weight")));
}

class Checkpoint : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file); }
  const std::filesystem::path file =
      std::filesystem::path(::testing::TempDir()) /
      (std::string("checkpoint.") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Checkpoint, ResumesToTheSameBitsFromEveryStep) {
  FitOptions eager = uneven, single = uneven;
  eager.eager = true;
  single.precision = Precision::float32;
  for (const FitOptions& options : {uneven, eager, single}) {
    for (const Loss& loss : {Loss(cross_entropy), Loss(two_ways)}) {
      TrainingRun whole(options, 0.02, loss);
      std::size_t steps = 0;
      for (; !whole.trainer.done(); ++steps) whole.advance();
      for (std::size_t stop = 0; stop <= steps; stop += in_a_hurry() ? 11 : 1) {
        TrainingRun first(options, 0.02, loss);
        for (std::size_t i = 0; i < stop; ++i) first.advance();
        save_checkpoint(first.net, first.adam, first.trainer.progress(), file);
        TrainingRun second(options, 0.02, loss);
        second.trainer.resume(load_checkpoint(second.net, second.adam, file));
        while (!second.trainer.done()) second.advance();
        ASSERT_EQ(data_of(second.net.parameters()), data_of(whole.net.parameters()))
            << "stopped after " << stop;
        ASSERT_EQ(second.adam.state(), whole.adam.state());
        ASSERT_EQ(second.trainer.progress(), whole.trainer.progress());
        ASSERT_EQ(second.net.dropout_random().state(), whole.net.dropout_random().state());
        ASSERT_EQ(second.trainer.compiled(), !options.eager && testing::has_compiler);
      }
    }
  }
}

TEST_F(Checkpoint, HoldsTheBestNetAndGoesOnWithTheLatest) {
  TrainingRun whole(impatient, too_fast);
  fit(whole.trainer);
  const std::vector<double> best = data_of(whole.net.parameters());
  const std::size_t last = whole.trainer.progress().epochs;
  for (const std::size_t stop : {last, last - 1, last - impatient.patience, std::size_t{0}}) {
    TrainingRun first(impatient, too_fast);
    while (first.trainer.progress().epochs < stop) first.advance();
    if (!first.trainer.done()) first.advance();  // into the next epoch
    save_checkpoint(first.net, first.adam, first.trainer.progress(), file);
    const std::vector<double> standing = data_of(first.net.parameters());
    if (stop + impatient.patience >= last) {
      const MLP used(2, {6, 4, 2});
      load_net(used, file);
      EXPECT_EQ(data_of(used.parameters()), best) << "what others load";
    }
    TrainingRun second(impatient, too_fast);
    second.trainer.resume(load_checkpoint(second.net, second.adam, file));
    EXPECT_EQ(data_of(second.net.parameters()), standing) << "saving moves nothing";
    EXPECT_EQ(second.trainer.progress(), first.trainer.progress());
    fit(second.trainer);
    EXPECT_EQ(data_of(second.net.parameters()), best);
    EXPECT_EQ(second.trainer.progress(), whole.trainer.progress());
  }
}

TEST_F(Checkpoint, OfABestNetThatIsNotTheOptimisersIsRefusedAndNothingWritten) {
  TrainingRun run(impatient, too_fast);
  while (run.trainer.progress().best_parameters.empty()) run.advance();
  const SGD sgd(run.net.layers()[0].parameters(), SGDOptions{});
  EXPECT_THAT(
      [&] { save_checkpoint(run.net, sgd, run.trainer.progress(), file); },
      ThrowsMessage<UsageError>("save_checkpoint: the best parameters do not fit (got 56, expected 18)"));
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Checkpoint, CountsEpochsWithoutImprovementOn) {
  const FitOptions options{.epochs = 50, .batch_size = 50, .patience = 4};
  TrainingRun first(options, 0), second(options, 0);  // at rate 0 no epoch improves on the first
  for (int i = 0; i < 3; ++i) first.advance();
  save_checkpoint(first.net, first.adam, first.trainer.progress(), file);
  second.trainer.resume(load_checkpoint(second.net, second.adam, file));
  EXPECT_EQ(second.trainer.progress().stale, 2U);
  while (!second.trainer.done()) second.advance();
  EXPECT_EQ(second.trainer.progress().epochs, 5U);
}

TEST_F(Checkpoint, OfAnotherRunIsRefused) {
  TrainingRun run;
  run.advance();
  save_checkpoint(run.net, run.adam, run.trainer.progress(), file);
  const MLP wider(2, {7, 4, 2});
  Adam adam(wider.parameters());
  EXPECT_THAT([&] { load_checkpoint(wider, adam, file); }, ThrowsMessage<IoError>(HasSubstr("does not fit")));
  SGD sgd(run.net.parameters(), SGDOptions{.momentum = 0.9});
  EXPECT_THAT([&] { load_checkpoint(run.net, sgd, file); },
              ThrowsMessage<IoError>(HasSubstr("velocity' is missing (got 14 others, expected one of 56)")));
  TrainingRun other({.epochs = 6, .batch_size = 9});
  EXPECT_THAT([&] { other.trainer.resume(run.trainer.progress()); },
              ThrowsMessage<UsageError>(HasSubstr("this run cannot stand there")));
}

TEST_F(Checkpoint, ThatDoesNotFitLeavesTheNetAsItIs) {
  const MLP net(2, {3, 2});
  save_net(MLP(2, {3, 1}, {.seed = 9}), file);
  const std::vector<double> before = data_of(net.parameters());
  EXPECT_THROW(load_net(net, file), IoError);
  EXPECT_EQ(data_of(net.parameters()), before);
}

TEST_F(Checkpoint, OfANetAloneGivesBackItsWeights) {
  const MLP net(3, {4, 2}, {.seed = 1});
  const MLP other(3, {4, 2}, {.seed = 2});
  save_net(net, file);
  load_net(other, file);
  EXPECT_EQ(data_of(other.parameters()), data_of(net.parameters()));
  const SafeTensors content = parse_safetensors(read_file(file), "x");
  ASSERT_NE(content.find("layers.0.weight"), nullptr);
  EXPECT_EQ(content.find("layers.0.weight")->shape, (std::vector<std::size_t>{4, 3}));
  EXPECT_EQ(std::get<0>(content.find("layers.1.bias")->items), (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace micrograd
