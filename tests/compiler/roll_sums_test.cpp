// Which terms of a sum become rounds of a loop, and which stay as they are.
#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RollSums, ASumOfFewTermsIsLeftAlone) {
  const Traced few(numbers(1), [](Span p) { return sum_of(p, 15); });
  EXPECT_TRUE(same_program(roll(few.code), few.code));
  const Traced enough(numbers(1), [](Span p) { return sum_of(p, 16); });
  EXPECT_THAT(rounds_of(expect_same_rolled(enough)), ElementsAre(16));
}

TEST(RollSums, ASumThatGathersMoreThanItComputesIsLeftAlone) {
  const Traced traced(numbers(60), [](Span p) { return dot(p.first(30), p.subspan(30)); });
  EXPECT_TRUE(same_program(roll(traced.code), traced.code));
}

TEST(RollSums, ATermThatIsUsedTwiceStaysOutside) {
  const Traced traced(numbers(1), [](Span p) {
    std::vector<Value> terms;
    terms.reserve(20);
    for (std::size_t i = 0; i < 20; ++i) terms.push_back(exp(p[0] * number(i)));
    return sum(terms) * terms[7];
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(19));
  EXPECT_EQ(count(rolled, op<Exp>), 2U);
}

TEST(RollSums, ATermThatIsAddedTwiceIsStillRight) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss = sum_of(p, 20);
    const Value twice = tanh(p[0]);
    return loss + twice + twice;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(20));
}

TEST(RollSums, SubtractedTermsMakeALoopThatIsSubtracted) {
  for (const bool by_turns : {false, true}) {
    const Traced traced(numbers(1), [&](Span p) {
      Value loss;
      for (std::size_t i = 0; i < 40; ++i) {
        const Value term = exp(p[0] * number(i));
        if (by_turns && i % 2 == 0) {
          loss += term;
        } else {
          loss -= term;
        }
      }
      return loss;
    });
    EXPECT_EQ(roll(traced.code).loops.size(), by_turns ? 2U : 1U);
    expect_same_rolled(traced);
  }
}

TEST(RollSums, WhatASumIsSubtractedFromHasTheSignsTurned) {
  const Traced traced(numbers(2), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 20; ++i) loss = exp(p[0] * number(i)) - loss;
    for (std::size_t i = 0; i < 20; ++i) loss = sin(p[1] * number(i)) + loss;
    return 3.0 - loss;
  });
  expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(roll(traced.code)), ElementsAre(20));
}

TEST(RollSums, NegatedTermsAreRounds) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss = 2;
    for (std::size_t i = 0; i < 40; ++i) loss += -log(exp(p[0] * number(i)) + 1.0);
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(40));
}

TEST(RollSums, TermsOfTwoKindsMakeTwoLoops) {
  const Traced traced(numbers(2), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 64; ++i) {
      loss += i % 3 == 0 ? exp(p[0] * number(i)) : sin(p[1] * number(i)) * number(i + 1);
    }
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(22, 42));
}

TEST(RollSums, TermsThatAreLikeNoOthersStayInTheSum) {
  const Traced traced(numbers(2), [](Span p) {
    Value loss = cosh(p[1]);
    for (std::size_t i = 0; i < 30; ++i) {
      loss += i == 11 ? tanh(p[0]) * p[1] : exp(p[0] * number(i));
      if (i == 20) loss -= atan(p[1]);
    }
    return loss;
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(29));
  EXPECT_EQ(count(rolled, op<Tanh>), 1U);
}

/// Of chains of several lengths, as of a batch of sequences.
TEST(RollSums, TermsOfSeveralLengthsMakeALoopEach) {
  const Traced traced(numbers(2), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 60; ++i) {
      Value state = number(i);
      for (std::size_t t = 0; t < 2 + i % 3; ++t) state = tanh(p[0] * state + p[1] * number(i + t));
      loss += state * state;
    }
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(20, 20, 20));
}

TEST(RollSums, TheFirstTermOfASumIsNotTakenForASum) {
  const auto term = [](Span p, std::size_t i) {
    return log(exp(p[0] * number(i)) + 2.0) + p[1] * number(i) - cos(p[0] + number(i));
  };
  for (const bool from_zero : {true, false}) {
    for (const bool on_the_left : {true, false}) {
      const Traced traced(numbers(2), [&](Span p) {
        std::vector<Value> terms;
        terms.reserve(30);
        for (std::size_t i = 0; i < 30; ++i) terms.push_back(term(p, i));
        Value loss = from_zero ? Value() : terms[0];
        for (std::size_t i = from_zero ? 0 : 1; i < terms.size(); ++i) {
          loss = on_the_left ? terms[i] + loss : loss + terms[i];
        }
        return loss;
      });
      EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(30));
    }
  }
}

