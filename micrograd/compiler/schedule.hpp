// In which order a program's instructions run, and where their results lie: once for all rows before, once
// for each block of rows, once for all rows after.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// One instruction with the places of its operands and its result. Results that vary lie in slots, one number
/// for each row of the block; the others in one list for the whole run.
struct Step {
  Id id = 0;  ///< the instruction
  OpCode op = 0;
  std::uint8_t count = 0;    ///< operands
  std::uint8_t uniform = 0;  ///< bit i: operand i is in the list
  std::uint32_t out = 0;
  std::array<std::uint32_t, 3> operands{};
};

/// A result that varies and is wanted by whoever runs the program: of which output, and where it lies.
struct Store {
  std::uint32_t output = 0;
  std::uint32_t slot = 0;
};

/// Totals of one result by the number in one column: a step of `rows` finds them all (its third operand is
/// the place of this among the schedule's).
struct TotalsWhere {
  struct One {
    Id id = 0;
    std::uint32_t number = 0;
    std::uint32_t out = 0;
  };
  std::vector<One> totals;
  std::size_t size = 0;  ///< all numbers are less
};

struct Schedule {
  std::vector<Step> before;  ///< uniform, needed by the rows or by no total
  std::vector<Step> rows;
  std::vector<Step> after;  ///< uniform, depend on totals
  std::size_t slots = 0;
  std::size_t uniforms = 0;
  std::vector<std::uint32_t> place;  ///< of each instruction: slot or place in the list
  std::vector<TotalsWhere> totals_where;
  std::vector<std::vector<Store>> stores;  ///< after rows[i]: what is to be stored
};

/// Throws UsageError if a result that varies needs a total of the same rows.
Schedule make_schedule(const Code& code);

}  // namespace micrograd::compiler
