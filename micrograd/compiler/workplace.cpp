// What a thread works with on its way through a sweep, and what becomes of the totals in it.
#include <algorithm>
#include <new>
#include <utility>

#include <micrograd/compiler/sweep.hpp>

namespace micrograd::compiler {

template <class Real>
auto SweepPlan<Real>::Spare::take() -> std::unique_ptr<Workplace> {
  const std::scoped_lock lock(mutex_);
  if (kept_.empty()) return nullptr;
  std::unique_ptr<Workplace> workplace = std::move(kept_.back());
  kept_.pop_back();
  return workplace;
}

template <class Real>
void SweepPlan<Real>::Spare::give(std::unique_ptr<Workplace> workplace) noexcept {
  try {
    const std::scoped_lock lock(mutex_);
    kept_.push_back(std::move(workplace));
  } catch (const std::bad_alloc&) {
    workplace.reset();  // the next run makes another one
  }
}

template <class Real>
auto SweepPlan<Real>::take_workplace() const -> std::unique_ptr<Workplace> {
  if (std::unique_ptr<Workplace> spare = spare_->take()) {
    if (std::exchange(spare->in_use, true)) {  // in a run that ended in an exception
      std::ranges::fill(spare->totals, Real{0});
      std::ranges::fill(spare->products, Real{0});
    }
    return spare;
  }
  const std::size_t size = sweep_.slots * stride_;
  hwy::AlignedFreeUniquePtr<Real[]> slots = hwy::AllocateAligned<Real>(size);
  if (slots == nullptr) throw std::bad_alloc();
  std::fill_n(slots.get(), size, Real{0});
  return std::make_unique<Workplace>(
      Workplace{.slots = std::move(slots),
                .totals = std::vector<Real>(sweep_.totals.size() * machine_.lanes),
                .products = std::vector<Real>(product_totals_),
                .scratch = std::vector<Real>(scratch_),
                .mask = std::vector<Real>(block_),
                .offsets = std::vector<std::size_t>(block_)});
}

template <class Real>
void SweepPlan<Real>::take_totals(Workplace& here, std::span<double> sums) const {
  const std::size_t lanes = machine_.lanes;
  for (std::size_t k = 0; k < sweep_.totals.size(); ++k) {
    double sum = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      sum += static_cast<double>(std::exchange(here.totals[k * lanes + lane], Real{0}));
    }
    sums[k] += sum;
  }
  if (sums.size() == single_sums()) return;
  const auto take = [](std::span<Real> from, double* to) {
    for (std::size_t k = 0; k < from.size(); ++k) to[k] += static_cast<double>(from[k]);
    std::ranges::fill(from, Real{0});
  };
  for (const Product& product : add_products_) {
    const std::size_t count = product.rows.size() * product.x.size();
    take(std::span(here.products).subspan(product.first, count), &sums[product.first_sum]);
  }
}

// Sums begin with 0, so that none is -0.

template <class Real>
void SweepPlan<Real>::finish(std::span<double> sums, std::span<Real> uniforms) const {
  const std::size_t count = sums_;
  for (std::size_t at = count; at < sums.size(); at += count) {
    for (std::size_t k = 0; k < count; ++k) sums[k] += sums[at + k];
  }
  finish_single(sums, uniforms);
  for (std::size_t p = 0; p < add_products_.size(); ++p) {
    const double* sum = &sums[add_products_[p].first_sum];
    for (const Total& total : sweep_.add_products[p].totals) {
      uniforms[total.out] = static_cast<Real>(0.0 + *sum++);
    }
  }
}

template <class Real>
void SweepPlan<Real>::finish(std::span<double> sums, Workplace& here, std::span<Real> uniforms) const {
  finish_single(sums, uniforms);
  for (std::size_t p = 0; p < add_products_.size(); ++p) {
    const std::vector<Total>& totals = sweep_.add_products[p].totals;
    Real* const from = &here.products[add_products_[p].first];
    if (add_products_[p].in_order) {
      Real* const to = &uniforms[totals[0].out];
      for (std::size_t k = 0; k < totals.size(); ++k) to[k] = Real{0} + from[k];
    } else {
      for (std::size_t k = 0; k < totals.size(); ++k) uniforms[totals[k].out] = Real{0} + from[k];
    }
    std::fill_n(from, totals.size(), Real{0});
  }
}

template <class Real>
void SweepPlan<Real>::finish_single(std::span<const double> sums, std::span<Real> uniforms) const {
  const auto put = [&](std::uint32_t out, std::size_t k) {
    uniforms[out] = static_cast<Real>(0.0 + sums[k]);
  };
  for (std::size_t k = 0; k < sweep_.totals.size(); ++k) put(sweep_.totals[k].out, k);
  for (std::size_t t = 0; t < sweep_.totals_where.size(); ++t) {
    const std::size_t first = totals_where_first_[t];
    if (first == no_sum) continue;
    for (const TotalsWhere::One& one : sweep_.totals_where[t].totals) put(one.out, first + one.number);
  }
}

template auto SweepPlan<float>::Spare::take() -> std::unique_ptr<Workplace>;
template void SweepPlan<float>::Spare::give(std::unique_ptr<Workplace>) noexcept;
template auto SweepPlan<float>::take_workplace() const -> std::unique_ptr<Workplace>;
template void SweepPlan<float>::take_totals(Workplace&, std::span<double>) const;
template void SweepPlan<float>::finish_single(std::span<const double>, std::span<float>) const;
template void SweepPlan<float>::finish(std::span<double>, std::span<float>) const;
template void SweepPlan<float>::finish(std::span<double>, Workplace&, std::span<float>) const;
template auto SweepPlan<double>::Spare::take() -> std::unique_ptr<Workplace>;
template void SweepPlan<double>::Spare::give(std::unique_ptr<Workplace>) noexcept;
template auto SweepPlan<double>::take_workplace() const -> std::unique_ptr<Workplace>;
template void SweepPlan<double>::take_totals(Workplace&, std::span<double>) const;
template void SweepPlan<double>::finish_single(std::span<const double>, std::span<double>) const;
template void SweepPlan<double>::finish(std::span<double>, std::span<double>) const;
template void SweepPlan<double>::finish(std::span<double>, Workplace&, std::span<double>) const;

}  // namespace micrograd::compiler
