// NaN, infinities, zeros of both signs, huge and tiny numbers go through every row as in eager code, and so
// do their gradients.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/kernels.hpp>

#include "../ops/table_walk.hpp"

namespace micrograd {
namespace {

template <class Real>
std::vector<Real> special_numbers() {
  using Limits = std::numeric_limits<Real>;
  std::vector<Real> numbers{
      Limits::quiet_NaN(), Limits::infinity(), Limits::max(), Limits::min(), Limits::denorm_min(), 0, 1, 2,
      Real{0.5},           Real{1e5},          Real{1e-5},    Real{20.5}};
  for (std::size_t i = 1, n = numbers.size(); i < n; ++i) numbers.push_back(-numbers[i]);
  return numbers;
}

/// All operands that a row can get from the list; a plain number operand is `number`.
template <class Op, class Real>
std::vector<std::vector<Real>> combinations(double number) {
  std::vector<std::vector<Real>> rows{{}};
  for (std::size_t k = 0; k < arity<Op>; ++k) {
    std::vector<std::vector<Real>> longer;
    for (const std::vector<Real>& row : rows) {
      for (const Real x : table_walk::is_number<Op>(k) ? std::vector<Real>{static_cast<Real>(number)}
                                                       : special_numbers<Real>()) {
        longer.push_back(row);
        longer.back().push_back(x);
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

/// Equal in kind, and in size within `ulps`; zeros in their signs too if `signs`.
template <class Real>
bool alike(Real found, double eager, double ulps, bool signs) {
  const Real expected = static_cast<Real>(eager);
  if (std::isnan(expected) || std::isnan(found)) return std::isnan(expected) && std::isnan(found);
  if (std::isinf(expected) || std::isinf(found)) {
    // At the end of the range the last bit decides.
    constexpr Real largest = std::numeric_limits<Real>::max();
    const Real f = std::clamp(found, -largest, largest), e = std::clamp(expected, -largest, largest);
    return found == expected || (ulps > 0 && std::abs(f - e) <= static_cast<Real>(ulps) * largest *
                                                                    std::numeric_limits<Real>::epsilon());
  }
  if (signs && found == 0 && expected == 0) return std::signbit(found) == std::signbit(expected);
  const double size = std::max(std::abs(eager), static_cast<double>(std::numeric_limits<Real>::min()));
  return std::abs(static_cast<double>(found) - eager) <= ulps * size * std::numeric_limits<Real>::epsilon();
}

template <class Op, class Real>
std::string words(const std::vector<Real>& row, const char* what) {
  std::string text = std::string(what) + " of " + std::string(Op::info.name);
  for (const Real x : row) text += " " + std::to_string(static_cast<double>(x));
  return text;
}

template <class Op, class Real>
void check(double number) {
  number = static_cast<double>(static_cast<Real>(number));
  const std::vector<std::vector<Real>> rows = combinations<Op, Real>(number);
  const std::size_t n = arity<Op>;
  std::vector<Real> x, out(rows.size()), gradients(rows.size() * n);
  for (const std::vector<Real>& row : rows) x.insert(x.end(), row.begin(), row.end());
  table_walk::Point at{};
  at.fill(number);
  const auto f = [&at](std::span<const Value> v) { return table_walk::apply_row<Op, Value>(v, at); };
  const Program<Real> program = compile<Real>(f, {.inputs = n}, {.max_paths = 1});
  program.gradient({x.data(), rows.size(), n}, out, {gradients.data(), rows.size(), n});
  const double ulps = compiler::kernel_ulp<Real>(code<Op>) + (std::is_same_v<Real, float> ? 1 : 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::vector<Value> leaves(rows[i].begin(), rows[i].end());
    const Value y = f(leaves);
    EXPECT_TRUE(alike(out[i], y.data(), ulps, true))
        << words<Op>(rows[i], "value") << ": " << out[i] << ", expected " << y.data();
    // Slopes are formulas of several operations, which in float overflow elsewhere than in double.
    if (std::is_same_v<Real, float>) continue;
    y.backward();
    for (std::size_t j = 0; j < n; ++j) {
      EXPECT_TRUE(alike(gradients[i * n + j], leaves[j].grad(), 64, false))
          << words<Op>(rows[i], "slope") << " by operand " << j << ": " << gradients[i * n + j]
          << ", expected " << leaves[j].grad();
    }
  }
}

template <class Real>
void check_table() {
  for_each_op([]<class Op>() {
    if (Op::info.number_operand == NumberOperand::none) return check<Op, Real>(0);
    const std::size_t at = Op::info.number_operand == NumberOperand::first ? 0 : 1;
    const Domain domain = Op::info.domain[at];
    for (const double number : {domain.low, domain.high, 0.0, 1.0, 2.0, 3.0, -1.0, 0.5}) {
      if (number >= domain.low && number <= domain.high) check<Op, Real>(number);
    }
  });
}

TEST(SpecialNumbers, AreAsInEagerCodeInDouble) { check_table<double>(); }
TEST(SpecialNumbers, AreAsInEagerCodeInFloat) { check_table<float>(); }

}  // namespace
}  // namespace micrograd
