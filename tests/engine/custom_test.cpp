// Operations of the user's own: closures, and what they may do while backward runs them; and rows like the
// table's.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include "helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::message_of;

/// x * y as a closure.
Value times(const Value& x, const Value& y) {
  return Value::custom(x.data() * y.data(), {x, y}, "times", [x, y](const Value& out) {
    x.add_grad(y.data() * out.grad());
    y.add_grad(x.data() * out.grad());
  });
}

TEST(Closure, captures_what_it_needs_and_receives_its_output) {
  const Value a = 3, b = 4;
  const Value c = times(a, b);
  EXPECT_EQ(c.data(), 12);
  EXPECT_EQ(c.op(), "times");
  ASSERT_EQ(c.prev().size(), 2U);
  EXPECT_TRUE(same_node(c.prev()[0], a));
  EXPECT_TRUE(same_node(c.prev()[1], b));
  (c * 10).backward();
  EXPECT_EQ(a.grad(), 40);
  EXPECT_EQ(b.grad(), 30);
  EXPECT_EQ(c.grad(), 10);
}

TEST(Closure, stands_between_built_in_operations_and_repeats_operands) {
  const Value x = 3;
  const Value inner = x * 2;
  const Value square = times(inner, inner);
  const Value root = square + inner;
  ASSERT_EQ(square.prev().size(), 2U);
  root.backward();
  EXPECT_EQ(inner.grad(), 13);
  EXPECT_EQ(x.grad(), 26);
  root.backward();
  EXPECT_EQ(inner.grad(), 13) << "the first touch of a pass starts from 0";
  EXPECT_EQ(x.grad(), 52);
}

TEST(Closure, can_be_stepped_by_hand) {
  const Value a = 3;
  const Value b = a * 1;
  const Value c = times(b, b);
  c.set_grad(1);
  c.backward_step();
  c.backward_step();
  EXPECT_EQ(b.grad(), 12);
  EXPECT_EQ(a.grad(), 0);
}

TEST(Closure, may_have_no_operands_or_many) {
  int runs = 0;
  const Value none = Value::custom(1, {}, "none", [&runs](const Value&) { ++runs; });
  none.backward();
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(none.prev().empty());
  std::vector<Value> many(1000, Value(1));
  const Value all = Value::custom(1000, many, "all", [many](const Value& out) {
    for (const Value& x : many) x.add_grad(out.grad());
  });
  EXPECT_EQ(all.prev().size(), 1000U);
  all.backward();
  EXPECT_EQ(many[0].grad(), 1000);
}

TEST(Closure, missing_is_a_usage_error_that_names_the_operation) {
  const Value a = 1;
  const std::string message = message_of([&] { return Value::custom(1, {a}, "mystery", nullptr); });
  EXPECT_TRUE(contains(message, "custom: ")) << message;
  EXPECT_TRUE(contains(message, "mystery")) << message;
}

TEST(Closure, keeps_what_it_captured_alive_until_its_node_goes) {
  const auto token = std::make_shared<int>(0);
  Value c = Value::custom(1, {Value(1)}, "holds", [token](const Value&) {});
  trim_graph();
  EXPECT_EQ(token.use_count(), 2);
  Value consumer = c * 2;
  c = 0;
  trim_graph();
  EXPECT_EQ(token.use_count(), 2) << "a consumer still needs it";
  consumer = 0;
  trim_graph();
  EXPECT_EQ(token.use_count(), 1);
}

TEST(Closure, that_throws_stops_backward_and_the_next_one_is_right) {
  const Value x = 3;
  bool fail = true;
  const Value low = x * 2;
  const Value middle = Value::custom(low.data(), {low}, "fragile", [&fail, low](const Value& out) {
    if (fail) throw std::runtime_error("no luck");
    low.add_grad(out.grad());
  });
  const Value root = middle * 5 + low;
  EXPECT_EQ(message_of<std::runtime_error>([&] {
              root.backward();
              return 0;
            }),
            "no luck");
  EXPECT_EQ(x.grad(), 0);
  fail = false;
  root.backward();
  EXPECT_EQ(x.grad(), 12);
  EXPECT_EQ(low.grad(), 6);
  EXPECT_EQ(middle.grad(), 5);
  const Value apart = low * 7;
  apart.backward();
  EXPECT_EQ(x.grad(), 12 + 14);
}

TEST(Closure, that_throws_when_stepped_by_hand_harms_nothing) {
  const Value x = 3;
  const Value bad = Value::custom(1, {x}, "bad", [](const Value&) { throw std::runtime_error("no"); });
  EXPECT_THROW(bad.backward_step(), std::runtime_error);
  (x * 2).backward();
  EXPECT_EQ(x.grad(), 2);
}

