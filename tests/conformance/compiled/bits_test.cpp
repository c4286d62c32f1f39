// Random programs, interpreted, give the engine's numbers to the bit, before simplification and after it.
#include <gtest/gtest.h>

#include <bit>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/interpret.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>

#include "../instances.hpp"

namespace micrograd {
namespace {

using random_programs::Draw;
using random_programs::outputs_of;
using Span = std::span<const Value>;
using Indices = std::span<const Index>;

void append(std::vector<double>& row, Indices indices) {
  for (const Index& index : indices) row.push_back(static_cast<double>(index.value()));
}

std::uint64_t bits(double x) { return std::isnan(x) ? 0x7ff8000000000000U : std::bit_cast<std::uint64_t>(x); }

TEST(RandomPrograms, InterpretedAreTheEnginesToTheBitSimplifiedOrNot) {
  const std::uint64_t programs = table_walk::in_a_hurry() ? 240 : table_walk::trials(6000);
  std::vector<int> used(compiler::special::count, 0);
  for (std::uint64_t seed = 0; seed < programs; ++seed) {
    Draw draw(seed);
    const random_programs::Program drawn = draw.program({});
    const std::vector<double> numbers(drawn.leaves.begin() + static_cast<std::ptrdiff_t>(drawn.inputs),
                                      drawn.leaves.end());
    const std::vector<Value> parameters(numbers.begin(), numbers.end());
    std::vector<std::vector<double>> rows(5);
    std::vector<std::vector<Index>> indices(rows.size(), drawn.indices);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = 0; j < drawn.inputs; ++j)
        rows[i].push_back(i == 0 ? drawn.leaves[j] : draw.uniform(-2, 2));
      if (i > 0) indices[i] = draw.some_indices();
      append(rows[i], indices[i]);
    }
    const compiler::Code code = compiler::trace(
        compiler::wrap([&](Span x, Indices i) { return outputs_of(drawn, x, parameters, i); }), rows[0],
        {.inputs = drawn.inputs, .indices = random_programs::indices}, parameters);
    bool squares = false;  // which simplify multiplies, and the last bit may tell
    for (const compiler::Instruction& instruction : code.instructions) {
      ++used[instruction.op];
      squares |= instruction.op == micrograd::code<PowNumber>;
    }
    const compiler::Interpreted found = compiler::interpret(code, rows, numbers);
    const compiler::Interpreted shorter = compiler::interpret(compiler::simplify(code), rows, numbers);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::vector<Value> leaves(rows[i].begin(),
                                      rows[i].begin() + static_cast<std::ptrdiff_t>(drawn.inputs));
      const std::vector<Value> expected = outputs_of(drawn, leaves, parameters, indices[i]);
      for (std::size_t k = 0; k < expected.size(); ++k) {
        ASSERT_EQ(bits(found.rows[i][k]), bits(expected[k].data())) << "program " << seed << ", row " << i;
        if (!squares) {
          ASSERT_EQ(bits(shorter.rows[i][k]), bits(expected[k].data()))
              << "program " << seed << ", row " << i << ", simplified";
        }
      }
    }
  }
  for (std::size_t op = 0; op < Ops::size; ++op) {
    const std::string_view name = compiler::name_of(static_cast<compiler::OpCode>(op));
    if (name == "select" || name == "select_else") continue;  // of a known choice
    EXPECT_GT(used[op], 0) << name << " was never drawn";
  }
  for (const compiler::OpCode op :
       {compiler::special::less, compiler::special::less_equal, compiler::special::greater,
        compiler::special::greater_equal, compiler::special::equal, compiler::special::not_equal,
        compiler::special::select, compiler::special::stop, compiler::special::user, compiler::special::pick,
        compiler::special::data, compiler::special::literal}) {
    EXPECT_GT(used[op], 0) << compiler::name_of(op) << " was never drawn";
  }
}

}  // namespace
}  // namespace micrograd
