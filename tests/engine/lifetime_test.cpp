// How long nodes live: as long as handles can reach them, whatever the loop, the length or the thread-end;
// and the guards no_grad and AnomalyMode.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include "helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::message_of;

// A model at namespace scope, made before main and destroyed after it.
const std::vector<Value> model = {Value(2, "weight"), Value(1, "bias")};
const Value result_at_namespace_scope = model[0] * 3 + model[1];
const Value closure_at_namespace_scope = Value::custom(
    4, {model[0]}, "square", [](const Value& out) { model[0].add_grad(2 * model[0].data() * out.grad()); });
Value assigned_in_a_test;

TEST(Lifetime, a_model_at_namespace_scope_works) {
  zero_graph_grad(result_at_namespace_scope);
  (result_at_namespace_scope + closure_at_namespace_scope).backward();
  EXPECT_EQ(model[0].grad(), 3 + 4);
  EXPECT_EQ(model[1].grad(), 1);
  EXPECT_EQ(model[0].label(), "weight");
  assigned_in_a_test = result_at_namespace_scope * 2;  // dies after main's thread-local objects
}

TEST(Lifetime, a_static_model_works) {
  static const Value weight = 3;
  static Value last;
  for (int i = 0; i < 3; ++i) last = weight * weight;
  last.backward();
  EXPECT_EQ(weight.grad(), 6);
}

/// In its destructor, after main and its thread-local objects have ended: uses old nodes and records new
/// ones.
struct LastWords {
  Value weight = 2;
  Value square = weight * weight;
  std::vector<Value> kept;
  ~LastWords() {
    square.backward();
    const bool old_graph = weight.grad() == 4 && square.prev()[0].data() == 2 && square.op() == "*";
    const Value copy = square;
    const Value leaf = 5;
    const Value built = leaf * leaf + 1;
    built.backward();
    kept = {copy, built};
    std::_Exit(old_graph && leaf.grad() == 10 ? 42 : 1);
  }
};

TEST(LifetimeDeathTest, a_model_is_usable_in_destructors_of_static_objects) {
  EXPECT_EXIT(
      {
        static const LastWords words;
        std::exit(0);
      },
      ::testing::ExitedWithCode(42), "");
}

TEST(Lifetime, operands_live_as_long_as_a_result_needs_them) {
  Value root;
  {
    const Value a(2, "a");
    const Value b(3, "b");
    root = fma(a * b, sin(a), exp(b) * 0);
  }
  for (int i = 0; i < 3; ++i) trim_graph();
  const std::vector<Value> operands = root.prev();
  ASSERT_EQ(operands.size(), 3U);
  EXPECT_EQ(operands[0].data(), 6);
  EXPECT_EQ(operands[0].prev()[0].label(), "a");
  EXPECT_EQ(operands[2].prev()[0].op(), "exp");
  root.backward();
  EXPECT_DOUBLE_EQ(operands[0].prev()[0].grad(), 3 * std::sin(2.0) + 6 * std::cos(2.0));
}

TEST(Lifetime, a_loop_with_its_loss_outside_runs_in_flat_memory) {
  std::vector<Value> parameters;
  for (int i = 0; i < 20; ++i) parameters.emplace_back(0.1 * i);
  Value loss;
  std::size_t after_warming_up = 0;
  std::size_t most = 0;
  const std::size_t steps = testing::rounds(2000, 12);
  for (std::size_t step = 0; step < steps; ++step) {
    Value total = 0;
    for (const Value& p : parameters)
      for (int i = 0; i < 10; ++i) total += tanh(p * i + 1) * 0.5;
    total.set_label("loss");
    loss = square(total);
    for (const Value& p : parameters) p.set_grad(0);
    loss.backward();
    for (const Value& p : parameters) p.set_data(p.data() - 1e-4 * p.grad());
    const GraphStats stats = graph_stats();
    const std::size_t chunks = stats.chunks + stats.spare_chunks;
    if (step == steps / 10) after_warming_up = chunks;
    if (step > steps / 10) most = std::max(most, chunks);
  }
  EXPECT_LE(most, after_warming_up);
  EXPECT_GT(loss.data(), 0);
}

