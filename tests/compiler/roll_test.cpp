// Loops are found in the programs that loops over examples leave behind, and the numbers stay what they were.
#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Weights of layers of these sizes, one after the other.
std::size_t weights_of(const std::vector<std::size_t>& sizes) {
  std::size_t count = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) count += (sizes[i] + 1) * sizes[i + 1];
  return count;
}

/// A perceptron as people write it.
std::vector<Value> perceptron(Span weights, const std::vector<std::size_t>& sizes, std::vector<Value> x) {
  std::size_t next = 0;
  for (std::size_t layer = 0; layer + 1 < sizes.size(); ++layer) {
    std::vector<Value> out;
    for (std::size_t neuron = 0; neuron < sizes[layer + 1]; ++neuron) {
      Value sum = weights[next++];
      for (const Value& input : x) sum += weights[next++] * input;
      out.push_back(layer + 2 < sizes.size() ? relu(sum) : sum);
    }
    x = std::move(out);
  }
  return x;
}

std::vector<Value> example(std::size_t i, std::size_t size) {
  std::vector<Value> x;
  for (std::size_t j = 0; j < size; ++j) x.emplace_back(number(size * i + j + 5));
  return x;
}

TEST(Roll, FindsTheExamplesAndTheWeightsOfATrainingStep) {
  const std::vector<std::size_t> sizes{2, 6, 6, 1};
  const std::size_t weights_count = weights_of(sizes);
  const Traced traced(numbers(weights_count), [&](Span weights) {
    std::vector<Value> losses;
    for (std::size_t i = 0; i < 100; ++i) {
      const Value score = perceptron(weights, sizes, example(i, 2))[0];
      losses.push_back(relu(1 + (i % 3 == 0 ? -1 : 1) * -score));
    }
    const Value data_loss = sum(losses) * (1.0 / static_cast<double>(losses.size()));
    Value squares;
    for (const Value& w : weights) squares += w * w;
    return data_loss + 1e-4 * squares;
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(100, weights_count));
  EXPECT_LT(rolled.size(), traced.code.size() / 50) << "of each loop one round is left";
  EXPECT_EQ(rolled.columns.size(), 4U) << "two inputs, the sign, which weight";
  EXPECT_EQ(count(rolled, special::pick), 1U) << "of the weights, for their squares";
}

TEST(Roll, AClassChoosesWithinTheRound) {
  constexpr std::size_t classes = 10;
  const std::vector<std::size_t> sizes{3, 5, classes};
  const Traced traced(numbers(weights_of(sizes)), [&](Span weights) {
    Value loss;
    for (std::size_t i = 0; i < 32; ++i) {
      const std::vector<Value> scores = perceptron(weights, sizes, example(i, 3));
      loss += logsumexp(scores) - scores[(7 * i + i / 10) % classes];
    }
    return loss / 32;
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(32));
  EXPECT_EQ(count(rolled, special::pick), 1U);
  EXPECT_LT(uniform_instructions(rolled), weights_of(sizes) + 20);
}

/// ln Σ of Gaussians with weights e^w, each with a mean and a width for each dimension.
TEST(Roll, FindsTheSamplesOfAMixtureAndComputesOutsideWhatIsTheSameForAll) {
  constexpr std::size_t components = 5, dimensions = 3, samples = 40;
  constexpr std::size_t each = 1 + 2 * dimensions;
  const Traced traced(numbers(components * each), [&](Span p) {
    Value loss;
    for (std::size_t i = 0; i < samples; ++i) {
      const std::vector<Value> x = example(i, dimensions);
      std::vector<Value> terms;
      for (std::size_t k = 0; k < components; ++k) {
        const Span of = p.subspan(k * each, each);
        Value exponent = of[0];
        for (std::size_t d = 0; d < dimensions; ++d) {
          const Value z = (x[d] - of[1 + d]) * exp(of[1 + dimensions + d]);
          exponent -= 0.5 * (z * z);
        }
        terms.push_back(exponent);
      }
      loss -= logsumexp(terms);
    }
    return loss;
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(samples));
  for (Id id = 0; id < rolled.size(); ++id) {
    if (rolled.instructions[id].op == op<Exp> && rolled.instructions[id].a < components * each) {
      EXPECT_EQ(rolled.varying[id], 0) << dump(rolled);
    }
  }
}

/// As bundle adjustment has it: each observation is of one of the cameras and one of the points.
Value residuals(Span p, std::size_t observations, bool together) {
  constexpr std::size_t cameras = 4, points = 11;
  Value loss;
  for (std::size_t i = 0; i < observations; ++i) {
    const Span camera = p.subspan((3 * i + i / 7) % cameras * 3, 3);
    const Span point = p.subspan(cameras * 3 + (5 * i + i / 3) % points * 3, 3);
    const Value depth = 2 + exp(point[2] - camera[2]);
    const Value u = (point[0] - camera[0]) / depth - number(2 * i);
    const Value v = (point[1] - camera[1]) / depth - number(2 * i + 1);
    if (together) {
      loss += u * u + v * v;
    } else {
      loss += u * u;
      loss += v * v;
    }
  }
  return loss;
}

TEST(Roll, ParametersArePickedByRound) {
  const Traced traced(numbers(45), [](Span p) { return residuals(p, 90, true); });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(90));
  EXPECT_EQ(count(rolled, special::pick), 6U);
  EXPECT_EQ(rolled.columns.size(), 4U) << "two numbers observed, which camera, which point";
}

TEST(Roll, TermsThatShareWhatOnlyTheyNeedAreOneRound) {
  const Traced traced(numbers(45), [](Span p) { return residuals(p, 90, false); });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(90));
  EXPECT_EQ(count(rolled, op<Exp>), 1U) << "the depth, which both coordinates need";
}

TEST(Roll, TermsOfOneRoundMayHaveSeveralSigns) {
  for (const int kind : {0, 1, 2}) {
    const Traced traced(numbers(1), [&](Span p) {
      Value loss;
      for (std::size_t i = 0; i < 40; ++i) {
        const Value shared = exp(p[0] * number(i));
        if (kind == 0) loss += sin(shared);
        if (kind > 0) loss -= sin(shared);
        if (kind < 2) loss -= cos(shared);
        if (kind == 2) loss -= tanh(shared);
      }
      return 1.0 - loss;
    });
    const Code rolled = expect_same_rolled(traced);
    EXPECT_THAT(rounds_of(rolled), ElementsAre(40));
    EXPECT_EQ(count(rolled, special::total), 1U);
  }
}

TEST(Roll, AnExampleWithSeveralOutputsIsOneRound) {
  const std::vector<std::size_t> sizes{3, 4, 5};
  const Traced traced(numbers(weights_of(sizes)), [&](Span weights) {
    Value loss;
    for (std::size_t i = 0; i < 24; ++i) {
      const std::vector<Value> out = perceptron(weights, sizes, example(i, 3));
      for (std::size_t k = 0; k < out.size(); ++k) loss += pow(out[k] - number(5 * i + k), 2);
    }
    return loss;
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(24));
  EXPECT_EQ(count(rolled, op<Relu>), 4U);
}

TEST(Roll, TermsThatShareWithTheNextEachAreRoundsOfTheirOwn) {
  const Traced traced(numbers(60), [](Span p) {
    std::vector<Value> x;
    for (const Value& value : p) x.push_back(tanh(value));
    Value loss;
    for (std::size_t i = 1; i < x.size(); ++i) {
      const Value step = x[i] - x[i - 1];
      loss += step * step;
    }
    return loss;
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(57)) << "all but the first and the last, which share less";
  EXPECT_EQ(count(rolled, op<Tanh>), 60U) << "what several rounds share is computed outside";
}

TEST(Roll, NumbersThatAreTheSameInAllRoundsStayNumbersAndOthersBecomeColumns) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 20; ++i) loss += sin(p[0] * Value(0.5) + Value(number(i)) * 3.0);
    return loss;
  });
  const Code rolled = expect_same_rolled(traced);
  ASSERT_THAT(rounds_of(rolled), ElementsAre(20));
  EXPECT_EQ(rolled.columns.size(), 1U);
  EXPECT_EQ(rolled.columns[0].size(), 20U);
  EXPECT_EQ(count(rolled, special::data), 1U);
  EXPECT_EQ(count(rolled, special::literal), 1U);
}

