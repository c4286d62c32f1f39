// Long sums in a program, and what belongs to each of their terms alone: the instructions that are thrown
// away if the term is. If many terms are alike, these are the rounds of a loop.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// A loop has so many rounds at least. It is as many as the shortest block that a program is run on: with
/// fewer, finding the kernels, the columns and the sum of the loop cost what the rounds would save.
inline constexpr std::size_t fewest_rounds = 16;

/// Of a sum, in the order in which they are added.
struct SpineTerm {
  Id id = 0;
  bool minus = false;
};

/// What belongs to one term alone, or to neighbouring terms together that share some of it.
struct Cone {
  std::uint32_t first_term = 0;
  std::uint32_t terms = 0;
  std::uint32_t first_node = 0;
  std::uint32_t nodes = 0;
  bool holds_sum = false;  ///< a long one
};

/// A sum: its instructions from `top`, the last, to the first; its terms; and their cones.
struct Spine {
  Id top = 0;
  std::uint32_t first_instruction = 0, instructions = 0;
  std::uint32_t first_term = 0, terms = 0;
  std::uint32_t first_cone = 0, cones = 0;
};

struct Cones {
  static constexpr std::uint32_t outside = none;         ///< in no cone
  static constexpr std::uint32_t in_a_spine = none - 1;  ///< an instruction of the sums themselves

  std::vector<Spine> spines;  ///< from the last to the first in the program
  std::vector<Id> spine_instructions;
  std::vector<SpineTerm> terms;
  std::vector<Cone> cones;
  std::vector<Id> nodes;                ///< of the cones, one after the other, each in order
  std::vector<std::uint32_t> owner;     ///< of each instruction: its cone, or one of the above
  std::vector<std::uint32_t> position;  ///< in its cone
  std::vector<Id> sums_outside;         ///< instructions of long sums that are in neither a spine nor a cone

  [[nodiscard]] std::span<const Id> nodes_of(std::uint32_t cone) const {
    return std::span(nodes).subspan(cones[cone].first_node, cones[cone].nodes);
  }
  [[nodiscard]] std::span<const SpineTerm> terms_of(std::uint32_t cone) const {
    return std::span(terms).subspan(cones[cone].first_term, cones[cone].terms);
  }
};

/// What an earlier search has shown of an instruction.
enum class Known : std::uint8_t {
  nothing,
  apart,  ///< a term that makes no loop together with its neighbours
  free    ///< it is in no loop: neither as a term nor as a part of one
};

/// Sums of at least `fewest_rounds` terms, outermost first: what belongs to a term is not searched for
/// further sums. Only what does not vary is looked at. O(instructions). `known` may be empty.
Cones find_cones(const Code& code, std::span<const Known> known = {});

/// Whether such an instruction may be in a loop: it computes its result from its operands, 3 at most.
bool may_be_in_a_round(const Code& code, const Instruction& instruction);

/// Those of an instruction that may be in a loop.
struct Operands {
  std::array<Id, 3> ids{};
  std::uint32_t count = 0;
};
inline Operands operands_of(const Code& code, const Instruction& instruction) {
  if (instruction.op != special::user) {
    return {.ids = {instruction.a, instruction.b, instruction.c},
            .count = static_cast<std::uint32_t>(operand_count(instruction.op))};
  }
  Operands found;
  for (const Id id : code.calls[instruction.a].operands) found.ids[found.count++] = id;
  return found;
}

}  // namespace micrograd::compiler