TEST(Lifetime, a_recurrence_that_keeps_only_its_latest_state_runs_in_flat_memory) {
  Value state = 1;
  std::size_t early = 0;
  const std::size_t steps = testing::rounds(300000, 2000);
  for (std::size_t i = 0; i < steps; ++i) {
    state = detach(state * 0.99 + 0.1);
    if (i == steps / 2) early = graph_stats().nodes;
  }
  EXPECT_NEAR(state.data(), 10, 1e-6);
  EXPECT_LE(graph_stats().nodes, std::max<std::size_t>(2 * early, 4 * 64 * 1638));
}

TEST(Lifetime, constants_that_were_looked_at_go_with_their_operation) {
  const Value x = 3;
  std::size_t most = 0;
  for (std::size_t i = 0; i < testing::rounds(100000, 500); ++i) {
    const Value y = 2 * x;
    ASSERT_EQ(y.prev()[0].data(), 2);
    most = std::max(most, graph_stats().nodes);
    if (i % 100 == 99) trim_graph();
  }
  EXPECT_LT(most, 1638U * 4);
}

TEST(Lifetime, a_chain_of_a_million_operations_is_built_differentiated_and_dropped) {
  const std::size_t length = testing::rounds(1000000, 4000);
  trim_graph();
  const std::size_t before = graph_stats().nodes;
  const Value x = 1;
  Value chain = x;
  for (std::size_t i = 0; i < length; ++i) chain = chain + 1;
  chain.backward();
  EXPECT_EQ(x.grad(), 1);
  EXPECT_GE(graph_stats().nodes, length);
  chain = 0;
  trim_graph();
  EXPECT_LE(graph_stats().nodes, before + 2 * 1638);
}

TEST(Lifetime, trimming_gives_memory_back_and_keeps_what_is_held) {
  const Value x(3, "x");
  Value kept = x;
  {
    std::vector<Value> many;
    for (std::size_t i = 0; i < testing::rounds(300000, 3000); ++i)
      many.push_back(x * static_cast<double>(i));
    kept = many[many.size() / 2] + x;
  }
  trim_graph();
  const GraphStats stats = graph_stats();
  EXPECT_LT(stats.nodes, 1638U * 8);
  EXPECT_LT(stats.chunks + stats.spare_chunks, 5 * 32U)
      << "at most a few slabs of 32 chunks, each with something live";
  const std::uint64_t collections = stats.collections;
  trim_graph();
  EXPECT_GT(graph_stats().collections, collections);
  kept.backward();
  EXPECT_EQ(x.grad(), kept.prev()[0].prev()[1].data() + 1);
  EXPECT_EQ(x.label(), "x");
}

TEST(NoGrad, results_are_leaves_without_operands) {
  const Value a = 2, b = 3;
  const Value c = no_grad([&] { return fma(a, b, a * b) + 1; });
  EXPECT_EQ(c.data(), 13);
  EXPECT_EQ(c.op(), "");
  EXPECT_TRUE(c.prev().empty());
  (c * a).backward();
  EXPECT_EQ(a.grad(), 13);
  EXPECT_EQ(b.grad(), 0);
  EXPECT_EQ(c.grad(), 2);
  EXPECT_NO_THROW(c.set_data(1));
  bool ran = false;
  const Value custom =
      no_grad([&] { return Value::custom(5, {a}, "f", [&ran](const Value&) { ran = true; }); });
  custom.backward();
  EXPECT_FALSE(ran);
  EXPECT_EQ(custom.data(), 5);
}

TEST(NoGrad, nests_and_ends_with_its_scope_also_after_an_exception) {
  const Value a = 2;
  {
    const NoGrad outer;
    { const NoGrad inner; }
    EXPECT_TRUE((a * a).prev().empty());
  }
  EXPECT_EQ((a * a).prev().size(), 2U);
  EXPECT_THROW(no_grad([]() -> int { throw std::runtime_error("out"); }), std::runtime_error);
  EXPECT_EQ((a * a).prev().size(), 2U);
}

