// Eigen matrices of Values: products, decompositions and solves are differentiated like any other arithmetic.
#include <gtest/gtest.h>

#include <Eigen/Dense>

#include <micrograd/engine/eigen.hpp>
#include <micrograd/micrograd.hpp>

namespace {

using micrograd::Value;
using Matrix3 = Eigen::Matrix<Value, 3, 3>;
using Vector3 = Eigen::Matrix<Value, 3, 1>;

const Eigen::Matrix3d numbers = (Eigen::Matrix3d() << 4, 1, 0.5, 1, 3, -1, 0.5, -1, 5).finished();
const Eigen::Vector3d right(1, -2, 0.5);

TEST(EigenOfValues, solves_by_ldlt_and_gives_the_adjoint_solution_as_gradient) {
  const Matrix3 a = numbers.cast<Value>();
  const Vector3 b = right.cast<Value>();
  const Vector3 x = a.ldlt().solve(b);
  const Value y = x.sum();
  y.backward();
  const Eigen::Vector3d solution = numbers.ldlt().solve(right);
  const Eigen::Vector3d adjoint = numbers.ldlt().solve(Eigen::Vector3d::Ones());  // A is symmetric
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(x(i).data(), solution(i), 1e-14);
    EXPECT_NEAR(b(i).grad(), adjoint(i), 1e-14);
  }
  // LDLT reads the lower triangle only, so each entry of it stands for two of the symmetric matrix.
  for (int i = 0; i < 3; ++i) {
    EXPECT_NEAR(a(i, i).grad(), -adjoint(i) * solution(i), 1e-14);
    for (int j = 0; j < i; ++j) {
      EXPECT_NEAR(a(i, j).grad(), -adjoint(i) * solution(j) - adjoint(j) * solution(i), 1e-14);
    }
  }
}

TEST(EigenOfValues, multiplies_matrix_and_vector) {
  const Matrix3 a = numbers.cast<Value>();
  const Vector3 b = right.cast<Value>();
  const Value y = (a * b).squaredNorm();
  y.backward();
  const Eigen::Vector3d product = numbers * right;
  EXPECT_NEAR(y.data(), product.squaredNorm(), 1e-12);
  const Eigen::Matrix3d expected = 2 * product * right.transpose();
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) EXPECT_NEAR(a(i, j).grad(), expected(i, j), 1e-12);
  }
}

TEST(EigenOfValues, stands_beside_matrices_of_doubles) {
  const Vector3 b = right.cast<Value>();
  const Vector3 y = numbers * b * 2.0 + 0.5 * b;
  const Eigen::Vector3d expected = numbers * right * 2.0 + 0.5 * right;
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(y(i).data(), expected(i), 1e-14);
  y(0).backward();
  EXPECT_NEAR(b(1).grad(), 2.0, 1e-14);
}

TEST(EigenOfValues, inverts_and_takes_determinants) {
  const Matrix3 a = numbers.cast<Value>();
  const Value determinant = a.determinant();
  determinant.backward();
  const Eigen::Matrix3d expected = numbers.determinant() * numbers.inverse().transpose();  // Jacobi's formula
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) EXPECT_NEAR(a(i, j).grad(), expected(i, j), 1e-12);
  }
  EXPECT_NEAR((a.inverse() * a)(1, 1).data(), 1.0, 1e-14);
}

}  // namespace
