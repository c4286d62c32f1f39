// Dropout keeps the mean, is nothing at all in evaluation, and goes on where its generator was.
#include <micrograd/nn/dropout.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/nn/mlp.hpp>
#include "graph_shape.hpp"

namespace micrograd {
namespace {

std::vector<double> numbers(const std::vector<Value>& values) {
  std::vector<double> result;
  result.reserve(values.size());
  for (const Value& value : values) result.push_back(value.data());
  return result;
}

MLP wide_net(double dropout) { return MLP(3, {20, 20, 2}, {.seed = 5, .dropout = dropout}); }

const std::vector<double> x{0.5, -1, 2};

TEST(Dropout, leaves_out_signals_and_enlarges_the_others_so_that_the_mean_stays) {
  Dropout dropout(0.25, 3);
  constexpr int n = 40'000;
  double sum = 0;
  int left_out = 0;
  for (int i = 0; i < n; ++i) {
    std::vector<Value> signal{3};
    dropout.apply(signal);
    if (signal[0].data() == 0) {
      ++left_out;
    } else {
      ASSERT_DOUBLE_EQ(signal[0].data(), 3 / 0.75);
    }
    sum += signal[0].data();
  }
  EXPECT_NEAR(left_out / double{n}, 0.25, 0.011);  // five standard deviations
  EXPECT_NEAR(sum / n, 3, 0.044);
}

/// Gives factors 1, 2, 3, …
class Counted final : public DropoutFactors {
 public:
  std::span<const Value> factors(Dropout& dropout, std::size_t count) override {
    asked.push_back(&dropout);
    given.clear();
    for (std::size_t i = 0; i < count; ++i) given.emplace_back(++latest);
    return given;
  }
  std::vector<Dropout*> asked;
  std::vector<Value> given;
  double latest = 0;
};

TEST(Dropout, asks_whoever_listens_for_its_factors_and_draws_nothing_then) {
  Dropout dropout(0.5, 3), other(0.5, 3);
  std::vector<Value> signals{10, 10};
  {
    Counted counted;
    dropout.apply(signals);
    EXPECT_EQ(numbers(signals), (std::vector<double>{10, 20}));
    {
      Counted latest;
      dropout.apply(signals);
      EXPECT_EQ(numbers(signals), (std::vector<double>{10, 40}));
    }
    dropout.apply(signals);
    EXPECT_EQ(numbers(signals), (std::vector<double>{30, 160}));
    EXPECT_EQ(counted.asked, (std::vector<Dropout*>{&dropout, &dropout}));
    dropout.train(false);
    dropout.apply(signals);
    EXPECT_EQ(counted.asked.size(), 2U) << "in evaluation there is nothing to ask for";
    dropout.train(true);
  }
  std::vector<Value> here{1, 1, 1, 1}, there{1, 1, 1, 1};
  dropout.apply(here);
  for (Value& signal : there) signal *= other.draw();
  EXPECT_EQ(numbers(here), numbers(there));
}

TEST(Dropout, lets_the_gradient_through_where_it_let_the_signal_through) {
  Dropout dropout(0.5, 3);
  std::vector<Value> leaves, signals;
  for (int i = 0; i < 50; ++i) leaves.emplace_back(i + 1);
  signals = leaves;
  dropout.apply(signals);
  int left_out = 0;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    signals[i].backward();
    EXPECT_EQ(leaves[i].grad(), signals[i].data() / leaves[i].data());
    if (signals[i].data() == 0) ++left_out;
  }
  EXPECT_GT(left_out, 0);
  EXPECT_LT(left_out, 50);
}

TEST(Dropout, in_evaluation_or_with_probability_0_records_nothing_and_draws_nothing) {
  Dropout off(0.5, 3), never(0, 3);
  off.train(false);
  for (Dropout* const dropout : {&off, &never}) {
    const std::vector<std::uint64_t> before = dropout->random().state();
    const Value signal = 2;
    std::vector<Value> signals{signal};
    dropout->apply(signals);
    EXPECT_TRUE(same_node(signals[0], signal));
    EXPECT_EQ(dropout->random().state(), before);
  }
}

TEST(Dropout, rejects_probabilities_out_of_range_and_shows_them) {
  for (const double probability : {-0.1, 1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_THROW(Dropout(probability, 1), UsageError) << probability;
  }
  try {
    wide_net(1);
    FAIL() << "a net that leaves out everything was accepted";
  } catch (const UsageError& error) {
    EXPECT_STREQ(error.what(),
                 "Dropout: the probability is out of range (got 1, expected 0 or more and less than 1)");
  }
}

TEST(MlpDropout, a_net_in_evaluation_is_the_net_without_dropout) {
  const MLP with = wide_net(0.5), without = wide_net(0);
  EXPECT_TRUE(with.training());
  EXPECT_EQ(with.dropout(), 0.5);
  EXPECT_NE(numbers(with(x)), numbers(without(x)));
  with.evaluate();
  EXPECT_FALSE(with.training());
  const std::vector<std::uint64_t> before = with.dropout_random().state();
  EXPECT_EQ(numbers(with(x)), numbers(without(x)));
  EXPECT_EQ(graph_shape::operations(with(x)[0]), graph_shape::operations(without(x)[0]));
  EXPECT_EQ(with.dropout_random().state(), before);
  with.train();
  EXPECT_TRUE(with.training());
  EXPECT_NE(numbers(with(x)), numbers(without(x)));
}

TEST(MlpDropout, touches_each_hidden_output_once_and_neither_inputs_nor_outputs) {
  using Counts = std::map<std::string, std::size_t>;
  const Counts with = graph_shape::operations(wide_net(0.5)(x)[0]);
  const Counts without = graph_shape::operations(wide_net(0)(x)[0]);
  EXPECT_EQ(with.at("*"), without.at("*") + 20 + 20);
  EXPECT_EQ(with.at("+"), without.at("+"));
  const MLP shallow(3, {2}, {.dropout = 0.5});
  EXPECT_EQ(numbers(shallow(x)), numbers(MLP(3, {2})(x)));
}

TEST(MlpDropout, keeps_the_mean_of_what_a_linear_net_puts_out) {
  const MLP net(3, {30, 1}, {.hidden = Activation::linear, .seed = 2, .dropout = 0.3});
  net.evaluate();
  const double expected = net(x)[0].data();
  net.train();
  constexpr int n = 4'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double y = net(x)[0].data();
    sum += y;
    squares += (y - expected) * (y - expected);
  }
  const double deviation_of_mean = std::sqrt(squares / n / n);
  EXPECT_GT(deviation_of_mean, 0);
  EXPECT_NEAR(sum / n, expected, 5 * deviation_of_mean);
}

TEST(MlpDropout, goes_on_to_the_bit_from_a_state_that_was_read) {
  const MLP net = wide_net(0.4), other = wide_net(0.4);
  net(x);
  const std::vector<std::uint64_t> state = net.dropout_random().state();
  const std::vector<double> first = numbers(net(x)), second = numbers(net(x));
  EXPECT_NE(first, second);
  other.dropout_random().set_state(state);
  EXPECT_EQ(numbers(other(x)), first);
  EXPECT_EQ(numbers(other(x)), second);
}

TEST(MlpDropout, the_weights_do_not_depend_on_it_and_the_seed_decides_what_is_left_out) {
  EXPECT_EQ(numbers(wide_net(0.5).parameters()), numbers(wide_net(0).parameters()));
  EXPECT_EQ(numbers(wide_net(0.5)(x)), numbers(wide_net(0.5)(x)));
}

TEST(MlpDropout, copies_share_mode_and_generator) {
  const MLP net = wide_net(0.5);
  const std::vector<MLP> copies{net};
  const MLP& copy = copies.front();
  copy.evaluate();
  EXPECT_FALSE(net.training());
  EXPECT_EQ(&copy.dropout_random(), &net.dropout_random());
}

TEST(EvaluationMode, ends_with_its_guard_and_gives_back_the_mode_that_was) {
  const MLP net = wide_net(0.5);
  {
    const EvaluationMode guard(net);
    EXPECT_FALSE(net.training());
    const EvaluationMode inner(net);
  }
  EXPECT_TRUE(net.training());
  net.evaluate();
  { const EvaluationMode guard(net); }
  EXPECT_FALSE(net.training());
}

}  // namespace
}  // namespace micrograd
