// What explain tells is what backward does, to the bit, and telling it changes no gradient.
#include <micrograd/graph/explain.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "../engine/helpers.hpp"
#include "../ops/table_walk.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::message_of;
using testing::rounds;

struct Bump {
  static constexpr OpInfo info{.name = "bump", .formula = "x^2 y", .derivative = "2 x y, x^2"};
  template <class T> static T value(T x, T y) { return x * x * y; }
  template <class T> static T dx(T x, T y, T /*result*/) { return 2.0 * x * y; }
  template <class T> static T dy(T x, T /*y*/, T /*result*/) { return x * x; }
};

/// The same as a closure, which adds to `x` in two parts.
Value bump(const Value& x, const Value& y) {
  return Value::custom(x.data() * x.data() * y.data(), {x, y}, "bump", [x, y](const Value& out) {
    x.add_grad(x.data() * y.data() * out.grad());
    y.add_grad(x.data() * x.data() * out.grad());
    x.add_grad(x.data() * y.data() * out.grad());
  });
}

/// A closure that gives its first operand nothing at all, and a zero with a sign to the second.
Value blocked(const Value& x, const Value& y) {
  return Value::custom(x.data() + y.data(), {x, y}, "blocked",
                       [y](const Value& out) { y.add_grad(-0.0 * std::abs(out.grad())); });
}

bool same(double x, double y) {
  return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y) ||
         (std::isnan(x) && std::isnan(y));
}

std::vector<double> grads_of(const Snapshot& graph) {
  std::vector<double> grads;
  for (const SnapshotNode& node : graph.nodes) grads.push_back(node.grad);
  return grads;
}

void expect_same(const std::vector<double>& x, const std::vector<double>& y, const std::string& what) {
  ASSERT_EQ(x.size(), y.size()) << what;
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_TRUE(same(x[i], y[i])) << what << ", node " << i << ": " << x[i] << " and " << y[i];
}

/// The contributions must add up to the gradients, in the order in which they are told.
void expect_sums(const Explanation& told) {
  std::vector<double> sums(told.gradients.size(), 0.0);
  std::vector<bool> reached(sums.size(), false);
  reached.back() = true;
  sums.back() = 1.0;
  for (const BackwardStep& step : told.steps) {
    for (const Contribution& part : step.contributions) {
      EXPECT_EQ(part.from, step.node);
      if (part.partial) {
        EXPECT_TRUE(same(part.amount, told.gradients[part.from] * *part.partial));
        const bool leaf = told.graph.nodes[part.to].op.empty();
        EXPECT_TRUE(same(part.sum, reached[part.to] || leaf ? sums[part.to] + part.amount : part.amount));
      }
      reached[part.to] = true;
      sums[part.to] = part.sum;
    }
  }
  expect_same(sums, told.gradients, "sums of contributions");
}

/// A graph of operations of every kind, on few leaves, so that nodes are shared and operands repeated.
class RandomGraph {
 public:
  explicit RandomGraph(std::uint64_t seed) : generator_(seed) {
    for (int i = 0; i < 3; ++i) nodes_.emplace_back(uniform(), "x" + std::to_string(i));
    for (int i = 0; i < 25; ++i) nodes_.push_back(step());
  }
  [[nodiscard]] const Value& root() const { return nodes_.back(); }
  [[nodiscard]] const std::vector<Value>& nodes() const { return nodes_; }

 private:
  double uniform() { return 0.25 + std::ldexp(static_cast<double>(generator_() >> 11U), -53); }
  std::size_t below(std::size_t n) { return generator_() % n; }
  const Value& any() { return nodes_[nodes_.size() - 1 - below(std::min<std::size_t>(nodes_.size(), 8))]; }

