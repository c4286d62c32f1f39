// What the compiler found in plain scalar code, in words.
#pragma once

#include <string>

#include <micrograd/compiler/schedule.hpp>

namespace micrograd::compiler {

/// `100 rounds as one batch, 9 matrix products`, `9230 vectors of 135 on average, 2 matrix products`;
/// "nothing" if every operation runs by itself. Vectors are of four results or more.
std::string describe_found(const Code& code, const Schedule& schedule);

}  // namespace micrograd::compiler
