// The kernels for AVX-512, eight doubles at a time.
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86

#undef HWY_TARGET
#define HWY_TARGET HWY_AVX3
#include <micrograd/compiler/kernels-inl.h>

namespace micrograd::compiler {

template <> Kernel<double> kernel_in<simd::Target::avx3>(std::size_t code, unsigned uniform) {
  return N_AVX3::find<double>(code, uniform);
}
template <> Kernel<float> kernel_in<simd::Target::avx3>(std::size_t code, unsigned uniform) {
  return N_AVX3::find<float>(code, uniform);
}

}  // namespace micrograd::compiler

#endif
