// Where results lie while a schedule is made. Internal to the schedule.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include <micrograd/compiler/schedule.hpp>

namespace micrograd::compiler {

/// What is special about a result of the sweep that is being placed.
enum class Role : std::uint8_t {
  totalled = 1,        ///< a sum of products that is added to a total at once
  multiplied = 2,      ///< a row of a matrix product
  waiting = 4,         ///< a product that is added up with others
  column_in_slot = 8,  ///< a column that is not read where it lies
  ends_group = 16      ///< the last of a group of outputs
};

/// Where results lie, and how long slots are needed.
class Places {
 public:
  Places(const Code& code, Schedule& schedule);

  std::uint32_t& of(Id id) { return at_[id]; }
  [[nodiscard]] Place place(Id id) const { return {.at = at_[id], .uniform = code_.varying[id] == 0}; }
  std::uint32_t place_in_list(Id id) { return at_[id] = take_places(1); }
  /// The first of so many new places in the list.
  std::uint32_t take_places(std::size_t count);

  [[nodiscard]] bool is(Role role, Id id) const { return (roles[id] & static_cast<std::uint8_t>(role)) != 0; }
  void mark(Role role, Id id) { roles[id] |= static_cast<std::uint8_t>(role); }

  Step step_of(Id id);
  /// Where numbers of the list lie if they lie evenly. A row is `columns` of them.
  [[nodiscard]] std::optional<Matrix> even_matrix(std::span<const Id> ids, std::size_t columns) const;
  /// The same, or where copies will lie evenly; none is 0.
  Matrix matrix_of(std::span<const Id> ids, std::size_t columns, std::vector<Copy>& copies);

  // Of the sweep that is being placed.
  std::vector<Id> last_use;
  std::vector<std::uint32_t> uses;  ///< by members, totals and outputs
  std::vector<std::uint8_t> roles;  ///< what is special about a result: bits of Role
  std::vector<Id> pinned_until;     ///< outputs: when the last group that they are in is stored

 private:
  const Code& code_;
  Schedule& schedule_;
  std::vector<std::uint32_t> at_;
};

}  // namespace micrograd::compiler
