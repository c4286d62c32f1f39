// Terms that are alike become a loop of another program: the instructions of one of them, in which columns
// and picks stand where they differ, and the total.
#pragma once

#include <vector>

#include <micrograd/compiler/align.hpp>
#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/find_cones.hpp>

namespace micrograd::compiler {

/// Where the results of one program are in another. Numbers get there when they are first asked for.
class Moved {
 public:
  Moved(const Code& from, Code& to) : from_(from), to_(to), place_(from.size(), none) {}

  Id operator()(Id id) { return place_[id] != none ? place_[id] : move_number(id); }
  void put(Id id, Id place) { place_[id] = place; }
  /// Appends the instruction, its operands being there already.
  void copy(Id id);
  /// Of the results that are in the other program.
  void keep_labels() const { to_.take_labels(from_, place_); }

 private:
  Id move_number(Id id);

  const Code& from_;
  Code& to_;
  std::vector<Id> place_;
};

/// What the terms of the loop add up to: a result, taken off the sum if `minus`.
struct LoopTotal {
  Id id = none;
  bool minus = false;
};

class LoopWriter {
 public:
  LoopWriter(const Code& from, Code& to, const Cones& cones, Moved& moved)
      : from_(from), to_(to), cones_(cones), moved_(moved) {}

  /// What the rounds need from outside must have been moved. O(instructions of all rounds).
  LoopTotal write(const Rounds& rounds);

 private:
  class Body;

  const Code& from_;
  Code& to_;
  const Cones& cones_;
  Moved& moved_;
  std::vector<std::uint32_t> in_list_;  ///< of each result, while a list is made: its place there
};

}  // namespace micrograd::compiler
