// Vectors in what runs once: operations of one kind whose operands are there at the same time run side by
// side. A sum counts as one operation, however long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// Fewer instructions than these are run as they come.
inline constexpr std::size_t least_side_by_side = 256;

/// Instructions in an order in which they can run, those that go together one after the other, otherwise in
/// the order of the program.
struct Levels {
  std::vector<Id> order;
  std::vector<std::uint32_t> first;  ///< of each group, in `order`; and where the last one ends

  [[nodiscard]] std::size_t groups() const { return first.size() - 1; }
  [[nodiscard]] std::span<const Id> group(std::size_t g) const {
    return std::span(order).subspan(first[g], first[g + 1] - first[g]);
  }
};

/// `ids`: in the order of the program; operands that are not among them are there before. Where few would go
/// together, every instruction is a group of its own. `level` has a 0 for each instruction of the program,
/// and has it again afterwards. O(operands of `ids`).
Levels find_levels(const Code& code, std::span<const Id> ids, std::vector<std::uint32_t>& level);

}  // namespace micrograd::compiler
