// What whole packs of numbers do on lanes of one target, as plain functions that the tests can call. The
// files packs_*.cpp make one set for each target.
#pragma once

#include <cstddef>

#include <micrograd/simd/target.hpp>

namespace micrograd::simd::testing {

template <class Real>
struct Packs {
  std::size_t lanes;   ///< of a pack
  std::size_t height;  ///< packs that transpose makes
  void (*transpose)(const Real* const* from, std::size_t place, Real* to);
  void (*sum_each)(const Real* from, Real* to);  ///< as many packs as they have lanes, to one
  void (*first)(const Real* from, std::size_t some, Real* to);
  void (*load_first)(const Real* from, std::size_t some, Real* to);
  void (*store_first)(const Real* from, Real* to, std::size_t some);
};

template <Target target, class Real>
Packs<Real> packs_compiled_for();

template <> Packs<double> packs_compiled_for<Target::sse4>();
template <> Packs<float> packs_compiled_for<Target::sse4>();
template <> Packs<double> packs_compiled_for<Target::avx2>();
template <> Packs<float> packs_compiled_for<Target::avx2>();
template <> Packs<double> packs_compiled_for<Target::avx3>();
template <> Packs<float> packs_compiled_for<Target::avx3>();

}  // namespace micrograd::simd::testing
