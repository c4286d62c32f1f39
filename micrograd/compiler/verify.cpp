// Two programs are compared instruction by instruction, and numbers by their bits.
#include <micrograd/compiler/verify.hpp>

#include <algorithm>
#include <bit>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

bool branch_alike(const Code& first, const Code& second) {
  return std::ranges::equal(first.guards, second.guards, {}, &Guard::truth, &Guard::truth);
}

bool have_the_same_operations(const Code& first, const Code& second) {
  return std::ranges::equal(first.instructions, second.instructions, {}, &Instruction::op, &Instruction::op);
}

/// Calls `f` with the first pair of numbers that differ.
template <class F> void find_other_numbers(const Code& first, const Code& second, F&& f) {
  const auto bits = [](double x) { return std::bit_cast<std::uint64_t>(x); };
  for (Id id = 0; id < first.size(); ++id) {
    if (!first.is_number(id) || bits(first.number(id)) == bits(second.number(id))) continue;
    f(engine::describe_number(first.number(id)), engine::describe_number(second.number(id)));
  }
}

[[noreturn]] void refuse_other_operations(std::string_view who, const Code& first, const Code& second) {
  throw UsageError(std::string(who) +
                   ": the function does something else at its second run, and not by a comparison of Values "
                   "(got " +
                   std::to_string(first.size()) + " and then " + std::to_string(second.size()) +
                   " operations); what it depends on must be its inputs or parameters");
}

}  // namespace

void verify_repeated(std::string_view who, const Code& first, const Code& second) {
  if (!branch_alike(first, second) || !have_the_same_operations(first, second)) {
    refuse_other_operations(who, first, second);
  }
  find_other_numbers(first, second, [who](const std::string& x, const std::string& y) {
    throw UsageError(std::string(who) +
                     ": a plain number in the function changes from run to run, and would be a constant of "
                     "the program (got " +
                     x + " and then " + y + "); make it an input or a parameter");
  });
  if (!same_program(first, second)) refuse_other_operations(who, first, second);
}

void verify_general(std::string_view who, const Code& first, const Code& second) {
  if (!branch_alike(first, second)) return;
  if (!have_the_same_operations(first, second)) refuse_other_operations(who, first, second);
  find_other_numbers(first, second, [who](const std::string& x, const std::string& y) {
    throw UsageError(std::string(who) +
                     ": a plain number in the function follows its inputs, and would be a constant of the "
                     "program (got " +
                     x + " and, for other inputs, " + y + "); compute it from the Values");
  });
}

}  // namespace micrograd::compiler
