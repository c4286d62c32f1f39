// The compiler's one form of a program: a list of instructions, each on the results of earlier ones. Every
// pass takes such a list and gives one; derivatives are more instructions of the same kinds.
#pragma once

#include <array>
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

/// Whatever is computed again and again: 0 is no loop, `rows_loop` goes over the rows that a program is run
/// on, 2 and more are loops found in the source, `loops[number - 2]`.
using LoopNumber = std::uint16_t;
inline constexpr LoopNumber rows_loop = 1;
inline constexpr LoopNumber first_found_loop = 2;

/// A loop found in the source.
struct Loop {
  std::size_t rounds = 0;
  bool operator==(const Loop&) const = default;
};

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
  select,       ///< b where a is not 0, else c
  total,        ///< the sum of a over all rounds of loop b (not an operand)
  total_where,  ///< the same over the rounds in which b is the whole number c (not an operand)
  stop,         ///< a, but no gradient flows back through it
  user,         ///< a row outside the table; operands are listed in `calls`
  pick,         ///< the value at place b of list a (a place in `lists`); NaN if there is none
  column,       ///< a number for each round of loop b; operand a: which of `columns`
  dot,          ///< a sum of products: b of the `products`, from the one at a on
  greatest,     ///< of list a (a place in `lists`), as one `max` after the other gives it
  least,        ///< the same with `min`
  which,        ///< the place in list a of what `greatest` takes, or `least`, which b says (not an operand)
  is_place,     ///< 1 where a is the whole number b (not an operand), else 0
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

/// A term of a sum: ± factor * (x * y). What is `none` stands for 1, but not all three are. Only
/// x and y may vary from row to row.
struct Product {
  bool minus = false;
  Id factor = none;
  Id x = none;
  Id y = none;

  bool operator==(const Product&) const = default;
};

/// A branch of the source: the program holds for rows on which this comparison has this truth.
struct Guard {
  Id comparison = 0;
  bool truth = false;
};

/// A column of the row that holds a whole number, and from how many values the function picks by it.
struct IndexColumn {
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  Id column = 0;
  std::size_t size = unlimited;  ///< the least of them; unlimited where it picks nothing
  bool operator==(const IndexColumn&) const = default;
};

/// The whole numbers that are told apart in a double, and in a float where they are.
inline constexpr double largest_whole = 9007199254740992.0;

/// Whether a row may have this number there.
bool is_allowed(const IndexColumn& index, double number);
/// What is allowed, in words.
std::string expected_of(const IndexColumn& index);
/// `where`: of which function, in which row.
[[noreturn]] void refuse_index(const std::string& where, std::string_view label, const IndexColumn& index,
                               double number);

/// How a program is called: its columns are instructions 0, 1, … in order, then the parameters.
struct Shape {
  std::size_t inputs = 0;
  std::size_t targets = 0;
  std::size_t indices = 0;
  std::size_t parameters = 0;

  [[nodiscard]] std::size_t columns() const { return inputs + targets + indices; }
};

struct Code {
  std::vector<Instruction> instructions;
  std::vector<LoopNumber> varying;  ///< the loop from round to round of which the result may differ
  std::vector<Loop> loops;
  bool is_for_one_row = false;  ///< inputs do not vary then
  std::vector<double> literals;
  std::vector<Call> calls;
  std::vector<std::vector<Id>> lists;  ///< what is picked from, each list once
  std::vector<Product> products;
  std::vector<std::vector<double>> columns;  ///< a number for each round, each column once
  std::vector<Id> outputs;
  std::vector<Guard> guards;
  std::vector<IndexColumn> indices;
  std::unordered_map<Id, std::string> labels;

