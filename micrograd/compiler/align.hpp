// Which terms of a sum are computed alike, instruction by instruction, and in which operands they differ.
#pragma once

#include <cstdint>
#include <vector>

#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/find_cones.hpp>

namespace micrograd::compiler {

/// Cones that do the same on other numbers. Where an operand differs, it differs in one of three ways:
/// numbers in all rounds, results from outside in all rounds, or results of the round itself in all rounds.
struct Rounds {
  static constexpr std::size_t most_operands = 3;

  std::vector<std::uint32_t> cones;   ///< in the order of the terms; the first stands for all
  std::vector<std::uint8_t> differs;  ///< 1 for an operand that does: `most_operands` for each instruction
};

/// The loops that could be made of a sum's terms, at least `fewest_rounds` in each. Every instruction of
/// every round has been compared; a number that has to be a plain one is the same in all rounds.
/// O(instructions).
std::vector<Rounds> align(const Code& code, const Cones& cones, const Spine& spine);

}  // namespace micrograd::compiler
