// One suite for every back end: the values, derivatives and reduced gradients of random programs are those of
// forward mode, within the rounding error that it carries along. Each case has its own number of rows and of
// threads, its own vector instructions, and its own passes off.
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "../verdict.hpp"
#include "back_ends.hpp"

namespace conformance {
namespace {

/// A sum of multiples of what is expected, in any order; back ends sum in double.
template <class Real>
class WeightedSum {
 public:
  void add(double weight, const Loose<Real>& x) {
    constexpr double unit = std::numeric_limits<Real>::epsilon();
    value_ += weight * x.value;
    bound_ += std::abs(weight) * (x.bound + 4 * unit * std::abs(x.value));
    size_ += std::abs(weight * x.value);
    ++count_;
  }
  [[nodiscard]] Loose<Real> result() const {
    constexpr double unit = std::numeric_limits<double>::epsilon() / 2;
    return {static_cast<double>(value_), bound_ + static_cast<double>(count_) * unit * size_};
  }

 private:
  long double value_ = 0;
  double bound_ = 0;
  double size_ = 0;
  std::size_t count_ = 0;
};

template <class Real> class Judge {
 public:
  Judge(const Case<Real>& given, const Found& found, Verdict& verdict)
      : given_(given), found_(found), verdict_(verdict) {}

  void compare() {
    const std::size_t rows = given_.rows(), m = given_.outputs(), n = given_.inputs();
    ASSERT_EQ(found_.values.size(), rows * m);
    ASSERT_EQ(found_.slopes.size(), rows * m * n);
    ASSERT_EQ(found_.vjp.size(), found_.vjp.empty() ? 0 : rows * n);
    ASSERT_EQ(found_.jvp.size(), found_.jvp.empty() ? 0 : rows * m);
    for (std::size_t i = 0; i < rows; ++i) {
      if (found_.branches_away.empty() || !found_.branches_away[i]) compare_row(i);
    }
    const bool is_whole = std::ranges::find(found_.branches_away, true) == found_.branches_away.end();
    if (is_whole && !found_.reduced.empty()) compare_reduced();
  }

 private:
  void compare_row(std::size_t i) {
    const std::size_t m = given_.outputs(), n = given_.inputs();
    const Expected<Real>& expected = given_.expected(i);
    const auto slope = [&](std::size_t k, std::size_t j) -> const Loose<Real>& {
      return expected.slopes[k * given_.leaves() + j];
    };
    for (std::size_t k = 0; k < m; ++k) {
      judge(found_.values[i * m + k], expected.values[k], "value", i);
      for (std::size_t j = 0; j < n; ++j) judge(found_.slopes[(i * m + k) * n + j], slope(k, j), "slope", i);
    }
    for (std::size_t j = 0; j < n && !found_.vjp.empty(); ++j) {
      WeightedSum<Real> sum;
      for (std::size_t k = 0; k < m; ++k) sum.add(given_.seed_of(i, k), slope(k, j));
      judge(found_.vjp[i * n + j], sum.result(), "vjp", i);
    }
    for (std::size_t k = 0; k < m && !found_.jvp.empty(); ++k) {
      WeightedSum<Real> sum;
      for (std::size_t j = 0; j < n; ++j) sum.add(given_.direction_of(i, j), slope(k, j));
      judge(found_.jvp[i * m + k], sum.result(), "jvp", i);
    }
  }

  void compare_reduced() {
    ASSERT_EQ(found_.reduced.size(), 1 + given_.parameters().size());
    std::vector<WeightedSum<Real>> sums(found_.reduced.size());
    for (std::size_t i = 0; i < given_.rows(); ++i) {
      const Expected<Real>& expected = given_.expected(i);
      sums[0].add(given_.weight_of(i), expected.values[0]);
      for (std::size_t j = 1; j < sums.size(); ++j) {
        sums[j].add(given_.weight_of(i), expected.slopes[given_.inputs() + j - 1]);
      }
    }
    for (std::size_t j = 0; j < sums.size(); ++j) judge(found_.reduced[j], sums[j].result(), "reduced", 0);
  }

  void judge(double found, const Loose<Real>& expected, const char* what, std::size_t row) {
    verdict_.judge(found, expected, [&] {
      return std::string(what) + " of row " + std::to_string(row) + " of " + std::to_string(given_.rows()) +
             ", program " + std::to_string(given_.seed());
    });
  }

  const Case<Real>& given_;
  const Found& found_;
  Verdict& verdict_;
};

/// Every number of rows with every number of threads, and with all lanes that the machine has.
template <class Real>
void expect_all_ways(const std::vector<Case<Real>>& cases) {
  std::set<std::tuple<std::size_t, std::size_t, micrograd::simd::Target>> ways;
  for (const Case<Real>& given : cases) {
    if (given.has_points()) ways.emplace(given.rows(), given.options().threads, given.options().widest);
  }
  EXPECT_EQ(ways.size(), row_counts.size() * most_threads * micrograd::simd::targets().size());
}

template <class BackEnd> constexpr std::uint64_t programs = 1500;
/// cc needs some 10 ms for each.
template <class Real> constexpr std::uint64_t programs<ExportedC<Real>> = 60;

template <class BackEnd> class Conformance : public ::testing::Test {};

using BackEnds =
    ::testing::Types<Eager, Interpreter, Lanes<double>, Lanes<float>, ExportedC<double>, ExportedC<float>>;
struct BackEndNames {
  // NOLINTNEXTLINE(readability-identifier-naming): GoogleTest calls it by this name
  template <class BackEnd> static std::string GetName(int place) {
    constexpr std::array names{"Eager", "Interpreter", "Lanes", "LanesInFloat", "C", "CInFloat"};
    return names[static_cast<std::size_t>(place)];
  }
};
TYPED_TEST_SUITE(Conformance, BackEnds, BackEndNames);

TYPED_TEST(Conformance, GivesTheNumbersOfForwardMode) {
  using Real = typename TypeParam::Real;
  const std::uint64_t count =
      table_walk::in_a_hurry() ? programs<TypeParam> / 25 : table_walk::trials(programs<TypeParam>);
  std::vector<Case<Real>> cases;
  cases.reserve(count);
  for (std::uint64_t seed = 0; seed < count; ++seed)
    cases.emplace_back(seed, TypeParam::has_rows_of_the_user);
  if (count >= 1000) expect_all_ways(cases);
  const TypeParam back_end(cases);
  Verdict verdict;
  for (const Case<Real>& given : cases) {
    if (!given.has_points()) {
      ++verdict.too_ill_conditioned;
      continue;
    }
    const Found found = back_end.run(given);
    Judge<Real>(given, found, verdict).compare();
    if (::testing::Test::HasFailure()) return;
  }
  verdict.expect_enough();
}

}  // namespace
}  // namespace conformance
