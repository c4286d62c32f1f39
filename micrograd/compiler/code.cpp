// The list of instructions, and what the kinds are called.
#include <micrograd/compiler/code.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <functional>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

constexpr auto names = [] {
  std::array<std::string_view, special::count> list{};
  for_each_op([&list]<class Op>() { list[code<Op>] = Op::info.name; });
  list[special::literal] = "literal";
  list[special::data] = "data";
  list[special::input] = "input";
  list[special::parameter] = "parameter";
  list[special::rows] = "rows";
  list[special::share] = "share";
  list[special::less] = "less";
  list[special::less_equal] = "less_equal";
  list[special::greater] = "greater";
  list[special::greater_equal] = "greater_equal";
  list[special::equal] = "equal";
  list[special::not_equal] = "not_equal";
  list[special::select] = "where";
  list[special::total] = "total";
  list[special::total_where] = "total_where";
  list[special::stop] = "stop";
  list[special::user] = "user";
  list[special::pick] = "pick";
  list[special::column] = "column";
  list[special::dot] = "dot";
  list[special::greatest] = "greatest";
  list[special::least] = "least";
  list[special::which] = "which";
  list[special::is_place] = "is_place";
  return list;
}();

std::uint64_t bits_of(double number) { return std::bit_cast<std::uint64_t>(number); }

bool same_numbers(const std::vector<double>& x, const std::vector<double>& y) {
  return std::ranges::equal(x, y, std::equal_to{}, bits_of, bits_of);
}

using Evaluate = double (*)(double x, double y, double z);

/// Every row's value for doubles.
constexpr auto evaluators = [] {
  std::array<Evaluate, Ops::size> list{};
  for_each_op([&list]<class Op>() {
    list[code<Op>] = [](double x, [[maybe_unused]] double y, [[maybe_unused]] double z) {
      if constexpr (arity<Op> == 1) return static_cast<double>(Op::template value<double>(x));
      if constexpr (arity<Op> == 2) return static_cast<double>(Op::template value<double>(x, y));
      if constexpr (arity<Op> == 3) return static_cast<double>(Op::template value<double>(x, y, z));
    };
  });
  return list;
}();

}  // namespace

double evaluate_row(OpCode op, double x, double y, double z) { return evaluators[op](x, y, z); }

std::string_view name_of(OpCode op) { return names[op]; }

std::string_view sign_of(OpCode comparison) {
  constexpr std::array<std::string_view, 6> signs{"<", "<=", ">", ">=", "==", "!="};
  return signs[comparison - special::less];
}

bool same_program(const Code& x, const Code& y) {
  return x.outputs == y.outputs && x.lists == y.lists && x.indices == y.indices && x.loops == y.loops &&
         std::ranges::equal(x.columns, y.columns, same_numbers) &&
         std::ranges::equal(x.instructions, y.instructions,
                            [](const Instruction& i, const Instruction& j) {
                              return i.op == j.op && i.a == j.a && i.b == j.b && i.c == j.c;
                            }) &&
         x.products == y.products && same_numbers(x.literals, y.literals) &&
         std::ranges::equal(
             x.calls, y.calls,
             [](const Call& i, const Call& j) { return i.rule == j.rule && i.operands == j.operands; }) &&
         std::ranges::equal(x.guards, y.guards, [](const Guard& i, const Guard& j) {
           return i.comparison == j.comparison && i.truth == j.truth;
         });
}

Id Code::append(Instruction instruction) {
  const std::size_t operands = operand_count(instruction.op);
  if (instruction.op < Ops::size && operands <= 2) {  // nearly always
    const LoopNumber loop = varying[instruction.a];
    const LoopNumber other_loop = operands == 2 ? varying[instruction.b] : LoopNumber{0};
    assert(loop == 0 || other_loop == 0 || loop == other_loop);
    return append(instruction, loop != 0 ? loop : other_loop);
  }
  LoopNumber loop = instruction.op == special::input && !is_for_one_row ? rows_loop : LoopNumber{0};
  if (instruction.op == special::column) loop = static_cast<LoopNumber>(instruction.b);
  for_each_operand(*this, instruction, [&](Id id) {
    assert(loop == 0 || varying[id] == 0 || varying[id] == loop);
    if (varying[id] != 0) loop = varying[id];
  });
  if (instruction.op == special::total) {
    if (instruction.b == 0) instruction.b = loop != 0 ? loop : rows_loop;
    assert(loop == 0 || loop == instruction.b);
  }
  if (instruction.op == special::total || instruction.op == special::total_where) loop = 0;
  return append(instruction, loop);
}

void Code::refuse_length() { throw UsageError("compile: the program is too long (got 2^32 operations)"); }

void Code::reserve(std::size_t count) {
  instructions.reserve(count);
  varying.reserve(count);
}

