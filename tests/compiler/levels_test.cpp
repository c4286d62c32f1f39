// What no loop is found in runs side by side all the same: nets and other things as plain scalar loops, with
// and without `roll` and as eager code has them.
#include <gmock/gmock.h>

#include <micrograd/compiler/collect.hpp>
#include <micrograd/compiler/find_levels.hpp>
#include <micrograd/compiler/find_matrices.hpp>
#include <micrograd/compiler/run.hpp>

#include "../conformance/random_programs.hpp"
#include "rolled.hpp"

namespace micrograd::compiler {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A function of parameters alone, compiled, and what eager code gives.
class Compiled {
 public:
  template <class F>
  Compiled(const Numbers& at, F f, bool roll = true)
      : parameters_(at.begin(), at.end()),
        program_(compile<double>([this, f] { return f(Span(parameters_)); }, {},
                                 {.parameters = parameters_, .roll = roll})) {
    const Value loss = f(Span(parameters_));
    expected_.push_back(loss.data());
    loss.backward();
    for (const Value& p : parameters_) expected_.push_back(p.grad());
  }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  Numbers run() {
    for (const Value& p : parameters_) p.set_grad(0);
    Numbers found{program_.backward()};
    for (const Value& p : parameters_) found.push_back(p.grad());
    return found;
  }
  [[nodiscard]] const Numbers& expected() const { return expected_; }
  [[nodiscard]] const Program<double>& program() const { return program_; }
  [[nodiscard]] std::string found() const { return program_.stats(Want::backward).found; }

