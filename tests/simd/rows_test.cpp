// Every row of the table, value and all partial derivatives, on lanes of every target beside the same row on
// plain numbers. No row is named here, so a new one is covered.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>
#include <string>

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

/// What a row on plain numbers gives at the points, and how far from it one may be.
template <class Real>
struct Expected {
  std::vector<Real> numbers;
  std::vector<double> allowed;
};

/// A row without its type, so that all but its own formulas is compiled once.
template <class Real>
struct RowUnderTest {
  const OpInfo* info;
  std::size_t operands;
  Expected<Real> (*value)(const Points<Real>& points);
  Expected<Real> (*partials[3])(const Points<Real>& points, const std::vector<Real>& results);

  bool is_number(std::size_t operand) const {
    return (info->number_operand == NumberOperand::first && operand == 0) ||
           (info->number_operand == NumberOperand::second && operand == 1);
  }
};

/// 8 times what rounding may cost by the first-order bound, at the type's own epsilon.
template <class Real>
double allowed(const Bounded<double>& bounded) {
  // No bound is known where a derivative on the way is NaN, as that of pow(-2, y) by y.
  const double bound = std::isnan(bounded.bound)
                           ? 8.0 * std::numeric_limits<double>::epsilon() * std::abs(bounded.value)
                           : bounded.bound;
  constexpr double scale =
      8.0 * std::numeric_limits<Real>::epsilon() / std::numeric_limits<double>::epsilon();
  return scale * bound + 8.0 * std::numeric_limits<Real>::denorm_min();
}

template <class Op, class Real, std::size_t... I>
Expected<Real> expected_value(const Points<Real>& points, std::index_sequence<I...> /*operands*/) {
  Expected<Real> expected;
  for (std::size_t i = 0; i < points.count; ++i) {
    const std::size_t place[] = {(static_cast<void>(I), i)...};
    const Real* const operands[] = {points.operands[I].data()...};
    expected.numbers.push_back(
        compiler::plain::evaluate<Op, Real>(operands, place, std::make_index_sequence<arity<Op>>()));
    expected.allowed.push_back(allowed<Real>(
        Op::template value<Bounded<double>>(Operand<Op, I, Bounded<double>>(points.operands[I][i])...)));
  }
  return expected;
}

template <class Op, std::size_t by, class Real, std::size_t... I>
Expected<Real> expected_partial(const Points<Real>& points, const std::vector<Real>& results,
                                std::index_sequence<I...> /*operands*/) {
  Expected<Real> expected;
  for (std::size_t i = 0; i < points.count; ++i) {
    expected.numbers.push_back(static_cast<Real>(partial<Op, by, double>(
        static_cast<double>(points.operands[I][i])..., static_cast<double>(results[i]))));
    expected.allowed.push_back(allowed<Real>(partial<Op, by, Bounded<double>>(
        Operand<Op, I, Bounded<double>>(points.operands[I][i])..., Bounded<double>(results[i]))));
  }
  return expected;
}

template <class Real, class Op>
RowUnderTest<Real> row_under_test() {
  RowUnderTest<Real> row{&Op::info,
                         arity<Op>,
                         [](const Points<Real>& points) {
                           return expected_value<Op, Real>(points, std::make_index_sequence<arity<Op>>());
                         },
                         {}};
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto enter = [&]<std::size_t by>(std::integral_constant<std::size_t, by> /*operand*/) {
      if constexpr (!Op::info.flat[by]) {
        row.partials[by] = [](const Points<Real>& points, const std::vector<Real>& results) {
          return expected_partial<Op, by, Real>(points, results, std::make_index_sequence<arity<Op>>());
        };
      }
    };
    (enter(std::integral_constant<std::size_t, I>()), ...);
  }(std::make_index_sequence<arity<Op>>());
  return row;
}

template <class Real>
const std::vector<RowUnderTest<Real>>& rows() {
  static const std::vector<RowUnderTest<Real>> list = [] {
    std::vector<RowUnderTest<Real>> made;
    compiler::KernelOps::for_each([&]<class Op>() { made.push_back(row_under_test<Real, Op>()); });
    return made;
  }();
  return list;
}

