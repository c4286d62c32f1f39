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

template <> TermRunner<double> term_runner_in<simd::Target::avx3>() {
  return {N_AVX3::run_terms_here<double>, N_AVX3::Lanes<double>::count};
}
template <> TermRunner<float> term_runner_in<simd::Target::avx3>() {
  return {N_AVX3::run_terms_here<float>, N_AVX3::Lanes<float>::count};
}

template <> ProductRunner<double> product_runner_in<simd::Target::avx3>() {
  return N_AVX3::product_runner_here<double>();
}
template <> ProductRunner<float> product_runner_in<simd::Target::avx3>() {
  return N_AVX3::product_runner_here<float>();
}

}  // namespace micrograd::compiler

#endif