TEST(Roll, EqualColumnsAreOne) {
  const Traced traced(numbers(2), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 20; ++i) {
      loss += exp(p[0] * number(i)) * exp(p[1] * Value(number(i))) * pow(p[1] + number(i + 1), 2);
    }
    return loss;
  });
  EXPECT_EQ(expect_same_rolled(traced).columns.size(), 2U);
}

/// A power's exponent decides what its derivative is, so it cannot differ from round to round.
TEST(Roll, PlainNumbersOfARowAreTheSameInAllRounds) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 48; ++i) loss += pow(p[0] + number(i), i % 2 == 0 ? 2 : 3);
    return loss;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(24, 24));
}

TEST(Roll, WhatAllRoundsShareStaysOutside) {
  const Traced traced(numbers(3), [](Span p) {
    const Value scale = sqrt(p[0] * p[0] + exp(p[1]));
    Value loss;
    for (std::size_t i = 0; i < 30; ++i) loss += cos(scale * number(i)) * log(scale);
    return loss + scale;
  });
  const Code rolled = expect_same_rolled(traced);
  ASSERT_THAT(rounds_of(rolled), ElementsAre(30));
  for (Id id = 0; id < rolled.size(); ++id) {
    const OpCode kind = rolled.instructions[id].op;
    if (kind == op<Sqrt> || kind == op<Log>) {
      EXPECT_EQ(rolled.varying[id], 0) << dump(rolled);
    }
  }
}

