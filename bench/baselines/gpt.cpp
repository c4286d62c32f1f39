// Loop order: every matrix-vector product with the output's row outermost and its dot product innermost,
// position after position. Built with -O3 -march=native, without -ffast-math.
#include "gpt.hpp"

#include <algorithm>
#include <cmath>

namespace bench::native {

PlainGpt::PlainGpt(std::size_t tokens, std::size_t width, std::size_t heads, std::size_t context,
                   std::span<const double> parameters)
    : tokens_(tokens), width_(width), heads_(heads), data_(parameters.begin(), parameters.end()) {
  std::size_t first = 0;
  const auto next = [&first](std::size_t rows, std::size_t columns) {
    const Matrix matrix{first, rows, columns};
    first += rows * columns;
    return matrix;
  };
  token_ = next(tokens, width);
  position_ = next(context, width);
  query_ = next(width, width);
  key_ = next(width, width);
  value_ = next(width, width);
  mixed_ = next(width, width);
  wide_ = next(4 * width, width);
  narrow_ = next(width, 4 * width);
  next_ = next(tokens, width);
  grads_.resize(data_.size());
  mean_.resize(data_.size());
  square_.resize(data_.size());
  positions_.resize(context);
  for (Position& p : positions_) {
    for (auto* const x :
         {&p.sum, &p.x1, &p.n1, &p.q, &p.k, &p.v, &p.o, &p.x2, &p.n2, &p.x3, &p.dx1, &p.dq, &p.dk, &p.dv}) {
      x->resize(width);
    }
    p.weights.resize(heads * context);
    p.h.resize(4 * width);
    p.p.resize(tokens);
  }
  for (auto* const x : {&dx_, &dn_, &do_, &dx3_}) x->resize(width);
  dh_.resize(4 * width);
}

void PlainGpt::multiply(const Matrix& m, const float* x, float* out) const {
  const float* row = &data_[m.first];
  for (std::size_t i = 0; i < m.rows; ++i, row += m.columns) {
    float sum = 0;
    for (std::size_t j = 0; j < m.columns; ++j) sum += row[j] * x[j];
    out[i] = sum;
  }
}

/// Adds to the matrix's gradients and, if there is one, to dx.
void PlainGpt::multiply_back(const Matrix& m, const float* x, const float* dout, float* dx) {
  for (std::size_t i = 0; i < m.rows; ++i) {
    const float d = dout[i];
    float* const grad = &grads_[m.first + i * m.columns];
    const float* const row = &data_[m.first + i * m.columns];
    for (std::size_t j = 0; j < m.columns; ++j) grad[j] += d * x[j];
    for (std::size_t j = 0; j < m.columns; ++j) dx[j] += d * row[j];
  }
}

float PlainGpt::norm(const std::vector<float>& x, std::vector<float>& out) {
  float square = 0;
  for (const float xi : x) square += xi * xi;
  const float r = 1 / std::sqrt(square / static_cast<float>(x.size()) + 1e-5F);
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = x[i] * r;
  return r;
}

void PlainGpt::norm_back(const std::vector<float>& x, float r, const float* dout, float* dx) {
  float along = 0;
  for (std::size_t i = 0; i < x.size(); ++i) along += x[i] * dout[i];
  const float by = along * r * r * r / static_cast<float>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) dx[i] += r * dout[i] - by * x[i];
}

void PlainGpt::forward(std::size_t t, std::size_t token) {
  Position& p = positions_[t];
  for (std::size_t i = 0; i < width_; ++i) {
    p.sum[i] = data_[token_.first + token * width_ + i] + data_[position_.first + t * width_ + i];
  }
  p.r0 = norm(p.sum, p.x1);
  p.r1 = norm(p.x1, p.n1);
  multiply(query_, p.n1.data(), p.q.data());
  multiply(key_, p.n1.data(), p.k.data());
  multiply(value_, p.n1.data(), p.v.data());
  const std::size_t size = width_ / heads_;
  const float scale = 1 / std::sqrt(static_cast<float>(size));
  for (std::size_t h = 0; h < heads_; ++h) {
    float* const w = &p.weights[h * positions_.size()];
    float most = -INFINITY, total = 0;
    for (std::size_t s = 0; s <= t; ++s) {
      float sum = 0;
      for (std::size_t i = h * size; i < (h + 1) * size; ++i) sum += p.q[i] * positions_[s].k[i];
      w[s] = sum * scale;
      most = std::max(most, w[s]);
    }
    for (std::size_t s = 0; s <= t; ++s) total += w[s] = std::exp(w[s] - most);
    for (std::size_t s = 0; s <= t; ++s) w[s] /= total;
    for (std::size_t i = h * size; i < (h + 1) * size; ++i) {
      float sum = 0;
      for (std::size_t s = 0; s <= t; ++s) sum += w[s] * positions_[s].v[i];
      p.o[i] = sum;
    }
  }
  multiply(mixed_, p.o.data(), p.x2.data());
  for (std::size_t i = 0; i < width_; ++i) p.x2[i] += p.x1[i];
  p.r2 = norm(p.x2, p.n2);
  multiply(wide_, p.n2.data(), p.h.data());
  for (float& h : p.h) h = h > 0 ? h : 0;
  multiply(narrow_, p.h.data(), p.x3.data());
  for (std::size_t i = 0; i < width_; ++i) p.x3[i] += p.x2[i];
  multiply(next_, p.x3.data(), p.p.data());
}

