// Black and Scholes by hand on vectors: as many rows at once as a vector holds, three columns taken apart by
// shuffles, the same functions on lanes that compiled programs call.
#define HWY_COMPILE_ONLY_STATIC
#include <hwy/detect_targets.h>
#undef HWY_TARGET
#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define HWY_TARGET HWY_AVX3
#elif defined(__AVX2__)
#define HWY_TARGET HWY_AVX2
#else
#define HWY_TARGET HWY_SSE4
#endif
#include <micrograd/simd/functions-inl.h>

#include "native.hpp"

HWY_BEFORE_NAMESPACE();

namespace bench::native::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = micrograd::simd::HWY_NAMESPACE::Lanes<double>;

HWY_ATTR void price(std::span<const double> x, std::span<double> out) {
  constexpr double strike = 100, rate = 0.03, root_half = 0.70710678118654752;
  const Lanes::Tag tag;
  for (std::size_t i = 0; i < out.size(); i += Lanes::count) {
    Lanes spot, volatility, years;
    hn::LoadInterleaved3(tag, &x[3 * i], spot.raw, volatility.raw, years.raw);
    const Lanes spread = volatility * sqrt(years);
    const Lanes above = (log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / spread;
    const Lanes below = above - spread;
    const Lanes value = spot * (0.5 * erfc(-root_half * above)) -
                        strike * exp(-rate * years) * (0.5 * erfc(-root_half * below));
    value.store(&out[i]);
  }
}

}  // namespace bench::native::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();

namespace bench::native {

/// For a number of rows that is a multiple of 16.
void black_scholes_lanes(std::span<const double> x, std::span<double> out) { HWY_NAMESPACE::price(x, out); }

}  // namespace bench::native
