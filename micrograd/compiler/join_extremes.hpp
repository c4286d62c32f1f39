// A long chain of max, or of min, as one operation: so that it is found at one level, and its derivative does
// not walk back along it.
#pragma once

#include <optional>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// The program with those chains outside loops of which nothing else uses a part; none if it has none. The
/// same bits. O(operands).
std::optional<Code> join_extremes(const Code& code);

}  // namespace micrograd::compiler
