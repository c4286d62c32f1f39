// Chooses the list of a target.
#include "row_evaluators.hpp"

#include <stdexcept>

#include <hwy/detect_targets.h>

namespace micrograd::simd::testing {

#if HWY_ARCH_X86
template <> const std::vector<RowEvaluators<double>>& rows_compiled_for<Target::sse4>();
template <> const std::vector<RowEvaluators<float>>& rows_compiled_for<Target::sse4>();
template <> const std::vector<RowEvaluators<double>>& rows_compiled_for<Target::avx2>();
template <> const std::vector<RowEvaluators<float>>& rows_compiled_for<Target::avx2>();
template <> const std::vector<RowEvaluators<double>>& rows_compiled_for<Target::avx3>();
template <> const std::vector<RowEvaluators<float>>& rows_compiled_for<Target::avx3>();
#endif

template <class Real>
const std::vector<RowEvaluators<Real>>& rows_on(Target target) {
#if HWY_ARCH_X86
  switch (target) {
    case Target::scalar:
      break;
    case Target::sse4:
      return rows_compiled_for<Target::sse4, Real>();
    case Target::avx2:
      return rows_compiled_for<Target::avx2, Real>();
    case Target::avx3:
      return rows_compiled_for<Target::avx3, Real>();
  }
#endif
  throw std::logic_error("rows_on: no lanes for " + std::string(name(target)));
}

template const std::vector<RowEvaluators<double>>& rows_on(Target target);
template const std::vector<RowEvaluators<float>>& rows_on(Target target);

}  // namespace micrograd::simd::testing
