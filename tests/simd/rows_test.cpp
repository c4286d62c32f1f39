// Every row of the table, value and all partial derivatives, on lanes of every target beside the same row on
// plain numbers. No row is named here, so a new one is covered.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iomanip>

#include <micrograd/compiler/kernels.hpp>
#include <micrograd/engine/bounded.hpp>

#include "numbers.hpp"
#include "row_evaluators.hpp"

namespace micrograd::simd::testing {
namespace {

/// Operands of a row, drawn from its domain; a number operand is the same in all of them. The special numbers
/// come first.
template <class Real>
struct Points {
  std::vector<Real> operands[3];
  std::size_t specials = 0;
  std::size_t count = 0;
};

template <class Op>
constexpr bool is_number(std::size_t operand) {
  return Op::info.number_operand == (operand == 0   ? NumberOperand::first
                                     : operand == 1 ? NumberOperand::second
                                                    : NumberOperand::none) &&
         Op::info.number_operand != NumberOperand::none;
}

template <class Op, class Real>
Points<Real> draw(std::mt19937_64& random) {
  Points<Real> points;
  std::array<double, 3> number{};
  for (std::size_t k = 0; k < arity<Op>; ++k) {
    const Domain domain = Op::info.domain[k];
    // Orders and exponents are whole where the domain is a point.
    number[k] = static_cast<Real>(std::uniform_real_distribution(domain.low, domain.high)(random));
  }
  const auto add = [&](std::array<Real, 3> at) {
    for (std::size_t k = 0; k < arity<Op>; ++k) {
      points.operands[k].push_back(is_number<Op>(k) ? static_cast<Real>(number[k]) : at[k]);
    }
    ++points.count;
  };
  // In float, huge numbers overflow halfway where double does not, so only the tame ones are compared.
  std::vector<Real> specials = special_numbers<Real>();
  if (sizeof(Real) == 4) {
    std::erase_if(specials, [](Real x) {
      return x != 0 && std::isfinite(x) && (std::abs(x) > 20 || std::abs(x) < 0.01F);
    });
  }
  for (const Real x : specials) {
    if (arity<Op> == 1) add({x, 0, 0});
    for (const Real y : specials) {
      if (arity<Op> == 2) add({x, y, 0});
      for (const Real z : specials) {
        if (arity<Op> == 3 && (thinning == 1 || std::isnan(x) || x == 0)) add({x, y, z});
      }
    }
  }
  points.specials = points.count;
  for (std::size_t i = 0; i < 4000 / thinning; ++i) {
    std::array<Real, 3> at{};
    for (std::size_t k = 0; k < arity<Op>; ++k) {
      const Domain domain = Op::info.domain[k];
      at[k] = static_cast<Real>(std::uniform_real_distribution(domain.low, domain.high)(random));
    }
    add(at);
  }
  for (std::size_t k = 0; k < arity<Op>; ++k) points.operands[k].resize(points.count + padding, Real(1));
  return points;
}

/// The same in kind: NaN, infinity of one sign, zero of one sign, or else within the bound.
template <class Real>
bool agree(Real got, Real expected, double bound) {
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) == std::isnan(got);
  if (got == expected) return got != 0 || bound > 0 || std::signbit(got) == std::signbit(expected);
  return std::abs(static_cast<double>(got) - static_cast<double>(expected)) <= bound;
}

template <class Op, class Real, std::size_t... I>
void compare(std::size_t index, Target target, const Points<Real>& points,
             std::index_sequence<I...> /*operands*/) {
  const RowEvaluators<Real>& row = rows_on<Real>(target)[index];
  const auto at = [&](std::size_t i) {
    std::ostringstream text;
    text << std::setprecision(17) << Op::info.name
         << (sizeof(Real) == 8 ? " of doubles on " : " of floats on ") << name(target) << " at (";
    ((text << (I == 0 ? "" : ", ") << points.operands[I][i]), ...);
    text << ")";
    return text.str();
  };
  // 8 times what rounding may cost by the first-order bound, at the type's own epsilon.
  constexpr double scale =
      8.0 * std::numeric_limits<Real>::epsilon() / std::numeric_limits<double>::epsilon();
  const auto allowed = [&](const Bounded<double>& bounded) {
    // No bound is known where a derivative on the way is NaN, as that of pow(-2, y) by y.
    const double bound = std::isnan(bounded.bound)
                             ? 8.0 * std::numeric_limits<double>::epsilon() * std::abs(bounded.value)
                             : bounded.bound;
    return scale * bound + 8.0 * std::numeric_limits<Real>::denorm_min();
  };
  constexpr bool exact = Op::info.ulp <= 1.0;

  std::vector<Real> expected(points.count + padding);
  std::vector<Real> got(points.count + padding);
  const Real* given[] = {points.operands[I].data()..., expected.data()};
  constexpr unsigned numbers = ((is_number<Op>(I) ? 1U << I : 0U) | ... | 0U);
  compiler::kernel_of<Op, Real>(numbers)(given, expected.data(), points.count);
  row.value(given, got.data(), points.count);
  std::size_t failures = 0;
  for (std::size_t i = 0; i < points.count && failures < 5; ++i) {
    const Bounded<double> bounded =
        Op::template value<Bounded<double>>(Operand<Op, I, Bounded<double>>(points.operands[I][i])...);
    const bool right = exact ? same_bits(got[i], expected[i]) : agree(got[i], expected[i], allowed(bounded));
    if (!right) ++failures;
    EXPECT_TRUE(right) << at(i) << " is " << got[i] << ", expected " << expected[i] << " ± "
                       << allowed(bounded);
  }

  const auto compare_partial = [&]<std::size_t by>(std::integral_constant<std::size_t, by> /*operand*/) {
    if constexpr (Op::info.flat[by]) {
      EXPECT_EQ(row.partials[by], nullptr) << Op::info.name;
    } else {
      row.partials[by](given, got.data(), points.count);
      failures = 0;
      for (std::size_t i = 0; i < points.count && failures < 5; ++i) {
        const double slope = partial<Op, by, double>(static_cast<double>(points.operands[I][i])...,
                                                     static_cast<double>(expected[i]));
        const Bounded<double> bounded = partial<Op, by, Bounded<double>>(
            Operand<Op, I, Bounded<double>>(points.operands[I][i])..., Bounded<double>(expected[i]));
        const bool right = agree(got[i], static_cast<Real>(slope), allowed(bounded));
        if (!right) ++failures;
        EXPECT_TRUE(right) << "partial " << by << " of " << at(i) << " is " << got[i] << ", expected "
                           << slope << " ± " << allowed(bounded);
      }
    }
  };
  (compare_partial(std::integral_constant<std::size_t, I>()), ...);
}

template <class Real>
void compare_all() {
  std::mt19937_64 random(7);
  std::size_t index = 0;
  compiler::KernelOps::for_each([&]<class Op>() {
    for (int draws = 0; draws < (Op::info.number_operand == NumberOperand::none ? 1 : 5); ++draws) {
      const Points<Real> points = draw<Op, Real>(random);
      for (const Target target : lane_targets()) {
        ASSERT_EQ(rows_on<Real>(target)[index].name, Op::info.name);
        compare<Op>(index, target, points, std::make_index_sequence<arity<Op>>());
      }
    }
    ++index;
  });
}

TEST(Rows, on_lanes_of_doubles_are_the_rows_on_double) { compare_all<double>(); }
TEST(Rows, on_lanes_of_floats_are_the_rows_on_float) { compare_all<float>(); }

// Each lane's result, however its neighbours look and wherever it stands, is the one it gets when all lanes
// are alike.
template <class Real>
void compare_positions() {
  std::mt19937_64 random(11);
  std::size_t index = 0;
  compiler::KernelOps::for_each([&]<class Op>() {
    Points<Real> points = draw<Op, Real>(random);
    // All magnitudes and every special case side by side.
    for (std::size_t i = points.specials; i < points.count; i += 3) {
      for (std::size_t k = 0; k < arity<Op>; ++k) {
        if (!is_number<Op>(k)) points.operands[k][i] = random_bits<Real>(random);
      }
    }
    const std::size_t tried = std::min<std::size_t>(points.count, 2000 / thinning);
    for (const Target target : lane_targets()) {
      const RowEvaluators<Real>& row = rows_on<Real>(target)[index];
      std::vector<std::size_t> order(points.count);
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
      std::shuffle(order.begin(), order.end(), random);
      std::vector<Real> mixed[3];
      const Real* given[3] = {};
      for (std::size_t k = 0; k < arity<Op>; ++k) {
        for (const std::size_t i : order) mixed[k].push_back(points.operands[k][i]);
        mixed[k].resize(points.count + padding, Real(1));
        given[k] = mixed[k].data();
      }
      std::vector<Real> got(points.count + padding);
      row.value(given, got.data(), points.count);
      for (std::size_t i = 0; i < tried; ++i) {
        Real same[3][padding];
        const Real* alone[3] = {same[0], same[1], same[2]};
        for (std::size_t k = 0; k < arity<Op>; ++k) std::fill_n(same[k], padding, mixed[k][i]);
        Real expected[padding];
        row.value(alone, expected, padding);
        ASSERT_TRUE(same_bits(got[i], expected[0]))
            << Op::info.name << " of " << mixed[0][i] << " on " << name(target) << " at place " << i << ": "
            << got[i] << ", " << expected[0];
        for (const Real each : expected) ASSERT_TRUE(same_bits(each, expected[0])) << Op::info.name;
      }
    }
    ++index;
  });
}

TEST(Rows, a_lane_of_doubles_does_not_depend_on_its_neighbours) { compare_positions<double>(); }
TEST(Rows, a_lane_of_floats_does_not_depend_on_its_neighbours) { compare_positions<float>(); }

}  // namespace
}  // namespace micrograd::simd::testing