TEST(Closure, may_build_values) {
  const Value x = 3;
  const Value y = x * 1;
  const std::size_t many = testing::rounds(300000, 2500);
  const Value c = Value::custom(9, {y}, "builds", [y, many](const Value& out) {
    Value sum = 0;
    for (std::size_t i = 0; i < many; ++i) sum += y * 0 + 1;
    y.add_grad(out.grad() * sum.data());
  });
  (c + y).backward();
  EXPECT_EQ(x.grad(), static_cast<double>(many) + 1);
}

TEST(Closure, may_drop_handles_even_that_of_the_root) {
  const Value x = 3;
  std::vector<Value> handles;
  const Value low = x * 2;
  handles.push_back(low * 4);
  for (int i = 0; i < 100; ++i) {
    handles.push_back(Value::custom(handles.back().data(), {handles.back()}, "drops",
                                    [&handles, before = handles.back()](const Value& out) {
                                      handles.clear();
                                      trim_graph();
                                      before.add_grad(out.grad());
                                    }));
  }
  handles.back().backward();
  EXPECT_TRUE(handles.empty());
  EXPECT_EQ(x.grad(), 8);
  EXPECT_EQ(low.grad(), 4);
}

TEST(Closure, may_run_backward_on_a_separate_graph) {
  const Value x = 3;
  const Value low = x * 1;
  const Value c = Value::custom(27, {low}, "cube", [low](const Value& out) {
    const Value inner(low.data());
    const Value cube = inner * inner * inner;
    cube.backward();
    low.add_grad(inner.grad() * out.grad());
  });
  const Value root = c + low * c;
  root.backward();
  EXPECT_EQ(low.grad(), 27 + 27 * (1 + 3));
  EXPECT_EQ(x.grad(), low.grad());
}

TEST(Closure, may_nest_backward_on_separate_graphs_several_deep) {
  const Value x = 2;
  const auto nested = [](auto self, const Value& at, int depth) -> Value {
    return Value::custom(at.data(), {at}, "nested", [self, at, depth](const Value& out) {
      const Value leaf = at.data();
      const Value inner = depth == 0 ? leaf * 3 : self(self, leaf * 1, depth - 1) * 1;
      inner.backward();
      at.add_grad(out.grad() * leaf.grad());
    });
  };
  (nested(nested, x, 10) + x).backward();
  EXPECT_EQ(x.grad(), 4);
}

TEST(Closure, that_runs_backward_on_a_graph_sharing_nodes_with_the_pass_is_refused) {
  const Value x(3, "x");
  const Value shared = x * 2;
  shared.set_label("shared");
  bool share = true;
  const Value c = Value::custom(1, {shared}, "shares", [&share, shared](const Value& out) {
    if (share) (shared * 5).backward();
    shared.add_grad(out.grad());
  });
  const Value root = c + shared;
  const std::string message = message_of([&] {
    root.backward();
    return 0;
  });
  EXPECT_TRUE(contains(message, "shared")) << message;
  EXPECT_TRUE(contains(message, "backward: ")) << message;
  share = false;
  x.set_grad(0);
  root.backward();
  EXPECT_EQ(x.grad(), 4);
}

TEST(Closure, that_runs_backward_on_its_own_output_is_refused) {
  const Value x = 3;
  int depth = 0;
  const Value c = Value::custom(1, {x}, "recursive", [&depth](const Value& out) {
    if (++depth < 1000) out.backward();
  });
  EXPECT_NE(message_of([&] {
              c.backward();
              return 0;
            }),
            "no error");
  depth = 1000;
  EXPECT_NO_THROW(c.backward());
}

TEST(Closure, may_catch_what_an_inner_backward_throws) {
  const Value x = 3;
  const Value c = Value::custom(1, {x}, "catches", [x](const Value& out) {
    const Value inner = x.data();
    const Value bad = Value::custom(1, {inner}, "bad", [](const Value&) { throw std::runtime_error("no"); });
    EXPECT_THROW((bad * 2 + inner * 3).backward(), std::runtime_error);
    x.add_grad(out.grad());
  });
  (c * 2 + x * 3).backward();
  EXPECT_EQ(x.grad(), 5);
}

TEST(Closure, nested_by_the_hundred_thousand_are_destroyed_without_recursion) {
  const std::size_t depth = testing::rounds(300000, 1500);
  const auto token = std::make_shared<int>(0);
  const auto nest = [depth, &token] {
    Value v = 1;
    for (std::size_t i = 0; i < depth; ++i)
      v = Value::custom(1, {v}, "nest", [v, token](const Value& out) { v.add_grad(out.grad()); });
    return v;
  };
  {
    const Value dropped_at_once = nest();
    dropped_at_once.backward();
  }
  EXPECT_EQ(token.use_count(), 1);
  Value collected = nest();
  const Value newest = 2;
  collected = 0;
  trim_graph();
  EXPECT_EQ(token.use_count(), 1);
  EXPECT_EQ(newest.data(), 2);
}