TEST(Roll, TheTotalOfOneSumMayEnterTheTermsOfAnother) {
  const Traced traced(numbers(2), [](Span p) {
    Value mean;
    for (std::size_t i = 0; i < 25; ++i) mean += exp(p[0] * number(i));
    mean = mean / 25;
    Value variance;
    for (std::size_t i = 0; i < 18; ++i) {
      const Value apart = sin(p[1] * number(i + 3)) - mean;
      variance += apart * apart;
    }
    return variance / mean;
  });
  const Code rolled = expect_same_rolled(traced);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(25, 18));
}

TEST(Roll, SumsThatAreAddedUpAreLoopsOfTheirOwn) {
  const Traced traced(numbers(2), [](Span p) {
    Value a, b;
    for (std::size_t i = 0; i < 25; ++i) a += exp(p[0] * number(i));
    for (std::size_t i = 0; i < 100; ++i) b += sin(p[1] * number(i));
    return a + b;
  });
  EXPECT_THAT(rounds_of(expect_same_rolled(traced)), ElementsAre(25, 100));
}

TEST(Roll, SecondDerivativesAreThoseOfTheLongProgram) {
  const std::vector<std::size_t> sizes{2, 4, 3};
  const Traced classes(numbers(weights_of(sizes)), [&](Span weights) {
    Value loss, squares;
    for (std::size_t i = 0; i < 32; ++i) {
      std::vector<Value> scores = perceptron(weights, sizes, example(i, 2));
      for (Value& score : scores) score = tanh(score);
      loss += logsumexp(scores) - scores[i * i % 3];
    }
    for (const Value& w : weights) squares += w * w * w;
    return loss / 32 + squares * loss;
  });
  const Traced observed(numbers(45), [](Span p) { return residuals(p, 50, false); });
  for (const Traced* traced : {&classes, &observed}) {
    const Code rolled = roll(traced->code);
    EXPECT_FALSE(rolled.loops.empty());
    expect_near(second_derivatives(rolled, traced->data()), second_derivatives(traced->code, traced->data()));
  }
}

TEST(Roll, OutputsAndGuardsStayOutside) {
  const Numbers at = numbers(1);
  const std::vector<Value> parameters{at[0]};
  const Code code = trace(wrap([&](Span) {
                            std::vector<Value> terms;
                            for (std::size_t i = 0; i < 40; ++i) {
                              const Value x = exp(parameters[0] * number(i));
                              terms.push_back(i % 20 == 3 && x > 0.125 ? sin(x) : sin(x) * 1.0);
                            }
                            return std::vector<Value>{sum(terms), terms[5], terms[6]};
                          }),
                          {}, {}, parameters);
  ASSERT_EQ(code.guards.size(), 2U);
  const Code rolled = roll(code);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(36));
  EXPECT_EQ(rolled.guards.size(), 2U);
  for (const Guard& guard : rolled.guards)
    EXPECT_TRUE(is_comparison(rolled.instructions[guard.comparison].op));
  expect_near(outputs_of(rolled, at), outputs_of(code, at));
}

