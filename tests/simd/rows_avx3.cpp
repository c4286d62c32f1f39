// Every row on the lanes of AVX3.
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86

#undef HWY_TARGET
#define HWY_TARGET HWY_AVX3
#include "rows-inl.h"

namespace micrograd::simd::testing {

template <> const std::vector<RowEvaluators<double>>& rows_compiled_for<Target::avx3>() {
  return N_AVX3::rows<double>();
}
template <> const std::vector<RowEvaluators<float>>& rows_compiled_for<Target::avx3>() {
  return N_AVX3::rows<float>();
}

}  // namespace micrograd::simd::testing

#endif
