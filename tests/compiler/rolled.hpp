// What the tests of loops found in the source share: programs on parameters, and their numbers and slopes
// with and without loops.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/derive.hpp>
#include <micrograd/compiler/differentiate.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/interpret.hpp>
#include <micrograd/compiler/roll.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>
#include <micrograd/engine/reductions.hpp>

#include "written_code.hpp"

namespace micrograd::compiler {

using Span = std::span<const Value>;
using Numbers = std::vector<double>;

/// Numbers that look drawn, the same ones each time.
inline double number(std::size_t i) { return std::sin(static_cast<double>(i * i % 9973) + 0.3); }
inline Numbers numbers(std::size_t count, std::size_t from = 0) {
  Numbers list(count);
  for (std::size_t i = 0; i < count; ++i) list[i] = number(from + i);
  return list;
}

/// The program of f(parameters), and what its parameters are.
struct Traced {
  std::vector<Value> parameters;
  Code code;

  template <class F> Traced(const Numbers& of_parameters, F f) {
    for (const double x : of_parameters) parameters.emplace_back(x);
    code = trace(wrap([&](Span) { return f(Span(parameters)); }), {}, {}, parameters);
  }
  [[nodiscard]] Numbers data() const {
    Numbers list;
    for (const Value& parameter : parameters) list.push_back(parameter.data());
    return list;
  }
};

/// The outputs on parameters alone.
inline Numbers outputs_of(const Code& code, const Numbers& parameters) {
  return interpret(code, std::vector<Numbers>(1), parameters).uniform;
}

inline void expect_near(const Numbers& found, const Numbers& expected, double tolerance = 1e-12) {
  ASSERT_EQ(found.size(), expected.size());
  double size = 1;
  for (const double x : expected) {
    if (std::isfinite(x)) size = std::max(size, std::abs(x));
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isfinite(expected[i])) {
      ASSERT_NEAR(found[i], expected[i], tolerance * size) << "output " << i;
    } else {
      ASSERT_TRUE(found[i] == expected[i] || (std::isnan(found[i]) && std::isnan(expected[i])))
          << "output " << i << ": " << found[i] << ", expected " << expected[i];
    }
  }
}

inline std::vector<std::size_t> rounds_of(const Code& code) {
  std::vector<std::size_t> list;
  for (const Loop& loop : code.loops) list.push_back(loop.rounds);
  return list;
}

/// Instructions, those in loops apart.
inline std::size_t uniform_instructions(const Code& code) {
  return static_cast<std::size_t>(std::ranges::count(code.varying, LoopNumber{0}));
}

/// Value and gradient are the same, before and after the derivative is simplified, in loops or not.
inline Code expect_same_rolled(const Traced& traced) {
  const Code rolled = roll(traced.code);
  const Numbers at = traced.data();
  expect_near(outputs_of(rolled, at), outputs_of(traced.code, at));
  const Shape shape{.parameters = at.size()};
  const Numbers expected = outputs_of(derive(traced.code, Want::backward, shape, Reduce::sum), at);
  const Code derived = derive(rolled, Want::backward, shape, Reduce::sum);
  expect_near(outputs_of(derived, at), expected);
  expect_near(outputs_of(simplify(derived), at), expected);
  if (::testing::Test::HasFailure() && rolled.size() < 200) ADD_FAILURE() << dump(rolled);
  return rolled;
}

/// The gradient's derivative in one direction.
inline Numbers second_derivatives(Code code, const Numbers& parameters) {
  std::vector<Id> wanted;
  for (Id id = 0; id < parameters.size(); ++id) wanted.push_back(id);
  const Id one = code.literal(1);
  const std::vector<Id> gradient =
      differentiate(code, std::span(code.outputs).first(1), std::span(&one, 1), wanted);
  std::vector<Id> direction;
  for (std::size_t i = 0; i < gradient.size(); ++i) direction.push_back(code.literal(number(7 * i + 1)));
  code.outputs = differentiate(code, gradient, direction, wanted);
  return outputs_of(code, parameters);
}

/// A sum of so many terms.
inline Value sum_of(Span p, std::size_t terms) {
  Value loss;
  for (std::size_t i = 0; i < terms; ++i) loss += exp(p[0] * number(i));
  return loss;
}

}  // namespace micrograd::compiler