  /// No instruction may have operands of two loops. A total that names no loop is over that of its operand,
  /// or over the rows.
  Id append(Instruction instruction);
  /// One of which it is known from round to round of which loop it varies; for a total nothing is filled in.
  Id append(const Instruction& instruction, LoopNumber loop) {
    if (instructions.size() >= none) refuse_length();
    instructions.push_back(instruction);
    varying.push_back(loop);
    return static_cast<Id>(instructions.size() - 1);
  }
  void reserve(std::size_t count);
  /// The literal; one instruction for each number, told apart by its bits.
  Id literal(double number);
  /// The place of a list of results.
  Id list(std::vector<Id> ids);
  /// The place of a column, told apart by its bits.
  Id column(std::vector<double> numbers);
  /// An instruction of another program for this one, its operands by `place`; a call, list or column comes
  /// along. (A number or a loop does not.)
  Instruction taken_from(const Code& other, Instruction instruction, std::span<const Id> place);

  /// Appends the same instruction of another program, a number of it too.
  Id append_from(const Code& other, Id id, std::span<const Id> place);

  /// The labels of what has a place here, `none` being nowhere; of several with one place the first one's.
  void take_labels(const Code& other, std::span<const Id> place);

  [[nodiscard]] std::size_t size() const { return instructions.size(); }
  [[nodiscard]] bool is_number(Id id) const {
    return instructions[id].op == special::literal || instructions[id].op == special::data;
  }
  [[nodiscard]] double number(Id id) const { return literals[instructions[id].a]; }
  [[nodiscard]] std::span<const Product> products_of(const Instruction& dot) const {
    return std::span(products).subspan(dot.a, dot.b);
  }
  /// How often a loop goes round on so many rows.
  [[nodiscard]] std::size_t rounds(LoopNumber loop, std::size_t rows) const {
    return loop < first_found_loop ? (loop == rows_loop ? rows : 1) : loops[loop - first_found_loop].rounds;
  }
  /// The loop that a total goes over.
  [[nodiscard]] LoopNumber loop_of_total(const Instruction& instruction) const;

 private:
  [[noreturn]] static void refuse_length();
  [[nodiscard]] Id& slot_of(double literal);

  std::vector<Id> known_literals_;  ///< by a hash of their bits; open addressing
  std::size_t literals_known_ = 0;
  std::unordered_multimap<std::uint64_t, Id> known_lists_, known_columns_;  ///< by a hash
};

/// How many of a, b, c are results of other instructions, by kind; 0 where they are listed elsewhere.
inline constexpr auto operand_counts = [] {
  std::array<std::uint8_t, special::count> list{};
  for_each_op([&list]<class Op>() { list[code<Op>] = static_cast<std::uint8_t>(arity<Op>); });
  for (OpCode op = special::less; op <= special::not_equal; ++op) list[op] = 2;
  list[special::select] = 3;
  list[special::total] = 1;
  list[special::total_where] = 2;
  list[special::stop] = 1;
  list[special::is_place] = 1;
  return list;
}();
constexpr std::size_t operand_count(OpCode op) { return operand_counts[op]; }
/// The name of a row or special kind.
std::string_view name_of(OpCode op);
/// A row's value, by its own formula; operands that it does not have are ignored.
double evaluate_row(OpCode op, double x, double y, double z);
/// What is taken of a list, by comparing.
constexpr bool is_of_list(OpCode op) {
  return op == special::greatest || op == special::least || op == special::which;
}
constexpr bool is_comparison(OpCode op) { return op >= special::less && op <= special::not_equal; }

/// Calls `f(id)` for each operand that is a result, in order, repeats kept.
template <class F>
void for_each_operand(const Code& code, const Instruction& instruction, F&& f) {
  if (instruction.op == special::user) {
    for (const Id id : code.calls[instruction.a].operands) f(id);
    return;
  }
  if (instruction.op == special::pick) {
    for (const Id id : code.lists[instruction.a]) f(id);
    f(instruction.b);
    return;
  }
  if (is_of_list(instruction.op)) {
    for (const Id id : code.lists[instruction.a]) f(id);
    return;
  }
  if (instruction.op == special::dot) {
    for (const Product& term : code.products_of(instruction)) {
      for (const Id id : {term.factor, term.x, term.y}) {
        if (id != none) f(id);
      }
    }
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
