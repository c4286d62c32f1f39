// Whether two runs of the user's function did the same.
#pragma once

#include <string_view>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// The two runs had the same inputs. Throws UsageError, worded by `who`, where they differ.
void verify_repeated(std::string_view who, const Code& first, const Code& second);

/// The two runs had other inputs, and may have branched otherwise. Throws UsageError where they differ though
/// they branched alike, or by plain numbers.
void verify_general(std::string_view who, const Code& first, const Code& second);

}  // namespace micrograd::compiler
