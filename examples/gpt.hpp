// A GPT whose every number is a scalar Value: token and position embeddings, root-mean-square norms, causal
// attention with several heads, a ReLU layer, residuals. Plain loops; nothing in it knows of vectors.
#pragma once

#include <micrograd/micrograd.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace gpt {

using micrograd::Index;
using micrograd::Value;
using Vector = std::vector<Value>;

struct Shape {
  std::size_t tokens = 27;  ///< how many there are
  std::size_t width = 16;   ///< a multiple of the heads
  std::size_t heads = 4;
  std::size_t context = 16;  ///< the longest sequence
};

/// Rows of weights.
using Matrix = std::vector<std::span<const Value>>;

/// One neuron a row, without bias.
inline Vector linear(const Matrix& weights, const Vector& x) {
  Vector out;
  out.reserve(weights.size());
  for (const auto& row : weights) out.push_back(micrograd::dot(row, x));
  return out;
}

inline Vector add(const Vector& x, const Vector& y) {
  Vector sum;
  for (std::size_t i = 0; i < x.size(); ++i) sum.push_back(x[i] + y[i]);
  return sum;
}

/// x over its root mean square.
inline Vector norm(const Vector& x) {
  const Value scale = pow(micrograd::dot(x, x) / static_cast<double>(x.size()) + 1e-5, -0.5);
  Vector out;
  for (const Value& xi : x) out.push_back(xi * scale);
  return out;
}

class Model {
 public:
  Model(const Shape& shape, micrograd::Random& random) : shape_(shape) {
    const std::size_t n = shape.width;
    std::vector<Matrix*> matrices;
    std::vector<std::pair<std::size_t, std::size_t>> sizes;
    const auto plan = [&](Matrix& matrix, std::size_t rows, std::size_t columns) {
      matrices.push_back(&matrix);
      sizes.emplace_back(rows, columns);
    };
    plan(token_, shape.tokens, n);
    plan(position_, shape.context, n);
    for (Matrix* const square : {&query_, &key_, &value_, &mixed_}) plan(*square, n, n);
    plan(wide_, 4 * n, n);
    plan(narrow_, n, 4 * n);
    plan(next_, shape.tokens, n);
    for (const auto& [rows, columns] : sizes) {
      for (std::size_t i = 0; i < rows * columns; ++i) parameters_.emplace_back(random.normal(0, 0.08));
    }
    std::span<const Value> rest(parameters_);
    for (std::size_t m = 0; m < matrices.size(); ++m) {
      for (std::size_t row = 0; row < sizes[m].first; ++row) {
        matrices[m]->push_back(rest.first(sizes[m].second));
        rest = rest.subspan(sizes[m].second);
      }
    }
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] const std::vector<Value>& parameters() const { return parameters_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }

  /// What has been read of a sequence: the keys and values of each position.
  struct Memory {
    std::vector<Vector> keys, values;
  };

  /// How likely each token comes next, before softmax.
  Vector read(const Index& token, Memory& memory) const {
    const std::size_t here = memory.keys.size();
    Vector x = norm(add(gather(token_, token), Vector(position_[here].begin(), position_[here].end())));
    const Vector normed = norm(x);
    memory.keys.push_back(linear(key_, normed));
    memory.values.push_back(linear(value_, normed));
    x = add(x, linear(mixed_, attend(linear(query_, normed), memory)));
    Vector hidden = linear(wide_, norm(x));
    for (Value& h : hidden) h = relu(h);
    x = add(x, linear(narrow_, hidden));
    return linear(next_, x);
  }

  /// The mean of -log(how likely the token that came was), over all tokens but the first.
  Value loss(std::span<const Index> tokens) const {
    Memory memory;
    Vector losses;
    for (std::size_t t = 0; t + 1 < tokens.size(); ++t) {
      const Vector scores = read(tokens[t], memory);
      losses.push_back(micrograd::logsumexp(scores) - pick(scores, tokens[t + 1]));
    }
    return micrograd::mean(losses);
  }

 private:
  /// Each head looks for the positions so far whose keys are like its query.
  Vector attend(const Vector& query, const Memory& memory) const {
    const std::size_t size = shape_.width / shape_.heads;
    Vector out;
    for (std::size_t first = 0; first < shape_.width; first += size) {
      const auto part = [&](const Vector& x) { return std::span(x).subspan(first, size); };
      Vector scores;
      for (const Vector& key : memory.keys) {
        scores.push_back(micrograd::dot(part(query), part(key)) / std::sqrt(static_cast<double>(size)));
      }
      const Vector weights = micrograd::softmax(scores);
      for (std::size_t i = first; i < first + size; ++i) {
        Value sum = weights[0] * memory.values[0][i];
        for (std::size_t s = 1; s < weights.size(); ++s) sum += weights[s] * memory.values[s][i];
        out.push_back(sum);
      }
    }
    return out;
  }

  Shape shape_;
  Vector parameters_;
  Matrix token_, position_, query_, key_, value_, mixed_, wide_, narrow_, next_;
};

}  // namespace gpt
