// Every row on the lanes of SSE4.
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86

#undef HWY_TARGET
#define HWY_TARGET HWY_SSE4
#include "rows-inl.h"

namespace micrograd::simd::testing {

template <> const std::vector<RowEvaluators<double>>& rows_compiled_for<Target::sse4>() {
  return N_SSE4::rows<double>();
}
template <> const std::vector<RowEvaluators<float>>& rows_compiled_for<Target::sse4>() {
  return N_SSE4::rows<float>();
}

}  // namespace micrograd::simd::testing

#endif
