// Every row on the lanes of AVX2.
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86

#undef HWY_TARGET
#define HWY_TARGET HWY_AVX2
#include "rows-inl.h"

namespace micrograd::simd::testing {

template <> const std::vector<RowEvaluators<double>>& rows_compiled_for<Target::avx2>() {
  return N_AVX2::rows<double>();
}
template <> const std::vector<RowEvaluators<float>>& rows_compiled_for<Target::avx2>() {
  return N_AVX2::rows<float>();
}

}  // namespace micrograd::simd::testing

#endif
