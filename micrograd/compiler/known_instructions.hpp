// Finding an equal instruction among those that a program has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// Places of instructions by what they compute. Not for calls of a user's own rows, each of which has
/// operands of its own.
///
/// Most instructions use a recent result, so the place in the table follows from the latest operand and a
/// walk over a program is a walk over the table: a million instructions cost little. What finds its window
/// full (a result that many others use) goes into a second table, by a hash; open addressing.
class KnownInstructions {
 public:
  explicit KnownInstructions(std::size_t expected)
      : near_(expected / results_in_window * window + window, none), far_(64, none) {}

  /// The slot of an equal instruction, or the empty one where it belongs, to be filled at once.
  Id& slot_of(const Code& code, const Instruction& instruction) {
    const std::size_t h = hash(instruction);
    const std::size_t latest = std::max({instruction.a, instruction.b, instruction.c});
    const std::size_t first = latest / results_in_window * window;
    if (first < near_.size()) {
      for (std::size_t k = 0; k < window; ++k) {
        Id& slot = near_[first + (h + k) % window];
        if (slot == none || equal(code.instructions[slot], instruction)) return slot;
      }
    }
    return far_slot_of(code, instruction, h);
  }

 private:
  static constexpr std::size_t window = 8;
  static constexpr std::size_t results_in_window = 4;

  static bool equal(const Instruction& x, const Instruction& y) {
    return x.op == y.op && x.a == y.a && x.b == y.b && x.c == y.c;
  }
  static std::size_t hash(const Instruction& x) {
    std::uint64_t h = (std::uint64_t{x.a} << 32 | x.b) * 0x9e3779b97f4a7c15U;
    h ^= (std::uint64_t{x.c} << 16 | x.op) * 0xc2b2ae3d27d4eb4fU;
    h ^= h >> 29;
    return (h * 0xbf58476d1ce4e5b9U) >> 20;
  }

  Id& far_slot_of(const Code& code, const Instruction& instruction, std::size_t h) {
    Id* slot = &far_at(code, instruction, h);
    if (*slot != none) return *slot;
    if (2 * ++far_used_ > far_.size()) {
      std::vector<Id> before(4 * far_.size(), none);
      before.swap(far_);
      for (const Id id : before) {
        if (id != none) far_at(code, code.instructions[id], hash(code.instructions[id])) = id;
      }
      slot = &far_at(code, instruction, h);
    }
    return *slot;
  }
  Id& far_at(const Code& code, const Instruction& instruction, std::size_t h) {
    std::size_t at = h & (far_.size() - 1);
    while (far_[at] != none && !equal(code.instructions[far_[at]], instruction)) {
      at = (at + 1) & (far_.size() - 1);
    }
    return far_[at];
  }

  std::vector<Id> near_, far_;
  std::size_t far_used_ = 0;
};

}  // namespace micrograd::compiler