  Value step() {
    using Make = Value (*)(std::span<const Value>, const table_walk::Point&);
    static const std::vector<Make> rows = [] {
      std::vector<Make> all;
      for_each_op([&]<class Op>() { all.push_back(table_walk::apply_row<Op, Value>); });
      return all;
    }();
    const Value x = any(), y = any();
    switch (below(12)) {
      case 0:
        return bump(x, y);
      case 1:
        return apply<Bump>(x, y);
      case 2:
        return apply<Bump>(x, 0.5);
      case 3:
        return blocked(x, y);
      case 4:
        return uniform() - x;
      case 5:
        return x * uniform();
      case 6: {  // a number that has been looked at, and is used again
        const Value sum = uniform() + x;
        return sum * sum.prev()[0] + y;
      }
      case 7:
        return x * x - y;
      default: {
        const std::array<Value, 3> operands{x, y, any()};
        const Value result = rows[below(rows.size())](operands, {uniform(), uniform(), uniform()});
        return std::abs(result.data()) < 1e6 ? result : tanh(x);
      }
    }
  }

  std::mt19937_64 generator_;
  std::vector<Value> nodes_;
};

TEST(Explain, GivesTheGradientsOfBackwardToTheBit) {
  std::size_t finite = 0, all = 0, closures = 0;
  for (std::uint64_t seed = 0, graphs = rounds(3'000, 60); seed < graphs; ++seed) {
    const RandomGraph graph(seed);
    for (std::size_t i = 0; i < graph.nodes().size(); ++i)
      graph.nodes()[i].set_grad(0.125 * static_cast<double>(i));
    const std::vector<double> before = grads_of(snapshot(graph.root()));
    const Explanation told = explain(graph.root());
    expect_same(grads_of(snapshot(graph.root())), before, "explain changed a gradient");
    expect_sums(told);

    zero_graph_grad(graph.root());
    graph.root().backward();
    const std::vector<double> given = grads_of(snapshot(graph.root()));
    expect_same(told.gradients, given, "explain beside backward");

    expect_same(explain(graph.root()).gradients, given, "explain after backward");
    expect_same(grads_of(snapshot(graph.root())), given, "explain after backward changed a gradient");

    for (const double grad : given) finite += std::isfinite(grad) && grad != 0 ? 1 : 0;
    all += given.size();
    for (const SnapshotNode& node : told.graph.nodes) closures += node.op == "blocked" ? 1 : 0;
    if (HasFailure()) FAIL() << "graph " << seed;
  }
  EXPECT_GT(finite, all / 3);
  EXPECT_GT(closures, 0U);
}

TEST(Explain, TellsThePassInOrder) {
  Value a(2, "a"), b(3, "b"), d(4, "d");
  Value c = a + b;
  c.set_label("c");
  Value e = c * d;
  e.set_label("e");
  EXPECT_EQ(to_text(explain(e)), R"(e = c * d: c.grad += 4 * 1 = 4; d.grad += 5 * 1 = 5
c = a + b: a.grad += 1 * 4 = 4; b.grad += 1 * 4 = 4

e.grad = 1 (where the pass starts)
c.grad = 4 (via e)
d.grad = 5 (via e)
b.grad = 4 (via c)
a.grad = 4 (via c)
)");
  EXPECT_EQ(a.grad(), 0);
}

TEST(Explain, SumsWhatComesBySeveralWays) {
  Value a(3, "a");
  Value c = a * 2;
  c.set_label("c");
  Value d = a * 1.5;
  d.set_label("d");
  Value e = c - d;
  e.set_label("e");
  const std::string text = to_text(explain(e));
  EXPECT_TRUE(contains(text, "\na.grad = -1.5 (via d) + 2 (via c) = 0.5\n")) << text;
  EXPECT_TRUE(contains(text, "d = a * Cons(1.5): a.grad += 1.5 * -1 = -1.5; Cons(1.5).grad += 3 * -1 = -3\n"))
      << text;
}

TEST(Explain, CountsBothUsesOfARepeatedOperand) {
  Value a(3, "a");
  Value b = a * a;
  b.set_label("b");
  EXPECT_EQ(to_text(explain(b)),
            "b = a * a: a.grad += 3 * 1 = 3; a.grad += 3 * 1 = 3\n\n"
            "b.grad = 1 (where the pass starts)\n"
            "a.grad = 3 (via b) + 3 (via b) = 6\n");
}

TEST(Explain, OfALeafIsItsSeed) {
  EXPECT_EQ(to_text(explain(Value(3, "a"))), "a.grad = 1 (where the pass starts)\n");
}

TEST(Explain, SubtractsNegativeContributions) {
  Value a(3, "a");
  Value first = a * 2;
  const Value root = first - a;
  const std::string text = to_text(explain(root));
  EXPECT_TRUE(contains(text, "a.grad = -1 (via v3) + 2 (via v2) = 1\n")) << text;
  const Value minus = -first;
  const Value more = a * 5;
  const std::string other = to_text(explain(minus + more));
  EXPECT_TRUE(contains(other, "a.grad = 5 (via v5) - 2 (via v2) = 3\n")) << other;
}

TEST(Explain, SaysWhereNothingArrives) {
  Value a(3, "a"), b(4, "b");
  const Value root = select(a < b, a, b);
  const std::string text = to_text(explain(root));
  EXPECT_TRUE(contains(text, "b.grad = 0 (nothing reaches it)\n")) << text;
  EXPECT_TRUE(contains(text, "a.grad = 1 (via v2)\n")) << text;
}

TEST(Explain, GivesEveryNodeANameOfItsOwn) {
  const Value w1(1, "w"), w2(2, "w"), clash(3, "w#0"), line(4, "two\nlines"), v6(5, "v6");
  const Value first = w1 + w2;
  const Value second = first + clash;
  const Value third = second + line;
  const Value fourth = 3 * third;
  const Explanation told = explain(fourth + v6);
  EXPECT_EQ(told.names, (std::vector<std::string>{"w#0'", "w#1", "w#0", "two lines", "v6#4", "v5", "v6#6",
                                                  "v7", "Cons(3)", "v9", "v10"}));
}

TEST(Explain, TellsConstantsApart) {
  const Value a(3, "a");
  const Value first = 2 * a;
  const Value second = 2 * first;
  EXPECT_EQ(explain(second).names, (std::vector<std::string>{"a", "Cons(2)#1", "v2", "Cons(2)#3", "v4"}));
}

TEST(Explain, ShowsWhatAClosureAdds) {
  Value x(2, "x"), y(5, "y");
  const Value root = bump(x, y);
  const Explanation told = explain(root);
  EXPECT_EQ(to_text(told),
            "v2 = bump(x, y): x.grad += 20; y.grad += 4\n\n"
            "v2.grad = 1 (where the pass starts)\ny.grad = 4 (via v2)\nx.grad = 20 (via v2)\n");
  EXPECT_FALSE(told.steps[0].contributions[0].partial.has_value());
  EXPECT_EQ(x.grad(), 0);
}

TEST(Explain, ShowsThePartialsOfAUsersRow) {
  Value x(2, "x"), y(5, "y");
  const std::string text = to_text(explain(3 * apply<Bump>(x, y)));
  EXPECT_TRUE(contains(text, "v2 = bump(x, y): x.grad += 20 * 3 = 60; y.grad += 4 * 3 = 12\n")) << text;
}

TEST(Explain, DoesNotFollowWhatAClosureLeavesAlone) {
  Value x(2, "x"), y(5, "y");
  Value inner = -x;
  const Explanation told = explain(blocked(inner, y));
  ASSERT_EQ(told.steps.size(), 1U) << "inner got nothing, so it has nothing to pass on";
  EXPECT_EQ(told.gradients, (std::vector<double>{0, 0, 0, 1}));
}

TEST(Explain, PutsEverythingBackWhenAClosureThrows) {
  Value x(2, "x");
  Value inner = 3 * x;
  bool broken = true;
  const Value root = Value::custom(1, {inner}, "fragile",
                                   [inner, &broken](const Value& out) {
                                     inner.add_grad(out.grad());
                                     if (broken) throw std::runtime_error("broken");
                                   }) +
                     2 * inner;
  inner.set_grad(7);
  x.set_grad(8);
  EXPECT_THROW(static_cast<void>(explain(root)), std::runtime_error);
  EXPECT_EQ(inner.grad(), 7);
  EXPECT_EQ(x.grad(), 8);
  broken = false;
  x.set_grad(0);
  root.backward();
  EXPECT_EQ(x.grad(), 9);
  EXPECT_EQ(explain(root).gradients[0], 9);
}

TEST(Explain, RefusesAClosureThatAddsToAResultItDoesNotList) {
  Value x(2, "x");
  Value hidden = 3 * x;
  const Value root =
      Value::custom(1, {x}, "sly", [hidden](const Value& out) { hidden.add_grad(out.grad()); });
  hidden.set_grad(7);
  EXPECT_TRUE(
      contains(message_of([&] { return explain(root); }),
               "explain: the closure of sly of x = 2 adds to the gradient of a result that is not among "
               "its operands; "));
  x.set_grad(0);
  root.backward();
  EXPECT_EQ(x.grad(), 3) << "no mark is left behind";
}

TEST(Explain, RefusesAClosureThatAddsToALeafItDoesNotList) {
  Value x(2, "x"), w(5, "w");
  const Value root = Value::custom(1, {x}, "sly",
                                   [x, w](const Value& out) {
                                     x.add_grad(out.grad());
                                     w.add_grad(out.grad());
                                   }) +
                     w;
  w.set_grad(7);
  EXPECT_TRUE(
      contains(message_of([&] { return explain(root); }),
               "explain: a closure changed the gradient of 'w' = 5, which is not among its operands; "));
  EXPECT_EQ(w.grad(), 7);
}

TEST(Explain, IsRefusedDuringAPass) {
  Value x(2, "x");
  const Value inner = -x;
  const Value root =
      Value::custom(1, {x}, "curious", [inner](const Value&) { static_cast<void>(explain(inner)); });
  EXPECT_EQ(
      message_of([&] { return root.backward(), 0; }),
      "explain: a backward pass is under way (called by the closure of curious of x = 2); call it before or "
      "after the pass");
  EXPECT_TRUE(contains(message_of([&] { return explain(root); }), "a backward pass is under way"));
  EXPECT_EQ(explain(inner).gradients, (std::vector<double>{-1, 1}));
}

TEST(Explain, LetsAClosureRunAPassOfItsOwn) {
  Value x(2, "x");
  const Value root = Value::custom(4, {x}, "square", [x](const Value& out) {
    const Value own = x.data();
    const Value square = own * own;
    square.backward();
    x.add_grad(own.grad() * out.grad());
  });
  EXPECT_EQ(explain(root).gradients, (std::vector<double>{4, 1}));
}

TEST(Explain, SettlesWhatAPassLeftImplied) {
  Value x(2, "x");
  const Value inner = 3 * x;
  const Value root = bump(inner, x);
  root.backward();
  const double before = snapshot(root).nodes[1].grad;
  static_cast<void>(explain(root));
  EXPECT_EQ(snapshot(root).nodes[1].grad, before);
  EXPECT_EQ(inner.prev()[0].grad(), before);
}

TEST(Explain, OfALongChainDoesNotRecurse) {
  const std::size_t length = rounds(300'000, 500);
  Value chain(1, "start");
  for (std::size_t i = 0; i < length; ++i) chain = i % 3 == 0 ? chain * 1 : i % 3 == 1 ? -chain : chain + 1;
  const Explanation told = explain(chain);
  EXPECT_EQ(told.steps.size(), length);
  EXPECT_EQ(std::abs(told.gradients[0]), 1);
}

TEST(Explain, OfManyClosuresIsLinear) {
  const std::size_t length = rounds(100'000, 300);
  Value chain(1, "start");
  for (std::size_t i = 0; i < length; ++i) {
    chain = Value::custom(chain.data(), {chain}, "same",
                          [chain](const Value& out) { chain.add_grad(out.grad()); });
  }
  EXPECT_EQ(explain(chain).gradients[0], 1);
}

}  // namespace
}  // namespace micrograd
