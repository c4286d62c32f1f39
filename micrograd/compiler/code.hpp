// The compiler's one form of a program: a list of instructions, each on the results of earlier ones. Every
// pass takes such a list and gives one; derivatives are more instructions of the same kinds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <micrograd/engine/custom_rule.hpp>
#include <micrograd/engine/watcher.hpp>
#include <micrograd/ops.hpp>

namespace micrograd::compiler {

/// A row's code, or one of the kinds below.
using OpCode = std::uint16_t;

/// What a program has beyond the rows of the table.
namespace special {
enum : OpCode {
  literal = Ops::size,  ///< a number of the source; operand a: its place among the literals
  data,                 ///< a number that a leaf was made of; stored as a literal, but never simplified upon
  input,                ///< a column of the row; operand a: which
  parameter,            ///< operand a: which
  rows,                 ///< how many rows the whole batch has
  share,                ///< the part of the rows that this program is run on
  less,                 ///< comparisons: 1 or 0, in the order of engine::Relation
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  select,  ///< b where a is not 0, else c
  total,   ///< the sum of a over all rows
  stop,    ///< a, but no gradient flows back through it
  user,    ///< a row outside the table; operands are listed in `calls`
  count
};
}  // namespace special

/// The result of an instruction: its position.
using Id = std::uint32_t;
inline constexpr Id none = std::numeric_limits<Id>::max();

struct Instruction {
  OpCode op = 0;
  Id a = 0;
  Id b = 0;
  Id c = 0;
};

/// An instruction of a user's own row.
struct Call {
  const engine::Rule* rule = nullptr;
  std::string name;
  std::vector<Id> operands;
};

/// A branch of the source: the program holds for rows on which this comparison has this truth.
struct Guard {
  Id comparison = 0;
  bool truth = false;
};

struct Code {
  std::vector<Instruction> instructions;
  std::vector<std::uint8_t> varying;  ///< 1 where the result may differ from row to row
  std::vector<double> literals;
  std::vector<Call> calls;
  std::vector<Id> outputs;
  std::vector<Guard> guards;
  std::unordered_map<Id, std::string> labels;

  Id append(Instruction instruction);
  /// The literal; one instruction for each number, told apart by its bits.
  Id literal(double number);

  [[nodiscard]] std::size_t size() const { return instructions.size(); }
  [[nodiscard]] bool is_number(Id id) const {
    return instructions[id].op == special::literal || instructions[id].op == special::data;
  }
  [[nodiscard]] double number(Id id) const { return literals[instructions[id].a]; }

 private:
  std::unordered_map<std::uint64_t, Id> known_literals_;
};

/// How many of a, b, c are results of other instructions.
std::size_t operand_count(OpCode op);
/// The name of a row or special kind.
std::string_view name_of(OpCode op);
/// A row's value, by its own formula; operands that it does not have are ignored.
double evaluate_row(OpCode op, double x, double y, double z);
constexpr bool is_comparison(OpCode op) { return op >= special::less && op <= special::not_equal; }

/// Calls `f(id)` for each operand that is a result, in order, repeats kept.
template <class F>
void for_each_operand(const Code& code, const Instruction& instruction, F&& f) {
  if (instruction.op == special::user) {
    for (const Id id : code.calls[instruction.a].operands) f(id);
    return;
  }
  const std::size_t count = operand_count(instruction.op);
  if (count > 0) f(instruction.a);
  if (count > 1) f(instruction.b);
  if (count > 2) f(instruction.c);
}

/// Calls `f(operand)` with a reference to each of them, so that they can be changed.
template <class F>
void change_operands(Code& code, Instruction& instruction, F&& f) {
  if (instruction.op == special::user) {
    for (Id& id : code.calls[instruction.a].operands) f(id);
    return;
  }
  const std::size_t count = operand_count(instruction.op);
  if (count > 0) f(instruction.a);
  if (count > 1) f(instruction.b);
  if (count > 2) f(instruction.c);
}

/// `comparison` holds between x and y.
constexpr bool holds(OpCode comparison, auto x, auto y) {
  switch (comparison) {
    case special::less:
      return x < y;
    case special::less_equal:
      return x <= y;
    case special::greater:
      return x > y;
    case special::greater_equal:
      return x >= y;
    case special::equal:
      return x == y;
    default:
      return x != y;
  }
}

/// Whether two programs compute the same in the same way, guards included.
bool same_program(const Code& x, const Code& y);

/// The sign of a comparison as it is written.
std::string_view sign_of(OpCode comparison);

}  // namespace micrograd::compiler
