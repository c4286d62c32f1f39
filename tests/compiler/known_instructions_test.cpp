// Equal instructions and equal literals are found again, however many there are and whatever they use.
#include <micrograd/compiler/known_instructions.hpp>

#include <limits>

#include <gtest/gtest.h>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {
namespace {

constexpr auto add = static_cast<OpCode>(code<Add>);
constexpr auto multiply = static_cast<OpCode>(code<Multiply>);

/// The place of the instruction, which is appended if it is new.
Id place_of(KnownInstructions& known, Code& code, const Instruction& instruction) {
  Id& slot = known.slot_of(code, instruction);
  if (slot == none) slot = code.append(instruction);
  return slot;
}

Code program_of_parameters(Id count) {
  Code program;
  for (Id i = 0; i < count; ++i) program.append({.op = special::parameter, .a = i});
  return program;
}

TEST(KnownInstructions, AreFoundAgainEachOnItsOwn) {
  Code program = program_of_parameters(100);
  KnownInstructions known(300);
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (Id i = 1; i < 100; ++i) {
      EXPECT_EQ(place_of(known, program, {.op = add, .a = i - 1, .b = i}), 98 + 2 * i);
      EXPECT_EQ(place_of(known, program, {.op = multiply, .a = i - 1, .b = i}), 99 + 2 * i);
    }
  }
}

TEST(KnownInstructions, AreFoundAgainWhereAllUseOneResult) {
  constexpr Id count = 5000;
  Code program = program_of_parameters(count);
  KnownInstructions known(2 * count);
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (Id i = 0; i < count; ++i) {
      EXPECT_EQ(place_of(known, program, {.op = multiply, .a = i, .b = count - 1}), count + i);
    }
  }
}

TEST(KnownInstructions, MayUseMoreResultsThanWereExpected) {
  constexpr Id count = 1000;
  Code program = program_of_parameters(count);
  KnownInstructions known(0);
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (Id i = 0; i < count; ++i) {
      EXPECT_EQ(place_of(known, program, {.op = multiply, .a = i, .b = i}), count + i);
    }
  }
}

TEST(Code, TellsItsLiteralsApartByTheirBits) {
  Code program;
  std::vector<double> numbers{0.0, -0.0, std::numeric_limits<double>::quiet_NaN(),
                              -std::numeric_limits<double>::quiet_NaN(),
                              std::numeric_limits<double>::infinity()};
  for (int i = 1; i <= 1000; ++i) numbers.push_back(i);
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (Id i = 0; i < numbers.size(); ++i) EXPECT_EQ(program.literal(numbers[i]), i);
  }
  Code copy = program;
  EXPECT_EQ(copy.literal(-0.0), 1U);
  EXPECT_EQ(copy.literal(0.5), numbers.size());
}

}  // namespace
}  // namespace micrograd::compiler