TEST(Roll, WhatVariesFromRowToRowIsLeftAndParametersStayInTheirPlaces) {
  const Numbers at = numbers(20);
  const std::vector<Value> parameters(at.begin(), at.end());
  const Shape shape{.inputs = 2, .parameters = at.size()};
  const Code code = trace(wrap([&](Span x) {
                            Value squares, fit;
                            for (const Value& w : parameters) squares += w * w;
                            for (const Value& w : parameters) fit += tanh(w * x[0]) * x[1];
                            return fit * fit + 0.1 * squares;
                          }),
                          Numbers{0.5, 2}, shape, parameters);
  const Code rolled = roll(code);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(20));
  for (Id id = 0; id < 22; ++id) {
    EXPECT_EQ(rolled.instructions[id].op, id < 2 ? special::input : special::parameter);
    EXPECT_EQ(rolled.instructions[id].a, id < 2 ? id : id - 2);
  }
  const std::vector<Numbers> rows{{0.5, 2}, {-1, 3}, {0.25, -0.5}};
  for (const Reduce reduce : {Reduce::mean, Reduce::sum}) {
    for (const Want want : {Want::values, Want::backward, Want::gradient, Want::hessian}) {
      const Interpreted expected = interpret(derive(code, want, shape, reduce), rows, at);
      const Interpreted found = interpret(simplify(derive(rolled, want, shape, reduce)), rows, at);
      for (std::size_t i = 0; i < rows.size(); ++i) expect_near(found.rows[i], expected.rows[i]);
    }
  }
}

/// In a sum over rows a term over parameters alone counts once.
TEST(Roll, WhatCountsOnceStillDoes) {
  const Numbers at = numbers(20);
  const std::vector<Value> parameters(at.begin(), at.end());
  const Shape shape{.inputs = 1, .parameters = at.size()};
  const Code code = trace(wrap([&](Span x) {
                            Value squares, known;
                            for (const Value& w : parameters) squares += w * w;
                            for (std::size_t i = 0; i < 20; ++i) known += exp(Value(number(i)));
                            return (tanh(x[0] * parameters[0]) + squares) * known;
                          }),
                          Numbers{0.5}, shape, parameters);
  const Code rolled = roll(code);
  EXPECT_THAT(rounds_of(rolled), ElementsAre(20, 20));
  const std::vector<Numbers> rows{{0.5}, {-1}, {0.25}};
  expect_near(interpret(derive(rolled, Want::backward, shape, Reduce::sum), rows, at).uniform,
              interpret(derive(code, Want::backward, shape, Reduce::sum), rows, at).uniform);
}

TEST(Roll, KeepsTheLabelsOfTheFirstRound) {
  const Traced traced(numbers(1), [](Span p) {
    Value loss;
    for (std::size_t i = 0; i < 20; ++i) {
      Value term = exp(p[0] * number(i));
      term.set_label("term " + std::to_string(i));
      loss += term;
    }
    loss.set_label("loss");
    return loss;
  });
  const std::string text = dump(roll(traced.code));
  EXPECT_THAT(text, HasSubstr("loop 2: 20 rounds\n"));
  EXPECT_THAT(text, HasSubstr("in loop 2   # term 0\n"));
  EXPECT_THAT(text, HasSubstr("over loop 2   # loss\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("term 1")));
}

TEST(Roll, OfARolledProgramTheRestMayStillBeRolledAndNothingElseChanges) {
  const Traced traced(numbers(2), [](Span p) { return sum_of(p, 30) * p[1]; });
  const Code once = roll(traced.code);
  EXPECT_TRUE(same_program(roll(once), once));
  const Code derived = derive(once, Want::backward, {.parameters = 2}, Reduce::sum);
  expect_near(outputs_of(roll(derived), traced.data()), outputs_of(derived, traced.data()));
}

}  // namespace
}  // namespace micrograd::compiler