Id Code::literal(double number) {
  if (2 * literals_known_ >= known_literals_.size()) {
    std::vector<Id> before(std::max<std::size_t>(16, 4 * known_literals_.size()), none);
    before.swap(known_literals_);
    for (const Id id : before) {
      if (id != none) slot_of(this->number(id)) = id;
    }
  }
  Id& slot = slot_of(number);
  if (slot == none) {
    slot = append({.op = special::literal, .a = static_cast<Id>(literals.size())});
    literals.push_back(number);
    ++literals_known_;
  }
  return slot;
}

Id& Code::slot_of(double literal) {
  const std::size_t last = known_literals_.size() - 1;
  std::size_t at = bits_of(literal) * 0x9e3779b97f4a7c15U >> 32U & last;
  while (known_literals_[at] != none && bits_of(number(known_literals_[at])) != bits_of(literal)) {
    at = (at + 1) & last;
  }
  return known_literals_[at];
}

Id Code::list(std::vector<Id> ids) {
  std::uint64_t hash = ids.size();
  for (const Id id : ids) hash = (hash ^ id) * 0x9e3779b97f4a7c15U;
  const auto [first, last] = known_lists_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    if (lists[at->second] == ids) return at->second;
  }
  const auto place = static_cast<Id>(lists.size());
  known_lists_.emplace(hash, place);
  lists.push_back(std::move(ids));
  return place;
}

Id Code::column(std::vector<double> numbers) {
  std::uint64_t hash = numbers.size();
  for (const double number : numbers) {
    hash = (hash ^ bits_of(number)) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 32U;  // numbers often differ in their highest bits only
  }
  const auto [first, last] = known_columns_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    if (same_numbers(columns[at->second], numbers)) return at->second;
  }
  const auto place = static_cast<Id>(columns.size());
  known_columns_.emplace(hash, place);
  columns.push_back(std::move(numbers));
  return place;
}

LoopNumber Code::loop_of_total(const Instruction& instruction) const {
  if (instruction.op == special::total) return static_cast<LoopNumber>(instruction.b);
  const LoopNumber loop = varying[instruction.a] != 0 ? varying[instruction.a] : varying[instruction.b];
  return loop != 0 ? loop : rows_loop;
}

Instruction Code::taken_from(const Code& other, Instruction instruction, std::span<const Id> place) {
  const auto placed = [place](std::vector<Id> ids) {
    for (Id& id : ids) id = place[id];
    return ids;
  };
  if (instruction.op == special::user) {
    const Call& call = other.calls[instruction.a];
    calls.push_back({.rule = call.rule, .name = call.name, .operands = placed(call.operands)});
    instruction.a = static_cast<Id>(calls.size() - 1);
    return instruction;
  }
  if (instruction.op == special::pick) {
    instruction.a = list(placed(other.lists[instruction.a]));
    instruction.b = place[instruction.b];
    return instruction;
  }
  if (is_of_list(instruction.op)) {
    instruction.a = list(placed(other.lists[instruction.a]));
    return instruction;
  }
  if (instruction.op == special::column) {
    instruction.a = column(other.columns[instruction.a]);
    return instruction;
  }
  const std::size_t count = operand_count(instruction.op);
  if (count > 0) instruction.a = place[instruction.a];
  if (count > 1) instruction.b = place[instruction.b];
  if (count > 2) instruction.c = place[instruction.c];
  return instruction;
}

Id Code::append_from(const Code& other, Id id, std::span<const Id> place) {
  const Instruction& x = other.instructions[id];
  if (x.op == special::literal) return literal(other.number(id));
  Instruction taken = taken_from(other, x, place);
  if (x.op == special::data) {
    literals.push_back(other.number(id));
    taken.a = static_cast<Id>(literals.size() - 1);
  }
  return append(taken);
}

void Code::take_labels(const Code& other, std::span<const Id> place) {
  std::vector<Id> labelled;
  for (const auto& [id, label] : other.labels) {
    if (place[id] != none) labelled.push_back(id);
  }
  std::ranges::sort(labelled);
  for (const Id id : labelled) labels.emplace(place[id], other.labels.at(id));
}

bool is_allowed(const IndexColumn& index, double number) {
  const bool in_range = index.size == IndexColumn::unlimited
                            ? std::abs(number) <= largest_whole
                            : number >= 0 && number < static_cast<double>(index.size);
  return in_range && std::floor(number) == number;
}

std::string expected_of(const IndexColumn& index) {
  if (index.size == IndexColumn::unlimited) return "a whole number";
  return "a whole number, 0 to " + std::to_string(index.size) + " exclusive";
}

void refuse_index(const std::string& where, std::string_view label, const IndexColumn& index, double number) {
  throw UsageError(where + " the index '" + std::string(label) + "' is out of range (got " +
                   engine::describe_number(number) + ", expected " + expected_of(index) + ")");
}

}  // namespace micrograd::compiler