void PlainGpt::backward(std::size_t t, std::size_t token, std::size_t next, float share) {
  Position& p = positions_[t];
  for (std::size_t i = 0; i < tokens_; ++i) p.p[i] *= share;  // softmax less what came
  p.p[next] -= share;
  std::ranges::fill(dx3_, 0.0F);
  multiply_back(next_, p.x3.data(), p.p.data(), dx3_.data());
  std::ranges::fill(dh_, 0.0F);
  multiply_back(narrow_, p.h.data(), dx3_.data(), dh_.data());
  for (std::size_t i = 0; i < dh_.size(); ++i) dh_[i] = p.h[i] > 0 ? dh_[i] : 0;
  std::ranges::fill(dn_, 0.0F);
  multiply_back(wide_, p.n2.data(), dh_.data(), dn_.data());
  norm_back(p.x2, p.r2, dn_.data(), dx3_.data());  // which now is the slope by x2
  std::ranges::fill(do_, 0.0F);
  multiply_back(mixed_, p.o.data(), dx3_.data(), do_.data());
  const std::size_t size = width_ / heads_;
  const float scale = 1 / std::sqrt(static_cast<float>(size));
  for (std::size_t h = 0; h < heads_; ++h) {
    const float* const w = &p.weights[h * positions_.size()];
    float mean = 0;
    float dw[64];
    for (std::size_t s = 0; s <= t; ++s) {
      float sum = 0;
      for (std::size_t i = h * size; i < (h + 1) * size; ++i) {
        sum += do_[i] * positions_[s].v[i];
        positions_[s].dv[i] += w[s] * do_[i];
      }
      dw[s] = sum;
      mean += w[s] * sum;
    }
    for (std::size_t s = 0; s <= t; ++s) {
      const float d = w[s] * (dw[s] - mean) * scale;
      for (std::size_t i = h * size; i < (h + 1) * size; ++i) {
        p.dq[i] += d * positions_[s].k[i];
        positions_[s].dk[i] += d * p.q[i];
      }
    }
  }
  // Later positions have added to dk and dv of this one before.
  std::ranges::fill(dn_, 0.0F);
  multiply_back(query_, p.n1.data(), p.dq.data(), dn_.data());
  multiply_back(key_, p.n1.data(), p.dk.data(), dn_.data());
  multiply_back(value_, p.n1.data(), p.dv.data(), dn_.data());
  norm_back(p.x1, p.r1, dn_.data(), dx3_.data());
  std::ranges::fill(dx_, 0.0F);
  norm_back(p.sum, p.r0, dx3_.data(), dx_.data());
  for (std::size_t i = 0; i < width_; ++i) {
    grads_[token_.first + token * width_ + i] += dx_[i];
    grads_[position_.first + t * width_ + i] += dx_[i];
  }
}

void PlainGpt::adam() {
  constexpr float beta1 = 0.9F, beta2 = 0.999F, rate = 1e-3F, epsilon = 1e-8F;
  correction1_ *= static_cast<double>(beta1);
  correction2_ *= static_cast<double>(beta2);
  const auto by1 = static_cast<float>(1 / (1 - correction1_)),
             by2 = static_cast<float>(1 / (1 - correction2_));
  for (std::size_t i = 0; i < data_.size(); ++i) {
    mean_[i] = beta1 * mean_[i] + (1 - beta1) * grads_[i];
    square_[i] = beta2 * square_[i] + (1 - beta2) * grads_[i] * grads_[i];
    data_[i] -= rate * mean_[i] * by1 / (std::sqrt(square_[i] * by2) + epsilon);
  }
}

double PlainGpt::step(std::span<const std::size_t> document) {
  const std::size_t length = document.size() - 1;
  std::ranges::fill(grads_, 0.0F);
  for (std::size_t t = 0; t < length; ++t) {
    for (auto* const x : {&positions_[t].dq, &positions_[t].dk, &positions_[t].dv})
      std::ranges::fill(*x, 0.0F);
  }
  double loss = 0;
  for (std::size_t t = 0; t < length; ++t) {
    forward(t, document[t]);
    std::vector<float>& p = positions_[t].p;
    const float most = *std::ranges::max_element(p);
    const float score = p[document[t + 1]];
    float total = 0;
    for (float& x : p) total += x = std::exp(x - most);
    loss += static_cast<double>(std::log(total) + most - score);
    for (float& x : p) x /= total;
  }
  const float share = 1 / static_cast<float>(length);
  for (std::size_t t = length; t-- > 0;) backward(t, document[t], document[t + 1], share);
  adam();
  return loss / static_cast<double>(length);
}

}  // namespace bench::native
