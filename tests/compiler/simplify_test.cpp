// Simplify alone, on programs written by hand: what it does, and what it must not do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/interpret.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>

#include "../conformance/random_programs.hpp"
#include "written_code.hpp"

namespace micrograd::compiler {
namespace {

using Span = std::span<const Value>;
using ::testing::ElementsAre;

template <class F> std::string simplified(F f, const SimplifyOptions& options = {}) {
  return dump(simplify(written(f), options));
}

Reference number_like(const Reference& x, double number, OpCode kind) {
  Code& code = *x.code();
  if (kind == special::literal) return {code, code.literal(number)};
  code.literals.push_back(number);
  return {code, code.append({.op = special::data, .a = static_cast<Id>(code.literals.size() - 1)})};
}

TEST(Simplify, UsesTheIdentitiesThatAreExact) {
  const char* const x_alone = "%0 = input 0\nreturn %0\n";
  EXPECT_EQ(simplified([](auto x, auto) { return x * 1.0; }), x_alone);
  EXPECT_EQ(simplified([](auto x, auto) { return 1.0 * x; }), x_alone);
  EXPECT_EQ(simplified([](auto x, auto) { return x / 1.0; }), x_alone);
  EXPECT_EQ(simplified([](auto x, auto) { return -(-x); }), x_alone);
  EXPECT_EQ(simplified([](auto x, auto) { return pow(x, 1.0); }), x_alone);
  EXPECT_EQ(simplified([](auto x, auto) { return pow(x, 2.0); }), "%0 = input 0\n%1 = * %0 %0\nreturn %1\n");
  EXPECT_EQ(simplified([](auto x, auto y) {
              return select(Reference(*x.code(), x.code()->literal(1)) > 0.0, x, exp(y));
            }),
            x_alone);
  EXPECT_EQ(simplified([](auto x, auto y) {
              return select(Reference(*x.code(), x.code()->literal(-1)) > 0.0, exp(y), x);
            }),
            x_alone);
}

TEST(Simplify, KeepsEveryIdentityOffWhenAsked) {
  const SimplifyOptions off{.identities = false};
  EXPECT_EQ(simplified([](auto x, auto) { return x * 1.0; }, off),
            "%0 = input 0\n%1 = 1\n%2 = * %0 %1\nreturn %2\n");
  EXPECT_EQ(simplified([](auto x, auto) { return -(-x); }, off),
            "%0 = input 0\n%1 = neg %0\n%2 = neg %1\nreturn %2\n");
  EXPECT_EQ(count(simplify(written([](auto x, auto) { return pow(x, 2.0); }), off), op<PowNumber>), 1U);
}

/// Nothing of these may go, because NaN, infinities and zeros of both signs would tell.
TEST(Simplify, MustNotUseIdentitiesThatAreNotExact) {
  const auto kept = [](auto f, OpCode kind) {
    const Code before = written(f);
    const Code after = simplify(before);
    EXPECT_EQ(count(after, kind), count(before, kind)) << dump(after);
    constexpr double inf = std::numeric_limits<double>::infinity();
    std::vector<std::vector<double>> rows;
    for (const double x : {0.0, -0.0, 1.0, inf, -inf, std::nan(""), 1e308, 5e-324}) {
      for (const double y : {0.0, -0.0, -1.0, inf, 1e308}) rows.push_back({x, y});
    }
    const Interpreted expected = interpret(before, rows), found = interpret(after, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double a = expected.rows[i][0], b = found.rows[i][0];
      EXPECT_TRUE((std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b)))
          << dump(after) << "x = " << rows[i][0] << ", y = " << rows[i][1] << ": " << b << ", expected " << a;
    }
  };
  kept([](auto x, auto) { return x * 0.0; }, op<Multiply>);
  kept([](auto x, auto) { return 0.0 * x; }, op<Multiply>);
  kept([](auto x, auto) { return x - x; }, op<Subtract>);
  kept([](auto x, auto) { return x / x; }, op<Divide>);
  kept([](auto x, auto) { return x + 0.0; }, op<Add>);
  kept([](auto x, auto) { return 0.0 + x; }, op<Add>);
  kept([](auto x, auto) { return x - 0.0; }, op<Subtract>);
  kept([](auto x, auto) { return 0.0 - x; }, op<Subtract>);
  kept([](auto x, auto) { return x * -1.0; }, op<Multiply>);
  kept([](auto x, auto) { return 0.0 / x; }, op<Divide>);
  kept([](auto x, auto) { return pow(x, 0.5); }, op<PowNumber>);
  kept([](auto x, auto y) { return x * y + x * 2.0; }, op<Multiply>);
  kept([](auto x, auto y) { return (x + y) - y; }, op<Subtract>);
  kept([](auto x, auto y) { return (x * y) / y; }, op<Divide>);
  kept([](auto x, auto) { return log(exp(x)); }, op<Log>);
  kept([](auto x, auto) { return (x + 1e308) + 1e308; }, op<Add>);
  kept([](auto x, auto y) { return select(x == x, x, y); }, special::select);
  kept([](auto x, auto y) { return select(x < y, x, x) + 0.0 * y; }, special::select);
}

TEST(Simplify, ComputesTheSameThingOnce) {
  const auto twice = [](auto x, auto y) { return exp(x * y) * (exp(x * y) + x * y); };
  EXPECT_EQ(simplified(twice), R"(%0 = input 0
%1 = input 1
%2 = * %0 %1
%3 = exp %2
%4 = + %3 %2
%5 = * %3 %4
return %5
)");
  EXPECT_EQ(count(simplify(written(twice), {.merge_common = false}), op<Exp>), 2U);
  // Other operands, or the same in another order, are another thing.
  EXPECT_EQ(count(simplify(written([](auto x, auto y) { return (x - y) * (y - x); })), op<Subtract>), 2U);
  EXPECT_EQ(
      count(simplify(written([](auto x, auto y) { return pow(x, 3.0) + pow(x, 4.0) + y; })), op<PowNumber>),
      2U);
}

TEST(Simplify, KeepsZerosOfBothSignsAndNaNsApart) {
  const Code code = simplify(written([](auto x, auto y) { return x / 0.0 + y / -0.0; }));
  EXPECT_EQ(count(code, special::literal), 2U) << dump(code);
}

TEST(Simplify, LeavesOutWhatNobodyNeeds) {
  const auto dead = [](auto x, auto y) {
    exp(y) * x;
    return x + x;
  };
  EXPECT_EQ(simplified(dead), "%0 = input 0\n%1 = + %0 %0\nreturn %1\n");
  EXPECT_EQ(count(simplify(written(dead), {.drop_dead = false}), op<Exp>), 1U);
}

TEST(Simplify, LeavesNothingBehindThatBecameDead) {
  const Code code = simplify(written([](auto x, auto y) {
    const Reference two(*x.code(), x.code()->literal(2));
    return select(two * 3.0 > 5.0, x * (two - 1.0), exp(y) * y);
  }));
  EXPECT_EQ(dump(code), "%0 = input 0\nreturn %0\n");
  EXPECT_TRUE(code.literals.empty());
}

TEST(Simplify, ComputesNowWhatDependsOnLiteralsAlone) {
  const auto f = [](auto x, auto) {
    const Reference two(*x.code(), x.code()->literal(2));
    return x * (exp(two) + select(two < 3.0, two * 2.0, two));
  };
  const Code code = simplify(written(f));
  EXPECT_EQ(code.size(), 3U) << dump(code);
  EXPECT_EQ(interpret(code, std::vector<std::vector<double>>{{1, 0}}).rows[0][0], std::exp(2) + 4);
  const Code unfolded = simplify(written(f), {.fold_constants = false});
  EXPECT_EQ(count(unfolded, op<Exp>), 1U) << dump(unfolded);
}

TEST(Simplify, DoesNotTouchDataWhenAsked) {
  const auto f = [](auto x, auto y) {
    const Reference one = number_like(x, 1, special::data), two = number_like(x, 2, special::data);
    return x * one + exp(two) * y;
  };
  EXPECT_EQ(count(simplify(written(f)), op<Multiply>), 1U);
  const Code kept = simplify(written(f), {.simplify_upon_data = false});
  EXPECT_EQ(count(kept, special::data), 2U) << dump(kept);
  EXPECT_EQ(count(kept, op<Multiply>), 2U);
  EXPECT_EQ(count(kept, op<Exp>), 1U);
  EXPECT_EQ(count(kept, special::literal), 0U);
}

TEST(Simplify, KeepsLabelsGuardsAndOutputsOnTheirResults) {
  Code code = trace(wrap([](Span x) {
                      Value price = x[0] * 1 * x[1];
                      price.set_label("price");
                      if (price > 2) price = price + 0;
                      return std::vector<Value>{price, x[1]};
                    }),
                    std::vector<double>{3, 4}, {.inputs = 2}, {});
  const Code after = simplify(code);
  EXPECT_EQ(dump(after), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = * %0 %1   # price
%3 = 2
%4 = 0
%5 = + %2 %4
%6 = greater %2 %3
guard %6 is true
return %5 %1
)");
}

TEST(Simplify, CopiesRowsOfTheUser) {
  const Code code = simplify(trace(wrap([](Span x) {
                                     apply<random_programs::Bump>(x[1], x[1]);
                                     return apply<random_programs::Bump>(x[0] * 1, x[1]);
                                   }),
                                   std::vector<double>{3, 4}, {.inputs = 2}, {}));
  ASSERT_EQ(code.calls.size(), 1U);
  EXPECT_THAT(code.calls[0].operands, ElementsAre(0, 1));
}

TEST(Simplify, MergesEqualPicksAndSettlesThoseByALiteral) {
  const Code code = written([](auto x, auto y) {
    Code& code = *x.code();
    const auto pick = [&code](std::vector<Id> list, const Reference& index) {
      return Reference(code, code.append({.op = special::pick, .a = code.list(list), .b = index.in(code)}));
    };
    const Id other = (x * 1.0).in(code);
    const Reference first = pick({x.in(code), code.literal(5)}, y);
    const Reference second = pick({other, code.literal(5)}, y);
    const Reference product = first * second;
    const Reference settled = product + pick({x.in(code), y.in(code)}, 1.0);
    return settled + pick({x.in(code), y.in(code)}, 2.0);
  });
  EXPECT_EQ(dump(simplify(code)), R"(%0 = input 0
%1 = input 1
%2 = 5
%3 = pick %1 of %0 %2
%4 = * %3 %3
%5 = + %4 %1
%6 = 2
%7 = pick %6 of %0 %1
%8 = + %5 %7
return %8
)") << "what is out of range stays";
  EXPECT_EQ(count(simplify(code, {.merge_common = false}), special::pick), 3U);
}

}  // namespace
}  // namespace micrograd::compiler
