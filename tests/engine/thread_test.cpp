// Graphs and threads: each thread records its own; handles may be copied, dropped and outlive anywhere.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include "helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::message_of;

/// x^n by n multiplications; its derivative at 1 is n.
Value power(const Value& x, std::size_t n) {
  Value y = x;
  for (std::size_t i = 1; i < n; ++i) y = y * x;
  return y;
}

TEST(ThreadGraphs, are_built_at_once_and_independent) {
  std::vector<std::thread> threads;
  std::vector<double> gradients(4);
  for (std::size_t t = 0; t < gradients.size(); ++t) {
    threads.emplace_back([&gradients, t] {
      const Value x = 1;
      Value loss;
      for (std::size_t step = 0; step < testing::rounds(50, 3); ++step) {
        x.set_grad(0);
        loss = power(x, testing::rounds(2000, 200) + t) + 3 * x;
        loss.backward();
      }
      gradients[t] = x.grad();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < gradients.size(); ++t)
    EXPECT_EQ(gradients[t], static_cast<double>(testing::rounds(2000, 200) + t + 3));
}

TEST(ThreadGraphs, have_modes_of_their_own) {
  const NoGrad here;
  bool recorded = false;
  std::thread([&recorded] {
    const Value x = 2;
    recorded = (x * x).prev().size() == 2;
  }).join();
  EXPECT_TRUE(recorded);
}

TEST(ThreadHandles, returned_from_std_async_work) {
  Value y = std::async(std::launch::async, [] {
              const Value x(3, "x");
              Value result = 2 * x * x;
              result.set_label("y");
              return result;
            }).get();
  EXPECT_EQ(y.data(), 18);
  EXPECT_EQ(y.label(), "y");
  EXPECT_EQ(y.op(), "*");
  const Value product = y.prev()[0];
  const Value x = y.prev()[1];
  EXPECT_EQ(x.label(), "x");
  EXPECT_EQ(product.prev()[0].label(), "Cons");
  y.backward();
  y.backward();
  EXPECT_EQ(x.grad(), 24);
  EXPECT_EQ(product.grad(), 3);
  EXPECT_EQ(product.prev()[0].grad(), 18);
  x.set_data(5);
  x.set_grad(0);
  x.set_label("five");
  y.set_grad(1);
  y.backward_step();
  EXPECT_EQ(product.grad(), 8) << "3 of the pass and x's 5 of the step";
  zero_graph_grad(y);
  EXPECT_EQ(x.grad(), 0);
  EXPECT_EQ(x.label(), "five");
  y = 1;
  EXPECT_EQ(product.prev()[1].data(), 5);
}

TEST(ThreadHandles, on_a_number_outlive_the_operation_of_an_ended_thread) {
  Value y = std::async(std::launch::async, [] { return 2 * Value(3); }).get();
  const Value two = y.prev()[0];
  y = Value();  // the last handle on the thread's graph
  two.set_data(5);
  EXPECT_EQ(two.data(), 5);
  EXPECT_EQ(two.label(), "Cons");
}

TEST(ThreadHandles, outlive_their_thread_one_by_one) {
  std::vector<Value> left;
  std::thread([&left] {
    const Value x = 2;
    for (int i = 0; i < 100; ++i) left.push_back(x * i);
    left.push_back(x);
  }).join();
  const Value x = left.back();
  backward(left);
  EXPECT_EQ(x.grad(), 99 * 50 + 1);
  while (!left.empty()) left.pop_back();
  EXPECT_EQ(x.data(), 2);
}

TEST(ThreadHandles, keep_closures_of_an_ended_thread_working) {
  const Value root =
      std::async(std::launch::async, [] {
        const Value x(3, "x");
        Value v = x;
        for (int i = 0; i < 50; ++i)
          v = Value::custom(v.data(), {v}, "same", [v](const Value& out) { v.add_grad(out.grad()); });
        return v * 2;
      }).get();
  root.backward();
  Value at = root.prev()[0];
  while (!at.prev().empty()) {
    const Value below = at.prev()[0];
    at = below;
  }
  EXPECT_EQ(at.label(), "x");
  EXPECT_EQ(at.grad(), 2);
}

TEST(ThreadHandles, drop_what_closures_of_an_ended_thread_captured) {
  const auto token = std::make_shared<int>(0);
  Value root =
      std::async(std::launch::async, [&token, depth = testing::rounds(2000, 200)] {
        Value v = 1;
        for (std::size_t i = 0; i < depth; ++i)
          v = Value::custom(1, {v}, "nest", [v, token](const Value& out) { v.add_grad(out.grad()); });
        return v;
      }).get();
  EXPECT_GT(token.use_count(), 1);
  root = 0;
  EXPECT_EQ(token.use_count(), 1);
}

TEST(ThreadHandles, may_be_destroyed_on_another_thread) {
  const Value x = 3;
  for (int i = 0; i < 50; ++i) {
    Value y = x * i;
    std::thread([moved = std::move(y)]() mutable { moved = Value(); }).join();
    const Value after = x * 2;
    after.backward();
  }
  EXPECT_EQ(x.grad(), 100);
  trim_graph();
  EXPECT_LT(graph_stats().nodes, 1638U * 2);
}

TEST(ThreadHandles, destroyed_on_another_thread_free_what_they_alone_held) {
  const auto token = std::make_shared<int>(0);
  Value y = Value::custom(1, {Value(2)}, "f", [token](const Value&) {});
  std::thread([moved = std::move(y)]() mutable { moved = Value(); }).join();
  trim_graph();
  EXPECT_EQ(token.use_count(), 1);
}

TEST(ThreadHandles, destroyed_after_their_thread_on_several_threads_at_once) {
  for (std::size_t round = 0; round < testing::rounds(30, 3); ++round) {
    std::vector<Value> left;
    std::thread([&left] {
      const Value x = 2;
      for (int i = 0; i < 64; ++i) left.push_back(x * i + 1);
    }).join();
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([t, &left] {
        for (std::size_t i = t * 16; i < (t + 1) * 16; ++i) {
          const Value copy = left[i];
          left[i] = Value();
          EXPECT_EQ(copy.data(), 2.0 * static_cast<double>(i) + 1);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(ThreadHandles, are_copied_and_dropped_elsewhere_while_the_owner_works) {
  const std::vector<Value> shared = {Value(2, "weight"), Value(1)};
  std::mutex mutex;
  std::vector<Value> mailbox;
  std::atomic<bool> done = false;
  std::latch ready(3);
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      ready.arrive_and_wait();
      while (!done) {
        const std::vector<Value> copies(8, shared[0]);
        EXPECT_EQ(copies[7].data(), 2);
        const std::scoped_lock lock(mutex);
        if (mailbox.size() > 100) mailbox.clear();
        mailbox.push_back(copies[0]);
        std::vector<Value> mine(mailbox);
        mine.pop_back();
      }
    });
  }
  ready.arrive_and_wait();
  double total = 0;
  for (std::size_t step = 0; step < testing::rounds(300, 10); ++step) {
    shared[0].set_grad(0);
    Value loss = power(shared[0] - 1, 100) + shared[1];
    loss.backward();
    total += shared[0].grad();
    const std::scoped_lock lock(mutex);
    mailbox.push_back(loss);
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(total, 100.0 * static_cast<double>(testing::rounds(300, 10)));
  mailbox.clear();
  EXPECT_EQ(shared[0].label(), "weight");
  trim_graph();
  EXPECT_EQ(shared[0].data(), 2);
}

TEST(ThreadHandles, copied_elsewhere_keep_a_node_the_owner_has_dropped) {
  Value y = Value(3, "x") * 2;
  Value copy;
  std::thread([&] { copy = y; }).join();
  y = Value();
  const Value unrelated = Value(1) + 1;
  trim_graph();
  EXPECT_EQ(copy.data(), 6);
  EXPECT_EQ(copy.prev()[0].label(), "x");
  copy.backward();
  EXPECT_EQ(copy.prev()[0].grad(), 2);
  EXPECT_EQ(unrelated.data(), 2);
}

thread_local Value per_thread;
thread_local Value per_thread_from_a_number(7);

TEST(ThreadLocals, are_values_of_their_thread) {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&right, t] {
      EXPECT_EQ(per_thread.data(), 0);
      per_thread = t + 1;
      const Value y = per_thread * per_thread_from_a_number;
      y.backward();
      if (per_thread.grad() == 7 && per_thread_from_a_number.grad() == t + 1) ++right;
      per_thread = y;  // outlives the thread's graph
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 4);
  per_thread = 5;
  EXPECT_EQ(per_thread.data(), 5);
}

/// Waits on a thread of its own until told to end; what `make` records there belongs to a live thread.
template <class Make>
class Elsewhere {
 public:
  explicit Elsewhere(Make make)
      : thread_([this, make] {
          value = make();
          made_.count_down();
          end_.wait();
          value = Value();
        }) {
    made_.wait();
  }
  ~Elsewhere() {
    end_.count_down();
    thread_.join();
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

  Value value;

 private:
  std::latch made_{1};
  std::latch end_{1};
  std::thread thread_;
};

TEST(ThreadRules, another_live_threads_graph_can_be_read_but_not_used) {
  const Elsewhere other([] {
    Value y = Value(3, "x") * 2;
    y.set_label("theirs");
    return y;
  });
  const Value copy = other.value;
  EXPECT_EQ(copy.data(), 6);
  EXPECT_EQ(copy.grad(), 0);
  const std::string message = message_of([&] {
    copy.backward();
    return 0;
  });
  EXPECT_TRUE(contains(message, "backward: ")) << message;
  EXPECT_TRUE(contains(message, "another thread")) << message;
  EXPECT_TRUE(contains(message, "theirs = 6")) << message;
  EXPECT_NE(message_of([&] {
              copy.backward_step();
              return 0;
            }),
            "no error");
  EXPECT_NE(message_of([&] {
              copy.set_label("mine");
              return 0;
            }),
            "no error");
  EXPECT_NE(message_of([&] {
              copy.add_grad(1);
              return 0;
            }),
            "no error");
  EXPECT_NE(message_of([&] { return copy.prev(); }), "no error");
  EXPECT_NE(message_of([&] {
              zero_graph_grad(copy);
              return 0;
            }),
            "no error");
}

TEST(ThreadRules, roots_of_two_threads_are_refused) {
  Value theirs;
  std::thread([&theirs] { theirs = Value(2) * 3; }).join();
  const std::vector<Value> roots = {Value(1) * 2, theirs};
  const std::string message = message_of([&] {
    backward(roots);
    return 0;
  });
  EXPECT_TRUE(contains(message, "different threads")) << message;
  EXPECT_TRUE(contains(message, "got * node = 2 and * node = 6")) << message;
  EXPECT_EQ(
      message_of([&] { return grad(roots[0], theirs); }),
      "grad: outputs and inputs belong to graphs of different threads (got * node = 2 and * node = 6); run "
      "grad once for each");
}

TEST(ThreadRules, the_number_of_another_threads_value_may_be_used) {
  const Elsewhere other([] { return Value(3); });
  const Value x = 2;
  const Value y = x * Value(other.value.data());
  y.backward();
  EXPECT_EQ(x.grad(), 3);
}

#ifdef MICROGRAD_CHECKED
TEST(ThreadRules, recording_on_another_threads_operand_is_a_usage_error_in_checked_builds) {
  const Elsewhere other([] { return Value(3, "theirs"); });
  const Value x = 2;
  const Value copy = other.value;
  for (const std::string& message :
       {message_of([&] { return x * copy; }), message_of([&] { return copy * 2; }),
        message_of([&] { return exp(copy); }), message_of([&] { return fma(x, x, copy); }),
        message_of([&] { return Value::custom(1, {copy}, "f", [](const Value&) {}); }),
        message_of([&] { return select(true, x, copy); })}) {
    EXPECT_TRUE(contains(message, "another thread")) << message;
    EXPECT_TRUE(contains(message, "3")) << message;
  }
  const Value y = x * x;
  y.backward();
  EXPECT_EQ(x.grad(), 4) << "the refusals left nothing behind";
}
#endif

}  // namespace
}  // namespace micrograd