TEST(NoGrad, backward_of_what_was_recorded_before_still_works) {
  const Value a = 2;
  const Value c = 3 * a;
  const NoGrad guard;
  c.backward();
  EXPECT_EQ(a.grad(), 3);
  EXPECT_EQ(c.prev()[0].grad(), 2);
}

TEST(Detach, is_a_new_leaf_with_the_same_data) {
  const Value a = 2;
  const Value d = detach(a);
  EXPECT_FALSE(same_node(a, d));
  EXPECT_TRUE(detach(a * a).prev().empty());
  (a * d).backward();
  EXPECT_EQ(a.grad(), 2);
  EXPECT_EQ(d.grad(), 2);
}

TEST(Anomaly, names_the_operation_and_its_labelled_operands) {
  const Value x(-1, "x");
  const Value zero(0, "nothing");
  const AnomalyMode guard;
  std::string message = message_of<Error>([&] { return log(x); });
  EXPECT_TRUE(contains(message, "log of x = -1")) << message;
  EXPECT_TRUE(contains(message, "nan")) << message;
  message = message_of<Error>([&] { return x / zero; });
  EXPECT_TRUE(contains(message, "/ of x = -1, nothing = 0")) << message;
  EXPECT_TRUE(contains(message, "-inf")) << message;
  message = message_of<Error>([&] { return 2 / zero; });
  EXPECT_TRUE(contains(message, "/ of 2, nothing = 0")) << message;
  message = message_of<Error>([&] { return fma(x, x, Value(INFINITY, "huge")); });
  EXPECT_TRUE(contains(message, "fma of x = -1, x = -1, huge = inf")) << message;
  message = message_of<Error>([&] { return Value::custom(NAN, {x}, "mine", [](const Value&) {}); });
  EXPECT_TRUE(contains(message, "mine of x = -1")) << message;
  EXPECT_EQ((x + zero).data(), -1);
}

TEST(Anomaly, names_the_first_bad_gradient_with_the_label_of_its_operation) {
  const Value x(0, "x");
  const Value root = sqrt(x);
  root.set_label("distance");
  const Value loss = root * 3;
  std::string message;
  {
    const AnomalyMode guard;
    message = message_of<Error>([&] {
      loss.backward();
      return 0;
    });
  }
  EXPECT_TRUE(contains(message, "sqrt 'distance' of x = 0")) << message;
  EXPECT_TRUE(contains(message, "inf")) << message;
  x.set_grad(0);
  x.set_data(1);
  EXPECT_NO_THROW(loss.backward()) << "off again, and the failed pass left no marks";
  EXPECT_NEAR(root.grad(), 3, 0);
}

TEST(Anomaly, is_off_outside_its_scope_also_after_an_exception) {
  const Value x = -1;
  EXPECT_NO_THROW(static_cast<void>(log(x)));
  try {
    const AnomalyMode guard;
    { const AnomalyMode inner; }
    static_cast<void>(log(x));
    ADD_FAILURE() << "an inner guard's end must not end the outer one's";
  } catch (const Error&) {}
  EXPECT_TRUE(std::isnan(log(x).data()));
  EXPECT_NO_THROW(static_cast<void>(Value(NAN)));
}

TEST(Anomaly, lets_finite_work_pass_unchanged) {
  const AnomalyMode guard;
  const Value x = 3;
  const Value cube = x * x * x;
  cube.backward();
  EXPECT_EQ(x.grad(), 27);
  const Value stepped = 2 * x;
  EXPECT_EQ(stepped.prev().size(), 2U);
}

TEST(Anomaly, forward_errors_leave_nothing_behind) {
  const Value x = 0;
  const auto token = std::make_shared<int>(0);
  {
    const AnomalyMode guard;
    for (int i = 0; i < 100; ++i) {
      EXPECT_THROW(static_cast<void>(Value::custom(NAN, {x}, "bad", [token](const Value&) {})), Error);
    }
  }
  trim_graph();
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace micrograd
