// Asks the processor, through Highway, once.
#include <micrograd/simd/target.hpp>

#include <algorithm>
#include <cassert>

#include <hwy/detect_targets.h>
#include <hwy/targets.h>

namespace micrograd::simd {

std::string_view name(Target target) {
  switch (target) {
    case Target::scalar:
      return "scalar";
    case Target::sse4:
      return "sse4";
    case Target::avx2:
      return "avx2";
    case Target::avx3:
      return "avx3";
  }
  assert(false);
  return {};
}

const std::vector<Target>& targets() {
  static const std::vector<Target> found = [] {
    std::vector<Target> list{Target::scalar};
#if HWY_ARCH_X86
    const auto supported = hwy::SupportedTargets();
    if ((supported & HWY_SSE4) != 0) list.push_back(Target::sse4);
    if ((supported & HWY_AVX2) != 0) list.push_back(Target::avx2);
    if ((supported & HWY_AVX3) != 0) list.push_back(Target::avx3);
#endif
    return list;
  }();
  return found;
}

Target best_target(Target limit) {
  const std::vector<Target>& list = targets();
  return *std::ranges::find_if(list.rbegin(), list.rend(),
                               [limit](Target target) { return target <= limit; });
}

}  // namespace micrograd::simd
