// Packs on the lanes of AVX-512.
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86

#undef HWY_TARGET
#define HWY_TARGET HWY_AVX3
#include "packs-inl.h"

namespace micrograd::simd::testing {

template <> Packs<double> packs_compiled_for<Target::avx3>() { return N_AVX3::packs<double>(); }
template <> Packs<float> packs_compiled_for<Target::avx3>() { return N_AVX3::packs<float>(); }

}  // namespace micrograd::simd::testing

#endif
