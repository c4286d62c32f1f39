// Every row of the table is exercised here without being named: gradcheck over its domain, forward mode,
// special values, second order, printing. A new row is tested by being in the table.
#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "table_walk.hpp"

namespace {

using micrograd::Bounded;
using micrograd::Dual;
using micrograd::OpInfo;
using micrograd::Value;
using table_walk::apply_row;
using table_walk::draw;
using table_walk::is_number;
using table_walk::Point;

const int points_per_row = table_walk::in_a_hurry() ? 3 : 40;

/// Runs `test.template operator()<Op>()` on every row and checks that none was left out.
template <class Test>
void on_every_row(Test test) {
  std::size_t rows = 0;
  micrograd::for_each_op([&]<class Op>() {
    SCOPED_TRACE(std::string(Op::info.name));
    test.template operator()<Op>();
    ++rows;
  });
  EXPECT_EQ(rows, micrograd::Ops::size);
}

template <class Op>
std::vector<Value> leaves(const Point& at) {
  return {at.begin(), at.begin() + micrograd::arity<Op>};
}

bool same(double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); }

/// d Op / d operand i at a point, by backward.
template <class Op>
double reverse_slope(const Point& at, std::size_t i) {
  const std::vector<Value> x = leaves<Op>(at);
  apply_row<Op, Value>(x, at).backward();
  return x[i].grad();
}

/// The same by forward mode.
template <class Op>
double forward_slope(const Point& at, std::size_t i) {
  std::vector<Dual<>> x(at.begin(), at.begin() + micrograd::arity<Op>);
  x[i].derivative = 1.0;
  return apply_row<Op, Dual<>>(x, at).derivative;
}

TEST(EveryRow, has_a_name_of_its_own_and_says_what_it_is) {
  std::set<std::string_view> names;
  on_every_row([&]<class Op>() {
    const OpInfo& info = Op::info;
    EXPECT_FALSE(info.name.empty());
    EXPECT_FALSE(info.formula.empty());
    EXPECT_FALSE(info.derivative.empty());
    EXPECT_TRUE(names.insert(info.name).second) << "a second row of this name";
  });
}

TEST(EveryRow, passes_gradcheck_over_its_domain) {
  on_every_row([]<class Op>() {
    std::mt19937_64 generator(1);
    for (int i = 0; i < points_per_row; ++i) {
      const Point at = draw<Op>(generator);
      const auto f = [&at](std::span<const Value> x) { return apply_row<Op, Value>(x, at); };
      const auto result = micrograd::gradcheck(f, leaves<Op>(at), {.step = 0.05});
      // An operand that is a number by nature is not an input of f.
      if (!result.passed) ADD_FAILURE() << result.message;
    }
  });
}

TEST(EveryRow, has_the_same_slope_in_reverse_and_forward_mode) {
  on_every_row([]<class Op>() {
    std::mt19937_64 generator(2);
    for (int i = 0; i < points_per_row; ++i) {
      const Point at = draw<Op>(generator);
      for (std::size_t k = 0; k < micrograd::arity<Op>; ++k) {
        if (is_number<Op>(k)) continue;
        const double reverse = reverse_slope<Op>(at, k);
        EXPECT_DOUBLE_EQ(reverse, forward_slope<Op>(at, k)) << "operand " << k;
      }
    }
  });
}

TEST(EveryRow, works_in_float_too) {
  on_every_row([]<class Op>() {
    std::mt19937_64 generator(7);
    for (int i = 0; i < points_per_row; ++i) {
      Point at = draw<Op>(generator);
      for (std::size_t k = 0; k < micrograd::arity<Op>; ++k) {
        if (!is_number<Op>(k)) at[k] = static_cast<float>(at[k]);
      }
      const std::vector<Bounded<float>> exact(at.begin(), at.begin() + micrograd::arity<Op>);
      const Bounded<float> result = apply_row<Op, Bounded<float>>(exact, at);
      EXPECT_LE(std::abs(result.value - table_walk::plain_value<Op>(at)), 8 * result.bound);
      for (std::size_t k = 0; k < micrograd::arity<Op>; ++k) {
        if (is_number<Op>(k)) continue;
        std::vector<Dual<float>> x(at.begin(), at.begin() + micrograd::arity<Op>);
        x[k].derivative = 1;
        const Dual<float> moved = apply_row<Op, Dual<float>>(x, at);
        const double slope = forward_slope<Op>(at, k);
        EXPECT_NEAR(moved.derivative, slope, 1e-5 * std::max(1.0, std::abs(slope)));
      }
    }
  });
}

TEST(EveryRow, has_a_second_derivative_that_is_the_slope_of_its_first) {
  on_every_row([]<class Op>() {
    std::mt19937_64 generator(3);
    for (int i = 0; i < points_per_row; ++i) {
      const Point at = draw<Op>(generator);
      for (std::size_t k = 0; k < micrograd::arity<Op>; ++k) {
        if (is_number<Op>(k)) continue;
        const auto slope = [&at, k](std::span<const Value> x) {
          // A leaf times the slope, so that the result depends on a leaf even where the slope is constant.
          return grad(apply_row<Op, Value>(x, at), x[k], {.create_graph = true}) * Value(1.0);
        };
        const std::vector<Value> x = leaves<Op>(at);
        const Value first = slope(x);
        EXPECT_DOUBLE_EQ(first.data(), reverse_slope<Op>(at, k));
        const std::vector<Value> second = grad(first, x);
        for (std::size_t j = 0; j < x.size(); ++j) {
          if (is_number<Op>(j)) continue;
          const auto moved = [&](double xj) {
            Point there = at;
            there[j] = xj;
            return reverse_slope<Op>(there, k);
          };
          const auto numeric = micrograd::numeric_slope(moved, at[j], 0.05);
          EXPECT_NEAR(second[j].data(), numeric.value,
                      1e-6 * std::max(1.0, std::abs(numeric.value)) + 4 * numeric.error)
              << "by operands " << k << " and " << j << " at " << at[0] << ", " << at[1];
        }
      }
    }
  });
}