TEST(RollSums, LooksIntoTermsThatMakeNoLoop) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t k = 0; k < 20; ++k) {
      Value inner;
      for (std::size_t i = 0; i < 20 + k; ++i) inner += exp(p[0] * number(i + k));
      loss += sqrt(inner);
    }
    return loss;
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_EQ(rolled.loops.size(), 20U);
  EXPECT_THAT(rounds_of(rolled), ::testing::Contains(39U));
}

TEST(RollSums, ALoopWithinARoundIsLeftAsItIs) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t k = 0; k < 20; ++k) {
      Value inner;
      for (std::size_t i = 0; i < 20; ++i) inner += exp(p[0] * number(i + 20 * k));
      loss += sqrt(inner);
    }
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(20));
}

/// Also where the inner sum could be taken for a part of the outer one.
TEST(RollSums, ARoundMayBeALongSum) {
  const Traced traced(numbers(20), [](Span p) {
    Value loss;
    for (std::size_t k = 0; k < 18; ++k) {
      Value inner = number(k);
      for (std::size_t i = 0; i < p.size(); ++i) inner += p[i] * number(i + 20 * k);
      loss += inner;
    }
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(18));
}

TEST(RollSums, NaNsAndInfinitiesAreThoseOfTheLongProgram) {
  const auto program = [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 20; ++i) {
      const Value& x = p[i % p.size()];
      loss += select(x > 0.5, sqrt(x - 0.5), x * x) * pow(x, 0.5) / (1.0 + x);
    }
    return loss;
  };
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -0.0, -1.0, 0.5, inf, -inf, std::nan(""), 1e308}) {
    const Traced traced({0.25, bad, 2}, program);
    expect_same_rolled(traced);
    EXPECT_EQ(roll(traced.code).loops.size(), 1U);
  }
}

struct Twice {
  static constexpr OpInfo info{.name = "scaled", .formula = "2 x", .derivative = "2"};
  template <class T> static T value(T x) { return x * T(2); }
  template <class T> static T dx(T /*x*/, T /*r*/) { return T(2); }
};
struct Thrice {
  static constexpr OpInfo info{.name = "scaled", .formula = "3 x", .derivative = "3"};
  template <class T> static T value(T x) { return x * T(3); }
  template <class T> static T dx(T /*x*/, T /*r*/) { return T(3); }
};

/// The hash that brings terms together does not tell users' rows apart: the comparison must.
TEST(RollSums, TermsWithTheSameHashAreCompared) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 50; ++i) {
      const Value x = exp(p[0] * number(i));
      loss += i % 5 < 2 ? apply<Twice>(x) : apply<Thrice>(x);
    }
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(20, 30));
}

/// Nor does it say where operands come from.
TEST(RollSums, NumbersOfTheSourceDataAndResultsAreNotTheSame) {
  const Traced traced(numbers(2), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 80; ++i) {
      const Value& by = i % 4 == 0 ? p[1] : Value(number(i));
      const Value product = i % 4 == 1 ? p[0] * number(i) : p[0] * by;
      loss += i % 4 == 2 ? sin(product) * product : sin(product) * by;
    }
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(20, 20, 20, 20));
}

/// Nor does it say which of the round's results an operand is.
TEST(RollSums, TermsThatAreWiredOtherwiseAreAnotherLoop) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 60; ++i) {
      std::vector<Value> x{exp(p[0] * number(i))};
      for (std::size_t k = 0; k < 10; ++k) {
        const Value& last = x.back();
        x.push_back(i % 2 == 0 ? sin(last) * last : sin(last) * x[0]);
      }
      loss += x.back();
    }
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(30, 30));
}

TEST(RollSums, NothingIsFoundInWhatHasNoLongSum) {
  const Traced traced(numbers(3), [](Span p) {
    Value x = p[0];
    for (std::size_t i = 0; i < 100; ++i) x = tanh(p[1] * x + p[2]);
    return x;
  });
  const Code rolled = roll(traced.code);
  EXPECT_TRUE(same_program(rolled, traced.code));
  EXPECT_THAT(rolled.loops, IsEmpty());
}

TEST(RollSums, ALongSumInWhichNothingIsComputedCostsLittle) {
  Code code;
  for (Id i = 0; i < 300'000; ++i) code.append({.op = special::parameter, .a = i});
  Id sum = 0;
  for (Id i = 1; i < 300'000; ++i) sum = code.append({.op = op<Add>, .a = sum, .b = i});
  code.outputs = {sum};
  EXPECT_TRUE(same_program(roll(code), code));
}

TEST(RollSums, AMillionTermsAreNoDanger) {
  Code code;
  const Id p = code.append({.op = special::parameter, .a = 0});
  Id sum = none;
  for (std::size_t i = 0; i < 1'000'000; ++i) {
    const Id term = code.append({.op = op<Tanh>, .a = p});
    sum = sum == none ? term : code.append({.op = op<Add>, .a = sum, .b = term});
  }
  code.outputs = {sum};
  const Code rolled = roll(code);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(1'000'000));
  EXPECT_EQ(rolled.size(), 3U);
}

}  // namespace
}  // namespace micrograd::compiler