template <class Real>
Points<Real> draw(const RowUnderTest<Real>& row, std::mt19937_64& random) {
  const auto drawn = [&] {
    std::array<Real, 3> at{};
    for (std::size_t k = 0; k < row.operands; ++k) {
      const Domain domain = row.info->domain[k];
      at[k] = static_cast<Real>(std::uniform_real_distribution(domain.low, domain.high)(random));
    }
    return at;
  };
  Points<Real> points;
  const std::array<Real, 3> number = drawn();
  const auto add = [&](std::array<Real, 3> at) {
    for (std::size_t k = 0; k < row.operands; ++k) {
      points.operands[k].push_back(row.is_number(k) ? number[k] : at[k]);
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
    if (row.operands == 1) add({x, 0, 0});
    for (const Real y : specials) {
      if (row.operands == 2) add({x, y, 0});
      for (const Real z : specials) {
        if (row.operands == 3 && (thinning == 1 || std::isnan(x) || x == 0)) add({x, y, z});
      }
    }
  }
  points.specials = points.count;
  for (std::size_t i = 0; i < 4000 / thinning; ++i) add(drawn());
  for (std::size_t k = 0; k < row.operands; ++k) points.operands[k].resize(points.count + padding, Real(1));
  return points;
}

/// The same in kind: NaN, infinity of one sign, zero of one sign, or else within the bound.
template <class Real>
bool agree(Real got, Real expected, double bound) {
  if (std::isnan(expected) || std::isnan(got)) return std::isnan(expected) == std::isnan(got);
  if (got == expected) return got != 0 || bound > 0 || std::signbit(got) == std::signbit(expected);
  return std::abs(static_cast<double>(got) - static_cast<double>(expected)) <= bound;
}

template <class Real>
void compare(const std::string& what, const Points<Real>& points, const std::vector<Real>& got,
             const Expected<Real>& expected, bool exact) {
  std::size_t failures = 0;
  for (std::size_t i = 0; i < points.count && failures < 5; ++i) {
    if (exact ? same_bits(got[i], expected.numbers[i])
              : agree(got[i], expected.numbers[i], expected.allowed[i])) {
      continue;
    }
    ++failures;
    std::ostringstream at;
    at << std::setprecision(17);
    for (const std::vector<Real>& operand : points.operands) {
      if (!operand.empty()) at << " " << operand[i];
    }
    ADD_FAILURE() << what << " at" << at.str() << " is " << got[i] << ", expected " << expected.numbers[i]
                  << " ± " << expected.allowed[i];
  }
}

template <class Real>
void compare(std::size_t index, const Points<Real>& points) {
  const RowUnderTest<Real>& row = rows<Real>()[index];
  const Expected<Real> value = row.value(points);
  std::vector<Real> results = value.numbers;
  results.resize(points.count + padding);
  std::vector<const Real*> given;
  for (std::size_t k = 0; k < row.operands; ++k) given.push_back(points.operands[k].data());
  given.push_back(results.data());
  std::vector<Real> got(points.count + padding);
  for (const Target target : lane_targets()) {
    const RowEvaluators<Real>& lanes = rows_on<Real>(target)[index];
    ASSERT_EQ(lanes.name, row.info->name);
    const std::string where = std::string(lanes.name) + " on " + std::string(name(target));
    lanes.value(given.data(), got.data(), points.count);
    compare(where, points, got, value, row.info->ulp <= 1.0);
    for (std::size_t by = 0; by < row.operands; ++by) {
      ASSERT_EQ(lanes.partials[by] == nullptr, row.info->flat[by]) << where;
      if (lanes.partials[by] == nullptr) continue;
      lanes.partials[by](given.data(), got.data(), points.count);
      compare("partial " + std::to_string(by) + " of " + where, points, got,
              row.partials[by](points, results), false);
    }
  }
}

template <class Real>
void compare_all() {
  std::mt19937_64 random(7);
  for (std::size_t index = 0; index < rows<Real>().size(); ++index) {
    const RowUnderTest<Real>& row = rows<Real>()[index];
    // Several number operands, since there is one for all points.
    const int draws = row.info->number_operand == NumberOperand::none ? 1 : 5;
    for (int i = 0; i < draws; ++i) compare(index, draw(row, random));
  }
}

TEST(Rows, on_lanes_of_doubles_are_the_rows_on_double) { compare_all<double>(); }
TEST(Rows, on_lanes_of_floats_are_the_rows_on_float) { compare_all<float>(); }

// Each lane's result, however its neighbours look and wherever it stands, is the one it gets when all lanes
// are alike.
template <class Real>
void compare_positions(std::size_t index, std::mt19937_64& random) {
  const RowUnderTest<Real>& row = rows<Real>()[index];
  Points<Real> points = draw(row, random);
  // All magnitudes and every special case side by side.
  for (std::size_t i = points.specials; i < points.count; i += 3) {
    for (std::size_t k = 0; k < row.operands; ++k) {
      if (!row.is_number(k)) points.operands[k][i] = random_bits<Real>(random);
    }
  }
  std::vector<std::size_t> order(points.count);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), random);
  std::vector<Real> mixed[3];
  const Real* given[3] = {};
  for (std::size_t k = 0; k < row.operands; ++k) {
    for (const std::size_t i : order) mixed[k].push_back(points.operands[k][i]);
    mixed[k].resize(points.count + padding, Real(1));
    given[k] = mixed[k].data();
  }
  const std::size_t tried = std::min<std::size_t>(points.count, 2000 / thinning);
  for (const Target target : lane_targets()) {
    const RowEvaluators<Real>& lanes = rows_on<Real>(target)[index];
    std::vector<Real> got(points.count + padding);
    lanes.value(given, got.data(), points.count);
    for (std::size_t i = 0; i < tried; ++i) {
      Real same[3][padding];
      const Real* alone[3] = {same[0], same[1], same[2]};
      for (std::size_t k = 0; k < row.operands; ++k) std::fill_n(same[k], padding, mixed[k][i]);
      Real expected[padding];
      lanes.value(alone, expected, padding);
      ASSERT_TRUE(same_bits(got[i], expected[0]))
          << lanes.name << " of " << mixed[0][i] << " on " << name(target) << " at place " << i << ": "
          << got[i] << ", " << expected[0];
      for (const Real each : expected) ASSERT_TRUE(same_bits(each, expected[0])) << lanes.name;
    }
  }
}

template <class Real>
void compare_positions() {
  std::mt19937_64 random(11);
  for (std::size_t index = 0; index < rows<Real>().size(); ++index) compare_positions<Real>(index, random);
}

TEST(Rows, a_lane_of_doubles_does_not_depend_on_its_neighbours) { compare_positions<double>(); }
TEST(Rows, a_lane_of_floats_does_not_depend_on_its_neighbours) { compare_positions<float>(); }

}  // namespace
}  // namespace micrograd::simd::testing
