// Programs as drawings in DOT, for people, in the look of the engine's graphs.
#pragma once

#include <string>

#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/compile.hpp>

namespace micrograd::compiler {

/// `n<place>` are the results, `op<place>` the operations that made them. Solid lines: a number for each row;
/// dashed ones: one number for all rows. `code` is of the stage that the options say.
std::string draw(const Code& code, const DrawOptions& options);

}  // namespace micrograd::compiler
