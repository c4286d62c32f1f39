// The list of instructions, and what the kinds are called.
#include <micrograd/compiler/code.hpp>

#include <array>
#include <bit>

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

}  // namespace

std::size_t operand_count(OpCode op) { return kinds[op].operands; }
std::string_view name_of(OpCode op) { return kinds[op].name; }

std::string_view sign_of(OpCode comparison) {
  constexpr std::array<std::string_view, 6> signs{"<", "<=", ">", ">=", "==", "!="};
  return signs[comparison - special::less];
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
