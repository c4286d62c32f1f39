// Finding an equal instruction among those that a program has.
#pragma once

#include <cstdint>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// Places of instructions by what they compute; open addressing, so that a million cost little. Not for calls
/// of a user's own rows, each of which has operands of its own.
class KnownInstructions {
 public:
  explicit KnownInstructions(std::size_t expected) {
    std::size_t size = 64;
    while (size < 2 * expected) size *= 2;
    slots_.assign(size, none);
  }

  /// The slot of an equal instruction, or the empty one where it belongs.
  Id& slot_of(const Code& code, const Instruction& instruction) {
    std::size_t at = hash(instruction) & (slots_.size() - 1);
    while (slots_[at] != none && !equal(code.instructions[slots_[at]], instruction)) {
      at = (at + 1) & (slots_.size() - 1);
    }
    return slots_[at];
  }

 private:
  static bool equal(const Instruction& x, const Instruction& y) {
    return x.op == y.op && x.a == y.a && x.b == y.b && x.c == y.c;
  }
  static std::size_t hash(const Instruction& x) {
    std::uint64_t h = (std::uint64_t{x.a} << 32 | x.b) * 0x9e3779b97f4a7c15U;
    h ^= (std::uint64_t{x.c} << 16 | x.op) * 0xc2b2ae3d27d4eb4fU;
    h ^= h >> 29;
    return (h * 0xbf58476d1ce4e5b9U) >> 20;
  }

  std::vector<Id> slots_;
};

}  // namespace micrograd::compiler
