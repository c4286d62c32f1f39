// The kernels for SSE 4.2, two doubles at a time.
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86

#undef HWY_TARGET
#define HWY_TARGET HWY_SSE4
#include <micrograd/compiler/kernels-inl.h>

namespace micrograd::compiler {

template <> Kernel<double> kernel_in<simd::Target::sse4>(std::size_t code, unsigned uniform) {
  return N_SSE4::find<double>(code, uniform);
}
template <> Kernel<float> kernel_in<simd::Target::sse4>(std::size_t code, unsigned uniform) {
  return N_SSE4::find<float>(code, uniform);
}

}  // namespace micrograd::compiler

#endif
