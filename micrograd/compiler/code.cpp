// The list of instructions, and what the kinds are called.
#include <micrograd/compiler/code.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>

#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

struct KindInfo {
  std::string_view name;
  std::uint8_t operands;
};

constexpr auto kinds = [] {
  std::array<KindInfo, special::count> list{};
  for_each_op(
      [&list]<class Op>() { list[code<Op>] = {Op::info.name, static_cast<std::uint8_t>(arity<Op>)}; });
  list[special::literal] = {"literal", 0};
  list[special::data] = {"data", 0};
  list[special::input] = {"input", 0};
  list[special::parameter] = {"parameter", 0};
  list[special::rows] = {"rows", 0};
  list[special::share] = {"share", 0};
  list[special::less] = {"less", 2};
  list[special::less_equal] = {"less_equal", 2};
  list[special::greater] = {"greater", 2};
  list[special::greater_equal] = {"greater_equal", 2};
  list[special::equal] = {"equal", 2};
  list[special::not_equal] = {"not_equal", 2};
  list[special::select] = {"where", 3};
  list[special::total] = {"total", 1};
  list[special::stop] = {"stop", 1};
  list[special::user] = {"user", 0};
  return list;
}();

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

std::size_t operand_count(OpCode op) { return kinds[op].operands; }
std::string_view name_of(OpCode op) { return kinds[op].name; }

std::string_view sign_of(OpCode comparison) {
  constexpr std::array<std::string_view, 6> signs{"<", "<=", ">", ">=", "==", "!="};
  return signs[comparison - special::less];
}

bool same_program(const Code& x, const Code& y) {
  const auto bits = [](double number) { return std::bit_cast<std::uint64_t>(number); };
  return x.outputs == y.outputs &&
         std::ranges::equal(x.instructions, y.instructions,
                            [](const Instruction& i, const Instruction& j) {
                              return i.op == j.op && i.a == j.a && i.b == j.b && i.c == j.c;
                            }) &&
         std::ranges::equal(x.literals, y.literals, std::equal_to{}, bits, bits) &&
         std::ranges::equal(
             x.calls, y.calls,
             [](const Call& i, const Call& j) { return i.rule == j.rule && i.operands == j.operands; }) &&
         std::ranges::equal(x.guards, y.guards, [](const Guard& i, const Guard& j) {
           return i.comparison == j.comparison && i.truth == j.truth;
         });
}

Id Code::append(Instruction instruction) {
  if (instructions.size() >= none) throw UsageError("compile: the program is too long (got 2^32 operations)");
  bool varies = instruction.op == special::input;
  if (instruction.op != special::total) {
    for_each_operand(*this, instruction, [&](Id id) { varies |= varying[id] != 0; });
  }
  instructions.push_back(instruction);
  varying.push_back(varies ? 1 : 0);
  return static_cast<Id>(instructions.size() - 1);
}

Id Code::literal(double number) {
  const auto [at, is_new] = known_literals_.try_emplace(std::bit_cast<std::uint64_t>(number), Id{0});
  if (is_new) {
    at->second = append({.op = special::literal, .a = static_cast<Id>(literals.size())});
    literals.push_back(number);
  }
  return at->second;
}

}  // namespace micrograd::compiler
