// The instruction sets that kernels are compiled for, and which of them this machine has. The choice is made
// when the program runs, so one binary serves old and new processors.
#pragma once

#include <string_view>
#include <vector>

namespace micrograd::simd {

/// From the narrowest to the widest. `scalar` is plain C++ for whatever the build was made for.
enum class Target { scalar, sse4, avx2, avx3 };

/// "scalar", "sse4", "avx2", "avx3" (AVX-512 with its F, VL, DQ and BW parts).
std::string_view name(Target target);

/// What this build contains and this machine can run, narrowest first; never empty, since `scalar` is always
/// there.
const std::vector<Target>& targets();

/// The widest of them, but none wider than `limit`.
Target best_target(Target limit = Target::avx3);

}  // namespace micrograd::simd
