// Whether the library under test was built with the compiler.
#pragma once

namespace micrograd::testing {

#ifdef MICROGRAD_HAS_COMPILER
inline constexpr bool has_compiler = true;
#else
inline constexpr bool has_compiler = false;
#endif

}  // namespace micrograd::testing