 private:
  std::vector<Value> parameters_;
  Program<double> program_;
  Numbers expected_;
};

/// Value and gradient are eager code's, twice, and with `roll` off too. What was found.
template <class F>
std::string expect_as_eager(const Numbers& at, F f) {
  Compiled plain(at, f, false);
  expect_near(plain.run(), plain.expected());
  EXPECT_EQ(plain.found(), "nothing");
  Compiled compiled(at, f);
  const Numbers first = compiled.run();
  expect_near(first, compiled.expected());
  EXPECT_EQ(compiled.run(), first) << "what a run leaves behind is in the way of the next one";
  return compiled.found();
}

/// Σ wᵢⱼ xⱼ + bᵢ, row after row.
std::vector<Value> affine(Span w, Span b, Span x) {
  std::vector<Value> out;
  for (std::size_t i = 0; i < b.size(); ++i) {
    Value sum = b[i];
    for (std::size_t j = 0; j < x.size(); ++j) sum += w[i * x.size() + j] * x[j];
    out.push_back(sum);
  }
  return out;
}

TEST(Levels, ARecurrentNetIsVectorsAndProducts) {
  constexpr std::size_t width = 12, steps = 10;
  const auto net = [](Span p) {
    const Span w = p.first(width * width), b = p.subspan(width * width, width);
    std::vector<Value> state(p.end() - width, p.end());
    for (std::size_t t = 0; t < steps; ++t) {
      std::vector<Value> next = affine(w, b, state);
      for (std::size_t i = 0; i < width; ++i) state[i] = tanh(next[i] + number(t * width + i));
    }
    return dot(state, state);
  };
  EXPECT_THAT(expect_as_eager(numbers(width * width + 2 * width), net), HasSubstr("vectors"));
}

TEST(Levels, LayersOnAFewExamplesAreMatrixProducts) {
  constexpr std::size_t width = 8, examples = 6;
  const auto net = [](Span p) {
    const Span w1 = p.first(width * width), b1 = p.subspan(width * width, width);
    const Span w2 = p.subspan(width * width + width, width * width);
    const Span b2 = p.subspan(2 * width * width + width, width);
    Value loss;
    for (std::size_t e = 0; e < examples; ++e) {
      std::vector<Value> x;
      for (std::size_t i = 0; i < width; ++i) x.push_back(p[p.size() - 1] * number(e * width + i));
      std::vector<Value> hidden = affine(w1, b1, x);
      for (Value& h : hidden) h = tanh(h);
      const std::vector<Value> out = affine(w2, b2, hidden);
      loss += logsumexp(out) - out[e];
    }
    return loss;
  };
  EXPECT_THAT(expect_as_eager(numbers(2 * width * width + 2 * width + 1), net), HasSubstr("matrix product"));
}

TEST(Levels, AttentionOverEarlierKeysIsRight) {
  constexpr std::size_t width = 8, heads = 2, length = 6, head = width / heads;
  const auto net = [](Span p) {
    constexpr std::size_t square = width * width;
    const Span x = p.subspan(3 * square, length * width);
    std::vector<std::vector<Value>> q, k, v;
    Value loss;
    const std::vector<Value> nothing(width, Value(0.0));
    for (std::size_t t = 0; t < length; ++t) {
      const Span here = x.subspan(t * width, width);
      q.push_back(affine(p.first(square), nothing, here));
      k.push_back(affine(p.subspan(square, square), nothing, here));
      v.push_back(affine(p.subspan(2 * square, square), nothing, here));
      for (std::size_t h = 0; h < heads; ++h) {
        std::vector<Value> scores;
        for (std::size_t s = 0; s <= t; ++s) {
          scores.push_back(dot(Span(q[t]).subspan(h * head, head), Span(k[s]).subspan(h * head, head)) / 2.0);
        }
        const std::vector<Value> weights = softmax(scores);
        for (std::size_t i = 0; i < head; ++i) {
          Value out;
          for (std::size_t s = 0; s <= t; ++s) out += weights[s] * v[s][h * head + i];
          loss += out * out * number(t * width + h * head + i);
        }
      }
    }
    return loss;
  };
  EXPECT_THAT(expect_as_eager(numbers(3 * width * width + length * width), net), HasSubstr("matrix product"));
}

TEST(Levels, AConvolutionIsRight) {
  constexpr std::size_t size = 10, kernel = 3, channels = 4, out = size - kernel + 1;
  const auto net = [](Span p) {
    Value loss;
    std::vector<Value> sums;
    for (std::size_t c = 0; c < channels; ++c) {
      Value total;
      for (std::size_t y = 0; y < out; ++y) {
        for (std::size_t x = 0; x < out; ++x) {
          Value sum = p[channels * kernel * kernel + c];
          for (std::size_t i = 0; i < kernel * kernel; ++i) {
            sum += p[c * kernel * kernel + i] * number((y + i / kernel) * size + x + i % kernel);
          }
          total += relu(sum);
        }
      }
      sums.push_back(total);
    }
    return logsumexp(sums);
  };
  EXPECT_THAT(expect_as_eager(numbers(channels * (kernel * kernel + 1)), net), Not(HasSubstr("nothing")));
}

TEST(Levels, ATreeShapedNetIsRight) {
  constexpr std::size_t width = 6, leaves = 16;
  const auto net = [](Span p) {
    const Span w = p.first(2 * width * width), b = p.subspan(2 * width * width, width);
    std::vector<std::vector<Value>> level;
    for (std::size_t i = 0; i < leaves; ++i) {
      const Span leaf = p.subspan(2 * width * width + width + i * width, width);
      level.emplace_back(leaf.begin(), leaf.end());
    }
    while (level.size() > 1) {
      std::vector<std::vector<Value>> next;
      for (std::size_t i = 0; i < level.size(); i += 2) {
        std::vector<Value> both = level[i];
        both.insert(both.end(), level[i + 1].begin(), level[i + 1].end());
        next.push_back(affine(w, b, both));
        for (Value& x : next.back()) x = tanh(x);
      }
      level = next;
    }
    return dot(level[0], level[0]);
  };
  EXPECT_THAT(expect_as_eager(numbers(2 * width * width + width + leaves * width), net),
              HasSubstr("matrix product"));
}

TEST(Levels, ARandomSparseNetIsRight) {
  constexpr std::size_t width = 24, layers = 4;
  const auto net = [](Span p) {
    random_programs::Draw draw(3);
    std::size_t next = width;
    std::vector<Value> x(p.begin(), p.begin() + width);
    for (std::size_t l = 0; l < layers; ++l) {
      std::vector<Value> y;
      for (std::size_t i = 0; i < width; ++i) {
        Value sum;
        const std::size_t fan_in = 1 + draw.below(5);
        for (std::size_t k = 0; k < fan_in; ++k) {
          const Value& from = x[draw.below(width)];
          sum = draw.below(3) == 0 ? sum - p[next] * from : sum + p[next] * from;
          ++next;
        }
        y.push_back(draw.below(2) == 0 ? tanh(sum) : sigmoid(sum));
      }
      x = y;
    }
    return dot(x, x);
  };
  EXPECT_THAT(expect_as_eager(numbers(width + 5 * width * layers), net), HasSubstr("vectors"));
}

TEST(Levels, ADeterminantByMinorsIsRight) {
  constexpr std::size_t n = 5;
  struct Minors {
    static Value of(Span a, std::size_t row, unsigned columns) {
      if (row == n) return Value(1.0);
      Value sum;
      int sign = 1;
      for (std::size_t c = 0; c < n; ++c) {
        if ((columns >> c & 1U) == 0) continue;
        const Value term = a[row * n + c] * of(a, row + 1, columns & ~(1U << c));
        sum = sign > 0 ? sum + term : sum - term;
        sign = -sign;
      }
      return sum;
    }
  };
  expect_as_eager(numbers(n * n), [](Span a) { return Minors::of(a, 0, (1U << n) - 1); });
}

TEST(Levels, ASecondDerivativeThroughAProductIsThatOfTheLongProgram) {
  constexpr std::size_t width = 8, examples = 5;
  const auto net = [](Span p) {
    const Span w = p.first(width * width), b = p.subspan(width * width, width);
    Value loss;
    for (std::size_t e = 0; e < examples; ++e) {
      const Span x = p.subspan(width * width + width + e * width, width);
      for (const Value& h : affine(w, b, x)) loss = loss * 0.5 + tanh(h);
    }
    return loss;
  };
  const Numbers at = numbers(width * width + width + examples * width);
  const Traced traced(at, net);
  Code code = traced.code;
  std::vector<Id> wanted;
  for (Id id = 0; id < at.size(); ++id) wanted.push_back(id);
  const Id one = code.literal(1);
  const std::vector<Id> gradient = differentiate(code, code.outputs, std::span(&one, 1), wanted);
  std::vector<Id> direction;
  for (std::size_t i = 0; i < gradient.size(); ++i) direction.push_back(code.literal(number(7 * i + 1)));
  code.outputs = differentiate(code, gradient, direction, wanted);
  const Plan<double> plan(collect(simplify(code)));
  EXPECT_FALSE(plan.schedule().phases[0].vectors.products.empty());
  Batch<double> batch;
  batch.parameters = at;
  batch.rows = 1;
  expect_near(plan.run(batch), second_derivatives(traced.code, at));
}

TEST(Levels, RandomProgramsSideBySideAreThoseOneByOne) {
  const std::uint64_t programs = table_walk::in_a_hurry() ? 60 : 400;
  std::size_t with_vectors = 0;
  for (std::uint64_t seed = 0; seed < programs; ++seed) {
    random_programs::Draw draw(seed);
    const random_programs::Program program = draw.program({.branches = true});
    const std::size_t copies = 4 + draw.below(36);
    Numbers at;
    for (std::size_t i = 0; i < copies; ++i) {
      for (const double x : program.leaves) at.push_back(x * (1 + draw.uniform(-1e-3, 1e-3)));
    }
    // Sums of few terms, so that no loop is found.
    const auto all = [&](Span p) {
      Value loss;
      for (std::size_t i = 0; i < copies;) {
        Value few;
        for (std::size_t k = 0; k < 5 && i < copies; ++k, ++i) {
          const Span own = p.subspan(i * program.leaves.size(), program.leaves.size());
          const std::vector<Value> out = random_programs::outputs_of(
              program, own.first(program.inputs), own.subspan(program.inputs), program.indices);
          few += out[0] * out.back();
        }
        loss = tanh(few / 100.0) + loss * 0.5;
      }
      return loss;
    };
    const Traced traced(at, all);
    const Shape shape{.parameters = at.size()};
    const Code derived = derive(traced.code, Want::backward, shape, Reduce::sum);
    const Numbers expected = outputs_of(derived, at);
    const Plan<double> plan(collect(simplify(derived)));
    with_vectors += plan.schedule().phases[0].vectors.steps.empty() ? 0 : 1;
    Batch<double> batch;
    batch.parameters = at;
    batch.rows = 1;
    expect_near(plan.run(batch), expected, 1e-9);
    if (::testing::Test::HasFatalFailure()) FAIL() << "program " << seed;
  }
  EXPECT_GT(with_vectors, programs / 2);
}

// ---- the passes alone

Code parameters_only(std::size_t count) {
  Code code;
  for (Id i = 0; i < count; ++i) code.append({.op = special::parameter, .a = i});
  return code;
}

TEST(FindLevels, WhatWaitsForEquallyManyOthersGoesTogether) {
  Code code = parameters_only(8);
  std::vector<Id> ids;
  for (Id i = 0; i < 8; ++i) ids.push_back(i);
  for (Id i = 0; i < 8; ++i) ids.push_back(code.append({.op = op<Tanh>, .a = i}));
  for (Id i = 0; i < 8; ++i) ids.push_back(code.append({.op = op<Exp>, .a = i + 8}));
  std::vector<std::uint32_t> level(code.size(), 0);
  const Levels levels = find_levels(code, ids, level);
  ASSERT_EQ(levels.groups(), 3U);
  EXPECT_THAT(levels.group(1), ElementsAre(8, 9, 10, 11, 12, 13, 14, 15));
  EXPECT_THAT(level, Each(0U));
  EXPECT_THAT(levels.group(2), ElementsAre(16, 17, 18, 19, 20, 21, 22, 23));
}

TEST(FindLevels, AChainStaysAsItIs) {
  Code code = parameters_only(1);
  std::vector<Id> ids{0};
  for (Id i = 0; i < 20; ++i) ids.push_back(code.append({.op = op<Tanh>, .a = i}));
  std::vector<std::uint32_t> level(code.size(), 0);
  const Levels levels = find_levels(code, ids, level);
  EXPECT_EQ(levels.groups(), 21U);
  EXPECT_EQ(levels.order, ids);
}

TEST(FindMatrices, EveryRowMeetsEveryColumn) {
  // a: 4 rows of 8, b: 8 rows of 8.
  Code code = parameters_only(4 * 8 + 8 * 8);
  std::vector<Id> dots;
  for (Id r = 0; r < 4; ++r) {
    for (Id c = 0; c < 8; ++c) {
      const Id first = static_cast<Id>(code.products.size());
      for (Id k = 0; k < 8; ++k) code.products.push_back({.x = r * 8 + k, .y = 32 + k * 8 + c});
      dots.push_back(code.append({.op = special::dot, .a = first, .b = 8}));
    }
  }
  const FoundMatrices found = find_matrices(code, dots);
  EXPECT_TRUE(found.others.empty());
  ASSERT_EQ(found.products.size(), 1U);
  const FoundMatrix& product = found.products[0];
  EXPECT_EQ(product.results, dots);
  EXPECT_EQ(product.a[8 + 3], 11U);
  EXPECT_EQ(product.b[3 * 8 + 5], 32U + 3 * 8 + 5);
}

TEST(FindMatrices, ARowThatMissesAColumnIsNoneOfTheProduct) {
  Code code = parameters_only(5 * 8 + 8 * 8);
  std::vector<Id> dots;
  for (Id r = 0; r < 5; ++r) {
    for (Id c = 0; c < (r == 2 ? 7U : 8U); ++c) {
      const Id first = static_cast<Id>(code.products.size());
      for (Id k = 0; k < 8; ++k) code.products.push_back({.x = r * 8 + k, .y = 40 + k * 8 + c});
      dots.push_back(code.append({.op = special::dot, .a = first, .b = 8}));
    }
  }
  const FoundMatrices found = find_matrices(code, dots);
  ASSERT_EQ(found.products.size(), 1U);
  EXPECT_EQ(found.products[0].rows, 4U);
  EXPECT_EQ(found.others.size(), 7U);
}

TEST(Found, IsSaidInWords) {
  const Numbers at = numbers(3);
  const Compiled loop(at, [](Span p) { return sum_of(p, 100); });
  EXPECT_EQ(loop.found(), "100 rounds as one batch");
  const Compiled nothing(at, [](Span p) { return p[0] * p[1]; });
  EXPECT_EQ(nothing.found(), "nothing");
}

}  // namespace
}  // namespace micrograd::compiler
