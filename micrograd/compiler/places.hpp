// Where results lie while a schedule is made. Internal to the schedule.
#pragma once

#include <span>
#include <vector>

#include <micrograd/compiler/schedule.hpp>

namespace micrograd::compiler {

/// Where results lie, and how long slots are needed.
class Places {
 public:
  Places(const Code& code, Schedule& schedule);

  std::uint32_t& of(Id id) { return at_[id]; }
  [[nodiscard]] Place place(Id id) const { return {.at = at_[id], .uniform = code_.varying[id] == 0}; }
  std::uint32_t place_in_list(Id id) { return at_[id] = take_places(1); }
  /// The first of so many new places in the list.
  std::uint32_t take_places(std::size_t count);

  Step step_of(Id id);
  /// Where numbers of the list lie if they lie evenly, else where copies will. A row is `columns` of them;
  /// none is 0.
  Matrix matrix_of(std::span<const Id> ids, std::size_t columns, std::vector<Copy>& copies);

  // Of the sweep that is being placed.
  std::vector<Id> last_use;
  std::vector<std::uint32_t> uses;  ///< by members, totals and outputs
  std::vector<Id> pinned_until;     ///< outputs: when the last group that they are in is stored

 private:
  const Code& code_;
  Schedule& schedule_;
  std::vector<std::uint32_t> at_;
};

}  // namespace micrograd::compiler
