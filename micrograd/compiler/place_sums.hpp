// Sums of products that run side by side: matrix products, term after term, or one after the other. Internal
// to the schedule.
#pragma once

#include <span>

#include <micrograd/compiler/vector_writer.hpp>

namespace micrograd::compiler {

/// Places the dots of one level. `one`: the place of a 1.
void place_sums(const Code& code, Places& places, VectorWriter& writer, Vectors& vectors, std::uint32_t one,
                std::span<const Id> dots);

}  // namespace micrograd::compiler
