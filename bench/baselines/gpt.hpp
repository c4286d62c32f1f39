// The GPT of examples/gpt.hpp in plain loops over floats, its gradients worked out by hand, with Adam: what a
// person would write in C. Compiled with -O3 -march=native.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bench::native {

class PlainGpt {
 public:
  /// `parameters` in the order of gpt::Model.
  PlainGpt(std::size_t tokens, std::size_t width, std::size_t heads, std::size_t context,
           std::span<const double> parameters);

  /// One step of Adam (rate 1e-3) on the mean loss of the document, which it returns.
  double step(std::span<const std::size_t> document);

 private:
  /// Where a matrix begins among the parameters, and its size.
  struct Matrix {
    std::size_t first, rows, columns;
  };
  /// What the forward pass of a position leaves for the backward pass, and the slopes of what passes on.
  struct Position {
    std::vector<float> sum, x1, n1, q, k, v, weights, o, x2, n2, h, x3, p;
    std::vector<float> dx1, dq, dk, dv;
    float r0 = 0, r1 = 0, r2 = 0;
  };

  void multiply(const Matrix& m, const float* x, float* out) const;
  void multiply_back(const Matrix& m, const float* x, const float* dout, float* dx);
  static float norm(const std::vector<float>& x, std::vector<float>& out);
  static void norm_back(const std::vector<float>& x, float r, const float* dout, float* dx);
  void forward(std::size_t t, std::size_t token);
  void backward(std::size_t t, std::size_t token, std::size_t next, float share);
  void adam();

  std::size_t tokens_, width_, heads_;
  Matrix token_, position_, query_, key_, value_, mixed_, wide_, narrow_, next_;
  std::vector<float> data_, grads_, mean_, square_;
  std::vector<Position> positions_;
  std::vector<float> dx_, dn_, dh_, do_, dx3_;
  double correction1_ = 1, correction2_ = 1;
};

}  // namespace bench::native
