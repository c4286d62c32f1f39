// Random programs, summed up over rounds: with loops they compute what they compute without.
#include "../conformance/random_programs.hpp"
#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

/// A program drawn from the whole table, and what it is run on in each round.
class DrawnSum {
 public:
  explicit DrawnSum(std::uint64_t seed)
      : draw_(seed),
        program_(draw_.program({.branches = true})),
        rounds_(16 + draw_.below(24)),
        own_parameters_(draw_.below(3) == 0),
        both_outputs_(draw_.below(3) == 0),
        minus_every_(2 + draw_.below(4)),
        indices_differ_(draw_.below(2) == 0) {
    for (std::size_t k = program_.inputs; k < program_.leaves.size(); ++k) {
      at.push_back(program_.leaves[k]);
    }
    shared_ = at.size();
    for (std::size_t i = 0; i < rounds_; ++i) {
      for (std::size_t k = 0; k < program_.inputs; ++k) {
        inputs_.push_back(program_.leaves[k] * (1 + draw_.uniform(-1e-3, 1e-3)));
      }
      indices_.push_back(indices_differ_ ? draw_.some_indices() : program_.indices);
    }
    if (own_parameters_) at.insert(at.end(), inputs_.begin(), inputs_.end());
  }

  /// The sum, and something that depends on it.
  std::vector<Value> operator()(Span parameters) const {
    Value sum;
    for (std::size_t i = 0; i < rounds_; ++i) {
      std::vector<Value> x;
      for (std::size_t k = 0; k < program_.inputs; ++k) {
        const std::size_t input = i * program_.inputs + k;
        x.push_back(own_parameters_ ? parameters[shared_ + input] : Value(inputs_[input]));
      }
      const std::vector<Value> out =
          random_programs::outputs_of(program_, x, parameters.first(shared_), indices_[i]);
      if (i % minus_every_ == 0) {
        sum -= out[0];
      } else {
        sum += out[0];
      }
      if (both_outputs_) sum += out.back() * out.back();
    }
    return {sum * tanh(sum / 100.0)};
  }

  Numbers at;  ///< the parameters

 private:
  random_programs::Draw draw_;
  random_programs::Program program_;
  std::size_t rounds_;
  bool own_parameters_, both_outputs_;
  std::size_t minus_every_;
  bool indices_differ_;
  std::size_t shared_ = 0;
  Numbers inputs_;
  std::vector<std::vector<Index>> indices_;
};

TEST(RollRandom, ProgramsAndTheirGradientsAreThoseOfTheLongPrograms) {
  const std::uint64_t programs = table_walk::in_a_hurry() ? 100 : 600;
  std::size_t rolled_programs = 0;
  for (std::uint64_t seed = 0; seed < programs; ++seed) {
    const DrawnSum drawn(seed);
    const Traced traced(drawn.at, drawn);
    const Code rolled = roll(traced.code);
    rolled_programs += rolled.loops.empty() ? 0 : 1;
    expect_near(outputs_of(rolled, drawn.at), outputs_of(traced.code, drawn.at), 1e-9);
    const Shape shape{.parameters = drawn.at.size()};
    const Numbers expected = outputs_of(derive(traced.code, Want::backward, shape, Reduce::sum), drawn.at);
    const Code derived = derive(rolled, Want::backward, shape, Reduce::sum);
    expect_near(outputs_of(derived, drawn.at), expected, 1e-9);
    expect_near(outputs_of(simplify(derived), drawn.at), expected, 1e-9);
    if (::testing::Test::HasFatalFailure()) FAIL() << "program " << seed << "\n" << dump(rolled);
  }
  EXPECT_GT(rolled_programs, programs / 2);
}

}  // namespace
}  // namespace micrograd::compiler