/// Builds and drops Values when it dies.
struct Busy {
  Value held = 1;
  Busy() = default;
  Busy(const Busy&) = default;
  Busy& operator=(const Busy&) = default;
  ~Busy() {
    const Value built = held * 2 + 1;
    const Value again =
        Value::custom(1, {built}, "again", [built](const Value& out) { built.add_grad(out.grad()); });
    again.backward();
  }
};

TEST(Closure, may_build_values_and_run_backward_when_it_is_destroyed) {
  const Value x = 3;
  Value v = x;
  for (std::size_t i = 0; i < testing::rounds(3000, 100); ++i)
    v = Value::custom(1, {v}, "busy", [v, busy = Busy()](const Value& out) { v.add_grad(out.grad()); });
  v.backward();
  EXPECT_EQ(x.grad(), 1);
  const Value newest = x + 1;
  v = 0;
  trim_graph();
  newest.backward();
  EXPECT_EQ(x.grad(), 2);
}

/// x^2 y.
struct SquareTimes {
  static constexpr OpInfo info{.name = "square_times", .formula = "x^2 y", .derivative = "2 x y, x^2"};
  template <class T> static T value(T x, T y) { return x * x * y; }
  template <class T> static T dx(T x, T y, T) { return 2.0 * x * y; }
  template <class T> static T dy(T x, T, T) { return x * x; }
};

struct Triple {
  static constexpr OpInfo info{.name = "triple", .formula = "3 x", .derivative = "3"};
  template <class T> static T value(T x) { return 3.0 * x; }
  template <class T> static T dx(T, T) { return T(3); }
};

struct Blend {
  static constexpr OpInfo info{
      .name = "blend", .formula = "x y + z", .derivative = "y, x, 1", .flat = {false, true}};
  template <class T> static T value(T x, T y, T z) { return x * y + z; }
  template <class T> static T dx(T, T y, T, T) { return y; }
  template <class T> static T dz(T, T, T, T) { return T(1); }
};

/// x times a plain number.
struct Scale {
  static constexpr OpInfo info{.name = "scale",
                               .formula = "n x",
                               .derivative = "n",
                               .flat = {false, true},
                               .number_operand = NumberOperand::second};
  template <class T> static T value(T x, double n) { return x * n; }
  template <class T> static T dx(T, double n, T) { return T(n); }
};

TEST(OwnRow, works_like_one_of_the_table) {
  const Value a = 3, b = 5;
  const Value c = apply<SquareTimes>(a, b);
  EXPECT_EQ(c.data(), 45);
  EXPECT_EQ(c.op(), "square_times");
  ASSERT_EQ(c.prev().size(), 2U);
  EXPECT_TRUE(same_node(c.prev()[1], b));
  (apply<Triple>(c) + a).backward();
  EXPECT_EQ(a.grad(), 91);
  EXPECT_EQ(b.grad(), 27);
  c.set_grad(1);
  c.backward_step();
  EXPECT_EQ(b.grad(), 36);
}

TEST(OwnRow, takes_numbers_on_either_side) {
  const Value a = 3;
  const Value right = apply<SquareTimes>(a, 5);
  right.backward();
  EXPECT_EQ(right.data(), 45);
  EXPECT_EQ(a.grad(), 30);
  ASSERT_EQ(right.prev().size(), 2U);
  EXPECT_EQ(right.prev()[1].label(), "Cons");
  EXPECT_EQ(right.prev()[1].data(), 5);
  EXPECT_EQ(right.prev()[1].grad(), 9);
  const Value left = apply<SquareTimes>(5, a);
  left.backward();
  EXPECT_EQ(left.data(), 75);
  EXPECT_EQ(left.prev()[0].label(), "Cons");
  EXPECT_EQ(left.prev()[0].grad(), 30);
  EXPECT_EQ(a.grad(), 55);
}

TEST(OwnRow, with_a_plain_number_lists_it_among_its_operands_as_pow_does) {
  const Value a = 3;
  const Value c = apply<Scale>(a, 5);
  c.backward();
  EXPECT_EQ(c.data(), 15);
  EXPECT_EQ(a.grad(), 5);
  ASSERT_EQ(pow(a, 5).prev().size(), 2U);
  ASSERT_EQ(c.prev().size(), 2U);
  EXPECT_EQ(c.prev()[1].label(), "Cons");
  EXPECT_EQ(c.prev()[1].data(), 5);
}

TEST(OwnRow, of_three_operands_gives_a_flat_one_nothing) {
  const Value x = 2, y = 3, z = 4;
  const Value r = apply<Blend>(x, y, z);
  r.backward();
  EXPECT_EQ(r.data(), 10);
  EXPECT_EQ(x.grad(), 3);
  EXPECT_EQ(y.grad(), 0);
  EXPECT_EQ(z.grad(), 1);
}

}  // namespace
}  // namespace micrograd
