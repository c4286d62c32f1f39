// Draws cases.
#include "case.hpp"

#include <optional>

namespace conformance {
namespace {

using random_programs::Doubt;
using random_programs::Draw;

constexpr std::size_t most_points = 11;

/// Nothing if an equality or a kink is too close to call.
template <class Real>
std::optional<Expected<Real>> expect(const random_programs::Program& drawn, const std::vector<double>& leaves,
                                     std::span<const Index> indices) {
  using Exact = micrograd::Dual<Loose<Real>>;
  Expected<Real> expected;
  Doubt doubt;
  expected.slopes.resize(drawn.outputs.size() * leaves.size());
  for (std::size_t j = 0; j < leaves.size(); ++j) {
    std::vector<Exact> nodes(leaves.begin(), leaves.end());
    nodes[j].derivative = 1.0;
    nodes = random_programs::run<Exact>(drawn, nodes, indices, doubt);
    for (std::size_t k = 0; k < drawn.outputs.size(); ++k) {
      const Exact& result = nodes[drawn.outputs[k]];
      expected.slopes[k * leaves.size() + j] = result.derivative;
      if (j == 0) expected.values.push_back(result.value);
    }
  }
  if (doubt.any) return std::nullopt;
  return expected;
}

template <class Real> bool is_bounded(const Expected<Real>& expected) {
  const auto is_finite = [](const Loose<Real>& x) { return std::isfinite(x.bound); };
  return std::ranges::all_of(expected.values, is_finite) && std::ranges::all_of(expected.slopes, is_finite);
}

}  // namespace

template <class Real>
Case<Real>::Case(std::uint64_t seed, bool rows_of_the_user) : seed_(seed) {
  Draw draw(seed);
  drawn_ = draw.program({.branches = seed % 4 == 0, .rows_of_the_user = rows_of_the_user});
  parameters_.assign(drawn_.leaves.begin() + static_cast<std::ptrdiff_t>(drawn_.inputs), drawn_.leaves.end());
  for (std::size_t tries = 0; points_.size() < most_points && tries < 3 * most_points; ++tries) {
    std::vector<double> leaves = drawn_.leaves;
    for (std::size_t j = 0; j < drawn_.inputs; ++j) {
      leaves[j] = random_programs::as_float(leaves[j] + (tries == 0 ? 0.0 : draw.uniform(-0.02, 0.02)));
    }
    const std::vector<Index> indices = tries == 0 ? drawn_.indices : draw.some_indices();
    std::optional<Expected<Real>> expected = expect<Real>(drawn_, leaves, indices);
    // With other indices an operation may leave the domain of its row.
    if (!expected || (tries > 0 && !is_bounded(*expected))) continue;
    expected_.push_back(std::move(*expected));
    leaves.resize(drawn_.inputs);
    points_.push_back({leaves, indices});
  }
  if (has_points()) rows_ = row_counts[seed % row_counts.size()];
  draw_options(draw);
}

template <class Real>
void Case<Real>::draw_options(Draw& draw) {
  options_.parameters = parameters_;
  options_.reduce = std::array{Reduce::mean, Reduce::sum, Reduce::none}[seed_ % 3];
  options_.threads = 1 + draw.below(most_threads);
  options_.max_paths = 64;
  const std::vector<micrograd::simd::Target>& targets = micrograd::simd::targets();
  options_.widest = targets[draw.below(targets.size())];
  options_.simplify = draw.below(8) != 0;
  micrograd::compiler::SimplifyOptions& by = options_.simplify_options;
  const std::size_t off = draw.below(10);
  if (off == 0) by.identities = false;
  if (off == 1) by.fold_constants = false;
  if (off == 2) by.merge_common = false;
  if (off == 3) by.drop_dead = false;
  if (off == 4) by.simplify_upon_data = false;
}

template <class Real>
std::vector<Value> Case<Real>::function(std::span<const Value> x, std::span<const Index> indices) const {
  return random_programs::outputs_of(drawn_, x, parameters_, indices);
}

template <class Real>
Value Case<Real>::loss(std::span<const Value> x, std::span<const Value> target,
                       std::span<const Index> indices) const {
  return function(x, indices)[0] * target[0];  // so that nothing of it counts once only
}

template <class Real>
double Case<Real>::weight_of(std::size_t row) const {
  const double by_reduction = options_.reduce == Reduce::mean   ? 1.0 / static_cast<double>(rows_)
                              : options_.reduce == Reduce::none ? loss_seed_of(row)
                                                                : 1.0;
  return by_reduction * target_of(row);
}

template class Case<double>;
template class Case<float>;

}  // namespace conformance
