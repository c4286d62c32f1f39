// A shorter program with the same results, bit for bit: what nobody needs is left out, what stands twice is
// computed once, what depends on literals alone is computed now.
#pragma once

#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/simplify_options.hpp>

namespace micrograd::compiler {

/// Not done, because it would change results for NaN, infinities or signed zeros: x*0, x-x, x/x, x+0,
/// distribution. O(instructions).
Code simplify(const Code& code, const SimplifyOptions& options = {});

/// What several choices of one list share, once: else each choice has a derivative of its own of it.
Code merge_choices(const Code& code, SimplifyOptions options);

}  // namespace micrograd::compiler
