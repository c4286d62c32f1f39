// A loop of known length that is surely written out, so that what it indexes can stay in registers.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace micrograd::compiler {

/// Calls `body` with 0, 1, … n - 1, each a constant.
template <std::size_t n, class Body>
[[gnu::always_inline]] constexpr void unrolled(Body body) {
  [&]<std::size_t... i>(std::index_sequence<i...>) __attribute__((always_inline)) {
    (body(std::integral_constant<std::size_t, i>()), ...);
  }(std::make_index_sequence<n>());
}

}  // namespace micrograd::compiler
