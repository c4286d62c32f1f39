// Products of column-major matrices by the libraries that baselines may use: Eigen's own, and OpenBLAS's
// where it is installed. Only for sources that are compiled for this machine alone.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include <Eigen/Dense>
#ifdef MICROGRAD_HAVE_OPENBLAS
#include <cblas.h>
#endif

namespace bench {

template <class Real>
using Matrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

/// c = a b, with either of them transposed.
struct EigenProducts {
  static void ab(auto& c, const auto& a, const auto& b) { c.noalias() = a * b; }
  static void abt(auto& c, const auto& a, const auto& b) { c.noalias() = a * b.transpose(); }
  static void atb(auto& c, const auto& a, const auto& b) { c.noalias() = a.transpose() * b; }
};

#ifdef MICROGRAD_HAVE_OPENBLAS
struct OpenBlasProducts {
  static void ab(auto& c, const auto& a, const auto& b) { product(c, CblasNoTrans, a, CblasNoTrans, b); }
  static void abt(auto& c, const auto& a, const auto& b) { product(c, CblasNoTrans, a, CblasTrans, b); }
  static void atb(auto& c, const auto& a, const auto& b) { product(c, CblasTrans, a, CblasNoTrans, b); }

 private:
  static void product(auto& c, CBLAS_TRANSPOSE of_a, const auto& a, CBLAS_TRANSPOSE of_b, const auto& b) {
    const auto size = [](auto number) { return static_cast<int>(number); };
    const int inner = size(of_a == CblasTrans ? a.rows() : a.cols());
    gemm(of_a, of_b, size(c.rows()), size(c.cols()), inner, a.data(), size(a.outerStride()), b.data(),
         size(b.outerStride()), c.data(), size(c.outerStride()));
  }
  static void gemm(CBLAS_TRANSPOSE of_a, CBLAS_TRANSPOSE of_b, int m, int n, int k, const double* a, int lda,
                   const double* b, int ldb, double* c, int ldc) {
    cblas_dgemm(CblasColMajor, of_a, of_b, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
  }
  static void gemm(CBLAS_TRANSPOSE of_a, CBLAS_TRANSPOSE of_b, int m, int n, int k, const float* a, int lda,
                   const float* b, int ldb, float* c, int ldc) {
    cblas_sgemm(CblasColMajor, of_a, of_b, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);
  }
};
#endif

/// Operations a second of a product of two n x n matrices.
template <class Real, class Products>
double peak_of(Eigen::Index n) {
  const Matrix<Real> a = Matrix<Real>::Random(n, n), b = Matrix<Real>::Random(n, n);
  Matrix<Real> c(n, n);
  double best = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Products::ab(c, a, b);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  const auto size = static_cast<double>(n);
  return 2 * size * size * size / best;
}

/// Of the fastest library here, with matrices that the caches hold.
template <class Real>
double peak() {
  constexpr Eigen::Index size = 512;
  double most = peak_of<Real, EigenProducts>(size);
#ifdef MICROGRAD_HAVE_OPENBLAS
  most = std::max(most, peak_of<Real, OpenBlasProducts>(size));
#endif
  return most;
}

/// The shortest of so many runs, in seconds.
double shortest(int runs, const auto& run) {
  double best = 1e9;
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

}  // namespace bench
