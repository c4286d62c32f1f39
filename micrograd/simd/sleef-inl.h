// The functions we use of SLEEF, on Lanes. Its deterministic family (`finz` with fused multiply-add, `cinz`
// without) is the one where a lane's bits do not depend on its neighbours; the usual one takes another path
// for the whole pack when one lane is large. Declared here, because sleef.h declares what the compiler's
// flags allow and we choose the target lane by lane of code, not by flags.
#pragma once

#include <micrograd/simd/lanes-inl.h>

// clang decides by the flags of the whole file whether wide vectors travel in registers, as SLEEF expects, or
// in memory. With the wrong flags everything compiles, and most functions work by luck.
#if defined(__clang__) && \
    ((HWY_TARGET == HWY_AVX2 && !defined(__AVX__)) || (HWY_TARGET == HWY_AVX3 && !defined(__AVX512F__)))
#error \
    "clang must compile this file with -mavx (AVX2) or -mavx512f (AVX3); see micrograd_lane_flags in cmake/library.cmake"
#endif

#if HWY_TARGET == HWY_AVX3
#define MICROGRAD_SLEEF(function, accuracy, lanes) Sleef_finz_##function##lanes##_##accuracy##avx512f
#define MICROGRAD_SLEEF_DOUBLE(function, accuracy) MICROGRAD_SLEEF(function, accuracy, d8)
#define MICROGRAD_SLEEF_FLOAT(function, accuracy) MICROGRAD_SLEEF(function, accuracy, f16)
#elif HWY_TARGET == HWY_AVX2
#define MICROGRAD_SLEEF(function, accuracy, lanes) Sleef_finz_##function##lanes##_##accuracy##avx2
#define MICROGRAD_SLEEF_DOUBLE(function, accuracy) MICROGRAD_SLEEF(function, accuracy, d4)
#define MICROGRAD_SLEEF_FLOAT(function, accuracy) MICROGRAD_SLEEF(function, accuracy, f8)
#elif HWY_TARGET == HWY_SSE4
#define MICROGRAD_SLEEF(function, accuracy, lanes) Sleef_cinz_##function##lanes##_##accuracy##sse4
#define MICROGRAD_SLEEF_DOUBLE(function, accuracy) MICROGRAD_SLEEF(function, accuracy, d2)
#define MICROGRAD_SLEEF_FLOAT(function, accuracy) MICROGRAD_SLEEF(function, accuracy, f4)
#else
#error "SLEEF has no functions for this target, or nobody has said which"
#endif

#define MICROGRAD_SLEEF_1(function, accuracy)                                                        \
  extern "C" DoubleRaw MICROGRAD_SLEEF_DOUBLE(function, accuracy)(DoubleRaw);                        \
  extern "C" FloatRaw MICROGRAD_SLEEF_FLOAT(function, accuracy)(FloatRaw);                           \
  HWY_INLINE Lanes<double> function(Lanes<double> x) {                                               \
    return Lanes<double>(Lanes<double>::Raw{MICROGRAD_SLEEF_DOUBLE(function, accuracy)(x.raw.raw)}); \
  }                                                                                                  \
  HWY_INLINE Lanes<float> function(Lanes<float> x) {                                                 \
    return Lanes<float>(Lanes<float>::Raw{MICROGRAD_SLEEF_FLOAT(function, accuracy)(x.raw.raw)});    \
  }

#define MICROGRAD_SLEEF_2(function, accuracy)                                                                \
  extern "C" DoubleRaw MICROGRAD_SLEEF_DOUBLE(function, accuracy)(DoubleRaw, DoubleRaw);                     \
  extern "C" FloatRaw MICROGRAD_SLEEF_FLOAT(function, accuracy)(FloatRaw, FloatRaw);                         \
  HWY_INLINE Lanes<double> function(Lanes<double> x, Lanes<double> y) {                                      \
    return Lanes<double>(                                                                                    \
        Lanes<double>::Raw{MICROGRAD_SLEEF_DOUBLE(function, accuracy)(x.raw.raw, y.raw.raw)});               \
  }                                                                                                          \
  HWY_INLINE Lanes<float> function(Lanes<float> x, Lanes<float> y) {                                         \
    return Lanes<float>(Lanes<float>::Raw{MICROGRAD_SLEEF_FLOAT(function, accuracy)(x.raw.raw, y.raw.raw)}); \
  }

HWY_BEFORE_NAMESPACE();

namespace micrograd::simd::HWY_NAMESPACE::sleef {

using DoubleRaw = decltype(Lanes<double>::Raw::raw);
using FloatRaw = decltype(Lanes<float>::Raw::raw);

// "u35" promises 3.5 ulp and takes about half the time of "u10", which promises 1.0; for exp2 both are the
// same.
MICROGRAD_SLEEF_1(sin, u35)
MICROGRAD_SLEEF_1(cos, u35)
MICROGRAD_SLEEF_1(tan, u35)
MICROGRAD_SLEEF_1(cosh, u35)
MICROGRAD_SLEEF_1(cbrt, u35)
MICROGRAD_SLEEF_1(exp2, u10)
MICROGRAD_SLEEF_1(erf, u10)
MICROGRAD_SLEEF_1(erfc, u15)
MICROGRAD_SLEEF_2(pow, u10)
MICROGRAD_SLEEF_2(atan2, u35)
MICROGRAD_SLEEF_2(hypot, u35)

}  // namespace micrograd::simd::HWY_NAMESPACE::sleef

HWY_AFTER_NAMESPACE();

#undef MICROGRAD_SLEEF_1
#undef MICROGRAD_SLEEF_2
#undef MICROGRAD_SLEEF_DOUBLE
#undef MICROGRAD_SLEEF_FLOAT
#undef MICROGRAD_SLEEF
