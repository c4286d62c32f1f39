// Loops are found in the programs that loops over examples leave behind, and the numbers stay what they were.
#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

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

}  // namespace
}  // namespace micrograd::compiler
