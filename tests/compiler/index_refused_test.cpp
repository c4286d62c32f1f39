// Columns of whole numbers with which something could go wrong without a word: rows that can pick nothing are
// refused before anything is written, in every branch; and so is a function that wants the number of an
// index.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/dual.hpp>
#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

#include "../engine/helpers.hpp"
#include "index_row.hpp"

namespace micrograd {
namespace {

using ::testing::HasSubstr;
using testing::infinity;
using testing::nan;
using ::testing::ThrowsMessage;

// ---- rows that can pick nothing

TEST(Indices, OutOfRangeAreNamedAndNothingIsWritten) {
  const Value w(2, "w");
  const auto f = [&w](Span x, Indices i) { return pick(std::vector<Value>{x[0], w, x[0] * w}, i[1]); };
  const auto program =
      compile<double>(f, {.inputs = 1, .indices = 2}, {.parameters = {w}, .reduce = Reduce::sum});
  for (const auto& [number, words] : std::vector<std::pair<double, std::string>>{{-1, "-1"},
                                                                                 {3, "3"},
                                                                                 {1.5, "1.5"},
                                                                                 {1e300, "1e+300"},
                                                                                 {nan, "nan"},
                                                                                 {infinity, "inf"},
                                                                                 {-infinity, "-inf"}}) {
    std::vector<double> x(1800), out(600, 77), gradients(600, 78);
    x[3 * 599 + 2] = number;
    const Rows<const double> table(x.data(), 600, 3);
    const std::string message = ": in row 599 the index 'i1' is out of range (got " + words +
                                ", expected a whole number, 0 to 3 exclusive)";
    EXPECT_THAT([&] { program.run(table, out); }, ThrowsMessage<UsageError>("run" + message));
    EXPECT_THAT([&] { program.gradient(table, out, gradients); },
                ThrowsMessage<UsageError>("gradient" + message));
    EXPECT_THAT([&] { program.backward(table); }, ThrowsMessage<UsageError>("backward" + message));
    EXPECT_EQ(out, std::vector<double>(600, 77));
    EXPECT_EQ(gradients, std::vector<double>(600, 78));
    EXPECT_EQ(w.grad(), 0);
  }
  std::vector<double> x{1, 0.5, 0, 1, -7, 1}, out(1);
  EXPECT_THAT(
      [&] { program.run({x.data(), 1, 3}, out); },
      ThrowsMessage<UsageError>(HasSubstr("'i0' is out of range (got 0.5, expected a whole number)")));
  program.run({x.data() + 3, 1, 3}, out);
  EXPECT_EQ(out[0], 2) << "what nothing is picked by may be any whole number";
}

TEST(Indices, AreCheckedEvenIfWhatTheyPickIsNotUsed) {
  const auto program = compile<double>(
      [](Span x, Indices i) {
        const std::vector<Value> unused = gather(std::vector<std::vector<Value>>(2), i[0]);
        return x[0] * static_cast<double>(1 + unused.size());
      },
      {.inputs = 1, .indices = 1});
  std::vector<double> x{5, 1, 5, 2}, out(2);
  EXPECT_THAT([&] { program.run({x.data(), 2, 2}, out); }, ThrowsMessage<UsageError>(HasSubstr("row 1")));
}

TEST(Indices, OfTheSampleAreCheckedToo) {
  const auto f = [](Span x, Indices i) { return pick(x, i[0]); };
  const auto compiled = [&f](std::vector<double> sample) {
    return [&f, sample] { compile<double>(f, {.inputs = 2, .indices = 1, .sample = sample}); };
  };
  EXPECT_NO_THROW(compiled({})());
  EXPECT_NO_THROW(compiled({5, 5, 1})());
  EXPECT_THAT(
      compiled({5, 5, 2}),
      ThrowsMessage<UsageError>("compile: in the sample the index 'i0' is out of range (got 2, expected a "
                                "whole number, 0 to 2 exclusive)"));
  EXPECT_THAT(compiled({5, 5, 0.5}), ThrowsMessage<UsageError>(HasSubstr("got 0.5")));
  EXPECT_THAT(compiled({5, 5}), ThrowsMessage<UsageError>(HasSubstr("expected 3)")));
}

// ---- branches

TEST(Indices, MayDecideBranchesThroughWhatTheyPick) {
  const auto f = [](Span x, Indices i) -> Value {
    const Value limit = pick(std::vector<Value>{-1, 0, 1}, i[0]);
    if (x[0] < limit) return pick(std::vector<Value>{x[0], x[0] * x[0]}, i[1]);
    return x[0] * limit + pick(std::vector<Value>{2 * x[0], 3 * x[0], 4 * x[0], exp(x[0])}, i[1]);
  };
  const Signature signature{.inputs = 1, .indices = 2};
  const auto program = compile<double>(f, signature);
  std::vector<double> x;
  for (int k = 0; k < 300; ++k) {
    const double number = 2 * std::sin(k), limit = k % 3;
    x.insert(x.end(), {number, limit, static_cast<double>(k % (number < limit - 1 ? 2 : 4))});
  }
  std::vector<double> out(300), gradients(300);
  program.gradient({x.data(), 300, 3}, out, {gradients.data(), 300, 1});
  for (std::size_t r = 0; r < 300; ++r) {
    const OneRow row(&x[3 * r], signature);
    const Value y = f(row.x, row.i);
    y.backward();
    EXPECT_NEAR(out[r], y.data(), 1e-14) << r;
    EXPECT_NEAR(gradients[r], row.x[0].grad(), 1e-14) << r;
  }
  EXPECT_EQ(program.stats().paths, 2U);

  const auto refusal_of = [&program](std::vector<double> rows, const char* words) {
    std::vector<double> result(rows.size() / 3, 77);
    EXPECT_THAT([&] { program.run({rows.data(), rows.size() / 3, 3}, result); },
                ThrowsMessage<UsageError>(HasSubstr(words)));
    EXPECT_EQ(result, std::vector<double>(rows.size() / 3, 77));
  };
  refusal_of({9, 0, 3, -9, 0, 2},
             "in row 1 the index 'i1' is out of range (got 2, expected a whole number, 0 to 2");
  refusal_of({9, 0, 3, 9, 0, 4},
             "in row 1 the index 'i1' is out of range (got 4, expected a whole number, 0 to 4");
  refusal_of({9, 0, 3, 9, 3, 0},
             "in row 1 the index 'i0' is out of range (got 3, expected a whole number, 0 to 3");
  refusal_of({9, 0, 3, 9, 0, nan}, "in row 1 the index 'i1' is out of range (got nan");
}

TEST(Indices, OutOfRangeInABranchNotYetSeenNameTheirRow) {
  const auto f = [](Span x, Indices i) -> Value { return x[0] > 0 ? x[0] : pick(x, i[0]); };
  const auto program = compile<double>(f, {.inputs = 1, .indices = 1});
  std::vector<double> x{1, -5, 2, 7, -1, 1}, out(3, 77);
  EXPECT_THAT(
      [&] { program.run({x.data(), 3, 2}, out); },
      ThrowsMessage<UsageError>("run: in row 2 the index 'i0' is out of range (got 1, expected a whole "
                                "number, 0 to 1 exclusive)"));
  EXPECT_EQ(out, std::vector<double>(3, 77));
  x[5] = 0;
  program.run({x.data(), 3, 2}, out);
  EXPECT_EQ(out, (std::vector<double>{1, 2, -1})) << "where nothing is picked, any whole number will do";
}

TEST(Indices, OutOfRangeBeforeTheOnlyWayAreNotTakenForAnotherBranch) {
  const auto f = [](Span x, Indices i) -> Value { return pick(x, i[0]) > 0 ? x[0] : x[1]; };
  const auto program = compile<double>(f, {.inputs = 2, .indices = 1}, {.max_paths = 1});
  const std::vector<double> x{1, 1, 2}, y{-1, 1, 0};
  std::vector<double> out(1);
  EXPECT_THAT([&] { program.run({x.data(), 1, 3}, out); },
              ThrowsMessage<UsageError>(HasSubstr("the index 'i0'")));
  EXPECT_THAT([&] { program.run({y.data(), 1, 3}, out); },
              ThrowsMessage<UsageError>(HasSubstr("row 0 branches otherwise at (pick %2 of %0 %1) > 0")));
}

// ---- what cannot be followed

void expect_refused(auto f, const char* words) {
  EXPECT_THAT([&] { compile<double>(f, {.inputs = 2, .indices = 1}); },
              ThrowsMessage<UsageError>(HasSubstr(words)));
}

TEST(Indices, HaveNoNumberWhileTheyAreCompiled) {
  const char* const words =
      "value: the index 'i0' is being compiled, and a program cannot follow what becomes of a plain number; "
      "choose "
      "with pick or gather, and compare what was picked";
  expect_refused([](Span x, Indices i) { return x[0] * static_cast<double>(i[0].value()); }, words);
  expect_refused([](Span x, Indices i) { return x[static_cast<std::size_t>(i[0])]; }, words);
  expect_refused([](Span /*x*/, Indices i) -> Value { return pick(std::vector<Dual<>>{1, 2}, i[0]).value; },
                 words);
  expect_refused([](Span x, Indices i) { return x[0] * pick(x, i[0]).data(); }, "is being compiled");
  EXPECT_THAT(
      [] {
        compile<double>([](Span x, Indices i) { return pick(x, i[0]).data() * x[0]; },
                        {.inputs = 1, .indices = 1});
      },
      ThrowsMessage<UsageError>(HasSubstr("is being compiled")));
}

TEST(Indices, RefuseGradientsThatWouldBeOthersOnOtherRows) {
  expect_refused(
      [](Span x, Indices i) { return grad(square(pick(x, i[0])), x[0], {.create_graph = true}); },
      "grad: a value that was picked by an index that is being compiled has another gradient on other rows");
  expect_refused(
      [](Span x, Indices i) {
        const Value w = 2;
        const Value y = pick(std::vector<Value>{w, w * w}, i[0]);
        y.backward();
        return x[0] * w.grad();
      },
      "use grad with create_graph");
  const auto f = [](Span x, Indices i) {  // what was picked stands still
    return grad(square(x[0]) * detach(pick(x, i[0])), x[0], {.create_graph = true});
  };
  const std::vector<double> x{3, 5, 1};
  std::vector<double> out(1);
  compile<double>(f, {.inputs = 2, .indices = 1}).run({x.data(), 1, 3}, out);
  EXPECT_EQ(out[0], 30);
}

TEST(Indices, AreOfUseInTheirOwnFunctionOnly) {
  Index kept;
  Value picked;
  const auto f = [&](Span x, Indices i) {
    kept = i[0];
    picked = pick(x, i[0]);
    return x[0] * 2;
  };
  EXPECT_THAT([&] { compile<double>(f, {.inputs = 2, .indices = 1}); },
              ThrowsMessage<UsageError>(HasSubstr("the function keeps i0 = 0 beyond its run")));
  const std::vector<Value> list{1, 2};
  EXPECT_THAT(
      [&] { return pick(list, kept); },
      ThrowsMessage<UsageError>(HasSubstr("pick: the index 'i0' is that of a function that was compiled")));
  EXPECT_THAT([&] { picked.backward(); }, ThrowsMessage<UsageError>(HasSubstr("no gradient outside of it")));
  expect_refused([&](Span x, Indices /*i*/) { return pick(x, kept); },
                 "pick: the index 'i0' is that of another function");
}

TEST(Indices, ThatAreGivenAndTakenMustAgree) {
  EXPECT_THAT([] { compile<double>([](Span x) { return x[0]; }, {.inputs = 1, .indices = 2}); },
              ThrowsMessage<UsageError>(HasSubstr("takes no indices (got 2 in the signature")));
  EXPECT_THAT([] { compile<double>([](Span x, Indices) { return x[0]; }, {.inputs = 1}); },
              ThrowsMessage<UsageError>(HasSubstr("takes indices (got 0 in the signature")));
  const auto generic = [](Span x, auto others) { return x[0] * static_cast<double>(others.size()); };
  const std::vector<double> x{3, 4, 1};
  std::vector<double> out(1);
  for (const Signature& signature :
       {Signature{.inputs = 1, .targets = 2}, Signature{.inputs = 1, .indices = 2}}) {
    compile<double>(generic, signature).run({x.data(), 1, 3}, out);
    EXPECT_EQ(out[0], 6);
  }
}

TEST(Indices, ChooseFromTablesOfEquallyLongRowsOnly) {
  expect_refused(
      [](Span x, Indices i) {
        return sum(gather(std::vector<std::vector<Value>>{{x[0]}, {x[0], x[1]}}, i[0]));
      },
      "gather: the rows of the table must have the same length while the index is being compiled (got 1 and "
      "2)");
}

TEST(Indices, AreNoReasonForVerifyToComplain) {
  const auto f = [](Span x, Indices i) { return pick(x, i[0]) * 2 + 0.25; };
  EXPECT_NO_THROW(compile<double>(f, {.inputs = 2, .indices = 1, .sample = {1, 2, 1}}, {.verify = true}));
  std::size_t runs = 0;
  const auto longer = [&runs](Span x, Indices i) { return pick(std::vector<Value>(2 + runs++, x[0]), i[0]); };
  EXPECT_THAT([&] { compile<double>(longer, {.inputs = 1, .indices = 1}, {.verify = true}); },
              ThrowsMessage<UsageError>(HasSubstr("does something else at its second run")));
}

TEST(Indices, OfPlainNumbersAreSettledWhenTheFunctionIsRun) {
  const Index two = 2;
  const auto f = [&two](Span x) {
    const std::vector<std::vector<Value>> table{{x[0], x[1]}};
    return pick(x, two) + gather(table, Index(0))[1];
  };
  const auto program = compile<double>(f, {.inputs = 3});
  const std::vector<double> x{1, 10, 100};
  std::vector<double> out(1);
  program.run({x.data(), 1, 3}, out);
  EXPECT_EQ(out[0], 110);
}

}  // namespace
}  // namespace micrograd
