// Programs written by hand, for tests of single passes.
#pragma once

#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/reference.hpp>

namespace micrograd::compiler {

template <class Op> inline constexpr OpCode op = static_cast<OpCode>(micrograd::code<Op>);

/// A program on inputs x and y, written with References.
template <class F> Code written(F f) {
  Code code;
  const Reference x(code, code.append({.op = special::input, .a = 0}));
  const Reference y(code, code.append({.op = special::input, .a = 1}));
  const Reference result = f(x, y);
  code.outputs = {result.in(code)};
  return code;
}

inline Id append(const Reference& x, OpCode kind) {
  return x.code()->append({.op = kind, .a = x.in(*x.code())});
}

inline std::size_t count(const Code& code, OpCode kind) {
  std::size_t found = 0;
  for (const Instruction& instruction : code.instructions) found += instruction.op == kind ? 1 : 0;
  return found;
}

}  // namespace micrograd::compiler
