// One function for each kind of step.
#include <micrograd/compiler/run_vectors.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

#include <micrograd/compiler/sweep.hpp>

namespace micrograd::compiler {
namespace {

/// Terms of a sum.
constexpr std::size_t least_on_lanes = 64;

std::size_t round_up(std::size_t count, std::size_t to) { return (count + to - 1) / to * to; }

/// The sum of a few terms from the first one on, in four parts: each addition waits for the one before.
template <class Real>
Real sum_of_few(const std::uint32_t* x, const std::uint32_t* y, std::size_t count, const Real* list) {
  const auto product = [=](std::size_t i) {
    const Real one = list[x[i] & ~minus_bit];
    return ((x[i] & minus_bit) != 0 ? -one : one) * list[y[i]];
  };
  if (count == 0) return Real{0};
  if (count < 8) {
    Real sum = product(0);
    for (std::size_t i = 1; i < count; ++i) sum += product(i);
    return sum;
  }
  std::array<Real, 4> sums{product(0), product(1), product(2), product(3)};
  std::size_t i = 4;
  for (; i + 4 <= count; i += 4) {
    for (std::size_t k = 0; k < 4; ++k) sums[k] += product(i + k);
  }
  for (std::size_t k = 0; i < count; ++i, ++k) sums[k] += product(i);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// What a chain of `Op` takes: the first one if it is a NaN, since nothing is more, and else the first of the
/// greatest. A comparison waits for the one before, so parts of the list are gone through side by side.
template <class Op, class Real>
Real extreme_of(std::span<const std::uint32_t> of, const Real* list) {
  constexpr std::size_t parts = 8;
  constexpr Real infinite = std::numeric_limits<Real>::infinity();
  constexpr Real nothing = std::is_same_v<Op, Max> ? -infinite : infinite;
  std::array<Real, parts> found;
  found.fill(nothing);
  const std::size_t size = of.size() / parts;
  for (std::size_t k = 0; k < size; ++k) {
    for (std::size_t part = 0; part < parts; ++part) {
      found[part] = Op::template value<Real>(found[part], list[of[part * size + k]]);
    }
  }
  Real all = list[of[0]];
  for (const Real one : found) all = Op::template value<Real>(all, one);
  for (const std::uint32_t place : of.subspan(parts * size)) all = Op::template value<Real>(all, list[place]);
  return all;
}

/// Of the first one that is equal; of the first at all if none is.
template <class Real>
Real place_of(Real number, std::span<const std::uint32_t> of, const Real* list) {
  const auto at = std::ranges::find_if(of, [&](std::uint32_t place) { return list[place] == number; });
  return at == of.end() ? Real{0} : static_cast<Real>(at - of.begin());
}

}  // namespace

template <class Real>
VectorPlan<Real>::VectorPlan(const Vectors& vectors, simd::Target target)
    : vectors_(vectors), machine_(term_runner<Real>(target)), runner_(product_runner<Real>(target)) {
  kernels_.reserve(vectors.steps.size());
  for (const VectorStep& step : vectors.steps) {
    const bool has_kernel = step.kind == VectorStep::Kind::kernel;
    kernels_.push_back(has_kernel ? kernel_of_op<Real>(step.op, step.uniform, target) : nullptr);
    if (step.kind == VectorStep::Kind::product) {
      prepare_product(vectors.products[step.operands[0]], step.out);
    }
  }
}

/// Rows that end within a pack are written elsewhere first: what lies behind them are other results.
template <class Real>
void VectorPlan<Real>::prepare_product(const ListProduct& product, std::uint32_t out) {
  const bool fits = product.columns % (2 * machine_.lanes) == 0;
  Product& ready = products_.emplace_back();
  for (std::uint32_t k = 0; k < product.terms; ++k) {
    ready.b.push_back(product.b.first + k * product.b.row_step);
  }
  for (std::uint32_t r = 0; r < product.rows; ++r) {
    ready.out.push_back(fits ? out + r * product.columns : product.scratch + r * product.scratch_step());
  }
}

template <class Real>
void VectorPlan<Real>::run_step(std::size_t s, Real* list, std::span<const Real> parameters) const {
  using Kind = VectorStep::Kind;
  const VectorStep& step = vectors_.steps[s];
  Real* const out = list + step.out;
  switch (step.kind) {
    case Kind::parameters: {
      const std::uint32_t* const which = &vectors_.places[step.operands[0]];
      if (which[step.count - 1] - which[0] == step.count - 1) {  // each is there once, in order
        std::copy_n(&parameters[which[0]], step.count, out);
      } else {
        runner_.gather(parameters.data(), which, step.count, out);
      }
      return;
    }
    case Kind::gather:
      return runner_.gather(list, &vectors_.places[step.operands[0]], step.count, out);
    case Kind::machine: {
      const TermStep* const terms = vectors_.terms.data();
      machine_.run(terms + step.operands[0], terms + step.operands[1],
                   {.slots = list, .uniforms = list, .block = round_up(step.count, machine_.lanes)});
      return;
    }
    case Kind::kernel: {
      const std::array<const Real*, 3> operands{list + step.operands[0], list + step.operands[1],
                                                list + step.operands[2]};
      kernels_[s](operands.data(), out, step.count);
      return;
    }
    case Kind::sums:
      return add_up(step, list);
    case Kind::product:
      return multiply(step, list);
    case Kind::pick:
      return pick(step, list);
    case Kind::scatter:
      std::fill_n(out, step.count, Real{0});
      for (std::uint32_t i = 0; i < step.operands[1]; ++i) {
        const ListScatter& one = vectors_.scatters[step.operands[0] + i];
        const Real place = list[one.index] - static_cast<Real>(one.number);
        if (place >= 0 && place < static_cast<Real>(one.size)) {
          list[one.out + static_cast<std::size_t>(place)] = list[one.x];
        }
      }
      return;
    case Kind::extreme:
      return find_extremes(step, list);
    case Kind::once:
      return;
  }
}

template <class Real>
void VectorPlan<Real>::multiply(const VectorStep& step, Real* list) const {
  const ListProduct& product = vectors_.products[step.operands[0]];
  const Product& ready = products_[step.operands[0]];
  const auto signed_step = [](std::uint32_t number) {  // backwards too
    return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(static_cast<std::int32_t>(number)));
  };
  runner_.multiply({.weights = {.from = list + product.a.first,
                                .row_step = signed_step(product.a.row_step),
                                .column_step = signed_step(product.a.column_step)},
                    .start = {},
                    .x = ready.b.data(),
                    .terms = product.terms,
                    .out = ready.out.data(),
                    .rows = product.rows},
                   list, round_up(product.columns, 2 * machine_.lanes));
  if (ready.out[0] == step.out) return;
  for (std::size_t r = 0; r < product.rows; ++r) {
    std::copy_n(list + ready.out[r], product.columns, list + step.out + r * product.columns);
  }
}

template <class Real>
void VectorPlan<Real>::add_up(const VectorStep& step, Real* list) const {
  const std::uint32_t* const first = &vectors_.sums[step.operands[0]];
  const ListTerms& terms = vectors_.sum_terms;
  const bool are_plain = step.operands[2] != 0;
  Real* const out = list + step.out;
  const bool to_result = step.operands[1] != 0;
  for (std::size_t i = 0; i < step.count; ++i) {
    const std::uint32_t* const x = terms.x.data() + first[i];
    const std::uint32_t* const y = terms.y.data() + first[i];
    const std::size_t count = first[i + 1] - first[i];
    const Real sum = count < least_on_lanes ? sum_of_few(x, y, count, list)
                                            : runner_.sum(list, x, are_plain ? nullptr : y, count);
    out[i] = to_result ? out[i] + sum : sum;
  }
}

template <class Real>
void VectorPlan<Real>::pick(const VectorStep& step, Real* list) const {
  const Real number = list[step.operands[1]];
  const ListPick* const picks = &vectors_.picks[step.operands[0]];
  for (std::size_t i = 0; i < step.count; ++i) {
    const bool is_place = number >= 0 && number < static_cast<Real>(picks[i].size);
    list[step.out + i] = is_place ? list[vectors_.places[picks[i].first + static_cast<std::size_t>(number)]]
                                  : std::numeric_limits<Real>::quiet_NaN();
  }
}

template <class Real>
void VectorPlan<Real>::find_extremes(const VectorStep& step, Real* list) const {
  const ListPick* const lists = &vectors_.picks[step.operands[0]];
  const bool is_place = step.op == special::which;
  const bool is_greatest = (is_place ? step.operands[1] : step.op) == special::greatest;
  for (std::size_t i = 0; i < step.count; ++i) {
    const std::span<const std::uint32_t> of(&vectors_.places[lists[i].first], lists[i].size);
    const Real found = is_greatest ? extreme_of<Max>(of, list) : extreme_of<Min>(of, list);
    list[step.out + i] = is_place ? place_of(found, of, list) : found;
  }
}

template class VectorPlan<float>;
template class VectorPlan<double>;

}  // namespace micrograd::compiler
