// Packs on the lanes of SSE 4.2.
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86

#undef HWY_TARGET
#define HWY_TARGET HWY_SSE4
#include "packs-inl.h"

namespace micrograd::simd::testing {

template <> Packs<double> packs_compiled_for<Target::sse4>() { return N_SSE4::packs<double>(); }
template <> Packs<float> packs_compiled_for<Target::sse4>() { return N_SSE4::packs<float>(); }

}  // namespace micrograd::simd::testing

#endif
