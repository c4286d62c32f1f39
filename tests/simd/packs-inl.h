// The set of functions for one target.
#pragma once

#include <micrograd/simd/transpose-inl.h>

#include "packs.hpp"

HWY_BEFORE_NAMESPACE();

namespace micrograd::simd::testing::HWY_NAMESPACE {

using simd::HWY_NAMESPACE::Lanes;

template <class Real>
void transposed(const Real* const* from, std::size_t place, Real* to) {
  constexpr std::size_t height = simd::HWY_NAMESPACE::block_lanes<Real>;
  Lanes<Real> packs[height];
  transpose(from, place, packs);
  for (std::size_t i = 0; i < height; ++i) packs[i].store(to + i * Lanes<Real>::count);
}

template <class Real>
void each_summed(const Real* from, Real* to) {
  Lanes<Real> packs[Lanes<Real>::count];
  for (std::size_t i = 0; i < Lanes<Real>::count; ++i)
    packs[i] = Lanes<Real>::load(from + i * Lanes<Real>::count);
  sum_each(packs).store(to);
}

template <class Real>
void first_kept(const Real* from, std::size_t some, Real* to) {
  Lanes<Real>::load(from).first(some).store(to);
}

template <class Real>
void first_loaded(const Real* from, std::size_t some, Real* to) {
  Lanes<Real>::load_first(from, some).store(to);
}

template <class Real>
void first_stored(const Real* from, Real* to, std::size_t some) {
  Lanes<Real>::load(from).store_first(to, some);
}

template <class Real>
Packs<Real> packs() {
  return {Lanes<Real>::count, simd::HWY_NAMESPACE::block_lanes<Real>,
          transposed<Real>,   each_summed<Real>,
          first_kept<Real>,   first_loaded<Real>,
          first_stored<Real>};
}

}  // namespace micrograd::simd::testing::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
