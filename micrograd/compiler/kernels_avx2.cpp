// The kernels for AVX2 with fused multiply-add, four doubles at a time.
#include <hwy/detect_targets.h>

#if HWY_ARCH_X86

#undef HWY_TARGET
#define HWY_TARGET HWY_AVX2
#include <micrograd/compiler/kernels-inl.h>

namespace micrograd::compiler {

template <> Kernel<double> kernel_in<simd::Target::avx2>(std::size_t code, unsigned uniform) {
  return N_AVX2::find<double>(code, uniform);
}
template <> Kernel<float> kernel_in<simd::Target::avx2>(std::size_t code, unsigned uniform) {
  return N_AVX2::find<float>(code, uniform);
}

template <> TermRunner<double> term_runner_in<simd::Target::avx2>() {
  return {N_AVX2::run_terms_here<double>, N_AVX2::Lanes<double>::count};
}
template <> TermRunner<float> term_runner_in<simd::Target::avx2>() {
  return {N_AVX2::run_terms_here<float>, N_AVX2::Lanes<float>::count};
}

template <> ProductRunner<double> product_runner_in<simd::Target::avx2>() {
  return N_AVX2::product_runner_here<double>();
}
template <> ProductRunner<float> product_runner_in<simd::Target::avx2>() {
  return N_AVX2::product_runner_here<float>();
}

}  // namespace micrograd::compiler

#endif
