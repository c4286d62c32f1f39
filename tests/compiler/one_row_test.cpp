// Programs on one row: a GPT of scalars, and functions of the whole table.
#include <gmock/gmock.h>

#include <map>
#include <tuple>

#include <micrograd/compiler/collect.hpp>
#include <micrograd/compiler/run.hpp>
#include <micrograd/compiler/take_one_row.hpp>
#include <micrograd/error.hpp>

#include "../../examples/gpt.hpp"
#include "../conformance/random_programs.hpp"
#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

using ::testing::HasSubstr;

using Tokens = std::vector<std::size_t>;

/// A small GPT, and its programs by length.
class SmallGpt {
 public:
  /// The loss, and then the gradient.
  Numbers eager(const Tokens& tokens) {
    for (const Value& p : model_.parameters()) p.set_grad(0);
    const Value loss = model_.loss(std::vector<Index>(tokens.begin(), tokens.end()));
    loss.backward();
    Numbers found{loss.data()};
    for (const Value& p : model_.parameters()) found.push_back(p.grad());
    return found;
  }
  template <class Real>
  Numbers compiled(const std::vector<Tokens>& documents) {
    const std::size_t length = documents[0].size();
    std::vector<Real> rows, seeds(documents.size(), Real{1});
    for (const Tokens& tokens : documents) rows.insert(rows.end(), tokens.begin(), tokens.end());
    std::vector<Real> data, grads(model_.parameters().size());
    for (const Value& p : model_.parameters()) data.push_back(static_cast<Real>(p.data()));
    Numbers found{program<Real>(length).backward_seeded({rows.data(), documents.size(), length}, {},
                                                        {seeds.data(), seeds.size(), 1}, data, grads)};
    found.insert(found.end(), grads.begin(), grads.end());
    return found;
  }
  template <class Real> const Program<Real>& program(std::size_t length) {
    auto& programs = std::get<std::map<std::size_t, Program<Real>>>(programs_);
    const auto known = programs.find(length);
    if (known != programs.end()) return known->second;
    const auto loss = [this](Span, std::span<const Index> tokens) {
      ++calls;
      return model_.loss(tokens);
    };
    return programs
        .emplace(length, compile<Real>(loss, {.indices = length},
                                       {.parameters = model_.parameters(), .reduce = Reduce::none}))
        .first->second;
  }

  int calls = 0;  ///< of the function that is compiled

 private:
  Random random_{5};
  gpt::Model model_{{.tokens = 7, .width = 8, .heads = 2, .context = 8}, random_};
  std::tuple<std::map<std::size_t, Program<float>>, std::map<std::size_t, Program<double>>> programs_;
};

TEST(OneRow, AGptComputesWhatItsGraphDoes) {
  SmallGpt gpt;
  for (const Tokens& tokens :
       {Tokens{6, 1, 6}, {6, 0, 3, 3, 6}, {6, 5, 4, 3, 6}, {6, 1, 2, 3, 4, 5, 0, 1, 6}}) {
    const Numbers expected = gpt.eager(tokens);
    expect_near(gpt.compiled<double>({tokens}), expected, 1e-11);
    expect_near(gpt.compiled<float>({tokens}), expected, 1e-4);
  }
  EXPECT_THAT(gpt.program<double>(9).stats(Want::seeded).found, HasSubstr("matrix products"));
  // The first position, which has nothing before it to look at, waits for the others: the products of 32
  // neurons inside are for 8 positions, not for 7 and one.
  const std::string schedule = gpt.program<double>(9).dump(Stage::scheduled, Want::seeded);
  EXPECT_NE(schedule.find("= matrix 8 x 32 at"), std::string::npos);
  EXPECT_EQ(schedule.find("= matrix 7 x 32 at"), std::string::npos);
}

TEST(OneRow, ALengthSeenBeforeIsNotTracedAgain) {
  SmallGpt gpt;
  gpt.compiled<float>({{6, 1, 2, 6}});
  const int calls = gpt.calls;
  gpt.compiled<float>({{6, 4, 0, 6}});
  gpt.compiled<float>({{6, 0, 0, 6}});
  EXPECT_EQ(gpt.calls, calls);
}

TEST(OneRow, SeveralRowsAreTheSumOfSingleOnes) {
  SmallGpt gpt;
  const Tokens first{6, 1, 2, 6}, second{6, 3, 3, 6};
  Numbers sum = gpt.compiled<double>({first});
  const Numbers other = gpt.compiled<double>({second});
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other[i];
  expect_near(gpt.compiled<double>({first, second}), sum, 1e-11);
}

TEST(OneRow, AnIndexOutOfRangeIsRefused) {
  SmallGpt gpt;
  EXPECT_THROW(gpt.compiled<double>({{6, 7, 2, 6}}), UsageError);
}

TEST(OneRow, RandomProgramsOnOneRowAreThoseOnMany) {
  const std::uint64_t programs = table_walk::in_a_hurry() ? 60 : 300;
  std::size_t with_vectors = 0;
  for (std::uint64_t seed = 0; seed < programs; ++seed) {
    random_programs::Draw draw(seed);
    const random_programs::Program program = draw.program({.branches = true});
    std::vector<Value> parameters(program.leaves.begin() + static_cast<std::ptrdiff_t>(program.inputs),
                                  program.leaves.end());
    const Shape shape{
        .inputs = program.inputs, .indices = random_programs::indices, .parameters = parameters.size()};
    Numbers row(program.leaves.begin(), program.leaves.begin() + static_cast<std::ptrdiff_t>(program.inputs));
    for (const Index& index : program.indices) row.push_back(static_cast<double>(index.value()));
    const Code traced = trace(wrap([&](Span x, Span, std::span<const Index> indices) {
                                // Often enough that much runs side by side.
                                Value sum;
                                for (int i = 0; i < 12; ++i) {
                                  std::vector<Value> moved;
                                  for (const Value& xi : x) moved.push_back(xi * (1 + 1e-4 * i));
                                  const std::vector<Value> out =
                                      random_programs::outputs_of(program, moved, parameters, indices);
                                  sum = tanh(out[0] / 100.0 + i) + sum * out.back();
                                }
                                return sum;
                              }),
                              row, shape, parameters);
    const Reduce reduce = seed % 2 == 0 ? Reduce::sum : Reduce::mean;
    const Code derived = derive(traced, Want::backward, shape, reduce);
    const Numbers at(program.leaves.begin() + static_cast<std::ptrdiff_t>(program.inputs),
                     program.leaves.end());
    const Numbers expected = interpret(derived, std::vector<Numbers>{row}, at).uniform;
    const Code simplified = simplify(derived);
    with_vectors += Plan<double>(take_one_row(simplified)).schedule().phases[0].vectors.steps.empty() ? 0 : 1;
    for (const bool collected : {false, true}) {
      const Code one = take_one_row(simplified);
      const Plan<double> plan(collected ? collect(one) : one);
      Batch<double> batch;
      for (const double& x : row) batch.inputs.push_back({&x, 1});
      batch.rows = 1;
      batch.parameters = at;
      expect_near(plan.run(batch), expected, 1e-9);
    }
    if (testing::Test::HasFatalFailure()) FAIL() << "program " << seed;
  }
  EXPECT_GE(with_vectors, programs / 2);
}

}  // namespace
}  // namespace micrograd::compiler