TEST(EveryRow, takes_special_values_as_its_formula_does) {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> specials{std::nan(""), 0.0,    -0.0,    inf, -inf, 1e300,
                                     -1e300,       5e-324, -1e-310, 1.0, -1.0, 0.5};
  on_every_row([&]<class Op>() {
    for (const double x : specials) {
      for (const double y : micrograd::arity<Op> > 1 ? specials : std::vector<double>{0.0}) {
        const Point at{x, y, 1.0};
        const std::vector<Value> operands = leaves<Op>(at);
        const Value result = apply_row<Op, Value>(operands, at);
        EXPECT_TRUE(same(result.data(), table_walk::plain_value<Op>(at))) << x << ", " << y;
        EXPECT_NO_THROW(result.backward());
        for (std::size_t k = 0; k < operands.size(); ++k) {
          if (is_number<Op>(k)) continue;
          EXPECT_TRUE(same(operands[k].grad(), forward_slope<Op>(at, k)) || std::isnan(result.data()))
              << "operand " << k << " at " << x << ", " << y << ": " << operands[k].grad() << " in reverse, "
              << forward_slope<Op>(at, k) << " in forward mode";
        }
      }
    }
  });
}

TEST(EveryRow, lets_nan_through_unless_it_takes_the_other_operand) {
  on_every_row([]<class Op>() {
    if (micrograd::arity<Op> != 1) return;
    EXPECT_TRUE(std::isnan(table_walk::plain_value<Op>({std::nan(""), 1.0, 1.0})));
  });
}

TEST(EveryRow, prints_its_name_and_lists_its_operands_in_order) {
  on_every_row([]<class Op>() {
    std::mt19937_64 generator(4);
    const Point at = draw<Op>(generator);
    const std::vector<Value> x = leaves<Op>(at);
    const Value result = apply_row<Op, Value>(x, at);
    EXPECT_EQ(result.op(), Op::info.name);
    const std::vector<Value> prev = result.prev();
    ASSERT_EQ(prev.size(), micrograd::arity<Op>);
    for (std::size_t i = 0; i < prev.size(); ++i) {
      EXPECT_EQ(prev[i].data(), at[i]);
      EXPECT_EQ(same_node(prev[i], x[i]), !is_number<Op>(i));
      EXPECT_EQ(prev[i].label(), is_number<Op>(i) ? "Cons" : "");
    }
    std::ostringstream text;
    text << result;
    EXPECT_TRUE(text.str().starts_with("Value(data=")) << text.str();
  });
}

TEST(EveryRow, takes_a_number_on_either_side) {
  on_every_row([]<class Op>() {
    if constexpr (micrograd::arity<Op> == 2 && Op::info.number_operand == micrograd::NumberOperand::none) {
      std::mt19937_64 generator(5);
      const Point at = draw<Op>(generator);
      const Value x = at[0], y = at[1];
      const Value both = apply<Op>(x, y);
      both.backward();
      const Value x_alone = at[0], y_alone = at[1];
      const Value right = apply<Op>(x_alone, at[1]), left = apply<Op>(at[0], y_alone);
      right.backward();
      left.backward();
      EXPECT_EQ(right.data(), both.data());
      EXPECT_EQ(left.data(), both.data());
      EXPECT_EQ(x_alone.grad(), x.grad());
      EXPECT_EQ(y_alone.grad(), y.grad());
      EXPECT_EQ(right.prev()[1].label(), "Cons");
      EXPECT_EQ(left.prev()[0].label(), "Cons");
      EXPECT_EQ(right.prev()[1].grad(), y.grad());
      EXPECT_EQ(left.prev()[0].grad(), x.grad());
    }
  });
}

TEST(EveryRow, bounds_what_a_small_error_of_its_operands_does) {
  on_every_row([]<class Op>() {
    std::mt19937_64 generator(6);
    for (int i = 0; i < points_per_row; ++i) {
      const Point at = draw<Op>(generator);
      std::vector<Bounded<>> x(at.begin(), at.begin() + micrograd::arity<Op>);
      Point moved = at;
      for (std::size_t k = 0; k < x.size(); ++k) {
        if (is_number<Op>(k)) continue;
        x[k].bound = 1e-9 * std::abs(at[k]);
        moved[k] = at[k] + (generator() % 2 == 0 ? 1 : -1) * x[k].bound;
      }
      const Bounded<> result = apply_row<Op, Bounded<>>(x, at);
      const double there = table_walk::plain_value<Op>(moved);
      EXPECT_LE(std::abs(result.value - there), 1.001 * result.bound + 4e-16 * std::abs(there))
          << at[0] << ", " << at[1];
    }
  });
}

}  // namespace
