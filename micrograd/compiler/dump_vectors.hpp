// What is laid side by side, as text. Internal to the dump.
#pragma once

#include <string>

#include <micrograd/compiler/schedule.hpp>

namespace micrograd::compiler {

/// A step of vectors, a line for each of its results; one of the phase's `once` is left to the caller. `u5…`
/// stands for the numbers from u5 on, as many as there are results.
std::string dump_vector_step(const Vectors& vectors, const VectorStep& step);

}  // namespace micrograd::compiler
