// Functions that nobody shaped for a compiler: written over the number type from their published definitions,
// and evaluated whole, as one function of all their variables.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace bench::objectives {

/// log Σ exp x, shifted by the greatest so that nothing overflows.
template <class T>
T log_sum_exp(std::span<const T> x) {
  using std::exp, std::log, std::max;
  T greatest = x[0];
  for (std::size_t i = 1; i < x.size(); ++i) greatest = max(greatest, x[i]);
  T sum = 0;
  for (const T& xi : x) sum += exp(xi - greatest);
  return log(sum) + greatest;
}

struct LogSumExp {
  template <class T>
  T operator()(std::span<const T> x) const {
    return log_sum_exp(x);
  }
};

/// The logarithm of the posterior of a Gaussian mixture with a Wishart prior, as in ADBench (Srajer, Kukelova
/// and Fitzgibbon 2018). `variables`: k weights before softmax, then k means of d numbers, then k triangular
/// square roots of precisions, each the logarithms of its d diagonal entries and then what lies below, column
/// by column.
struct Mixture {
  std::size_t d, k;
  std::vector<double> points;  ///< n rows of d
  double gamma = 1;
  int m = 0;

  [[nodiscard]] std::size_t icf_size() const { return d * (d + 1) / 2; }
  [[nodiscard]] std::size_t variables() const { return k * (1 + d + icf_size()); }

  template <class T>
  T operator()(std::span<const T> variables) const {
    using std::exp, std::log;
    const std::span<const T> alphas = variables.first(k);
    const auto mean_of = [&](std::size_t i) { return variables.subspan(k + i * d, d); };
    const auto icf_of = [&](std::size_t i) {
      return variables.subspan(k + k * d + i * icf_size(), icf_size());
    };
    std::vector<T> sums;                    // of the logarithms on each diagonal
    std::vector<std::vector<T>> diagonals;  // exp of them
    for (std::size_t i = 0; i < k; ++i) {
      T sum = 0;
      std::vector<T>& diagonal = diagonals.emplace_back();
      for (std::size_t j = 0; j < d; ++j) {
        sum += icf_of(i)[j];
        diagonal.push_back(exp(icf_of(i)[j]));
      }
      sums.push_back(sum);
    }
    const std::size_t n = points.size() / d;
    T likelihood = 0;
    std::vector<T> terms(k), away(d), turned(d);
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < d; ++j) away[j] = points[p * d + j] - mean_of(i)[j];
        // The triangular matrix times `away`.
        for (std::size_t j = 0; j < d; ++j) turned[j] = diagonals[i][j] * away[j];
        std::size_t at = d;
        for (std::size_t column = 0; column < d; ++column) {
          for (std::size_t row = column + 1; row < d; ++row) turned[row] += icf_of(i)[at++] * away[column];
        }
        T square = 0;
        for (std::size_t j = 0; j < d; ++j) square += turned[j] * turned[j];
        terms[i] = alphas[i] + sums[i] - 0.5 * square;
      }
      likelihood += log_sum_exp(std::span<const T>(terms));
    }
    T prior = 0;
    for (std::size_t i = 0; i < k; ++i) {
      T frobenius = 0;
      for (const T& x : diagonals[i]) frobenius += x * x;
      for (std::size_t j = d; j < icf_size(); ++j) frobenius += icf_of(i)[j] * icf_of(i)[j];
      prior += 0.5 * gamma * gamma * frobenius - static_cast<double>(m) * sums[i];
    }
    return likelihood - static_cast<double>(n) * log_sum_exp(alphas) + prior;
  }
};

/// Σ (aᵢ · x - bᵢ)² over n rows aᵢ.
struct LeastSquares {
  std::size_t columns;
  std::vector<double> a, b;

  template <class T>
  T operator()(std::span<const T> x) const {
    T total = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      T residual = -b[i];
      for (std::size_t j = 0; j < columns; ++j) residual += a[i * columns + j] * x[j];
      total += residual * residual;
    }
    return total;
  }
};

/// Σ over points of the squared distance to the nearest of k centres.
struct KMeans {
  std::size_t k, d;
  std::vector<double> points;

  template <class T>
  T operator()(std::span<const T> centres) const {
    using std::min;
    T total = 0;
    for (std::size_t p = 0; p < points.size(); p += d) {
      T nearest = 0;
      for (std::size_t i = 0; i < k; ++i) {
        T square = 0;
        for (std::size_t j = 0; j < d; ++j) {
          const T away = points[p + j] - centres[i * d + j];
          square += away * away;
        }
        nearest = i == 0 ? square : min(nearest, square);
      }
      total += nearest;
    }
    return total;
  }
};

/// Σ of squared reprojection errors as in ADBench's bundle adjustment: each observation is of one camera (11
/// numbers: rotation, centre, focal length, principal point, two radial distortions), one point and one
/// weight.
struct BundleAdjustment {
  std::size_t cameras, points;
  struct Observation {
    std::size_t camera, point;
    double x, y;
  };
  std::vector<Observation> observations;

  [[nodiscard]] std::size_t variables() const { return cameras * 11 + points * 3 + observations.size(); }

  template <class T>
  T operator()(std::span<const T> all) const {
    using std::cos, std::sin, std::sqrt;
    T total = 0;
    for (std::size_t o = 0; o < observations.size(); ++o) {
      const std::span<const T> camera = all.subspan(observations[o].camera * 11, 11);
      const std::span<const T> point = all.subspan(cameras * 11 + observations[o].point * 3, 3);
      const T& weight = all[cameras * 11 + points * 3 + o];
      const T away[3] = {point[0] - camera[3], point[1] - camera[4], point[2] - camera[5]};
      // Rodrigues' formula.
      const T square = camera[0] * camera[0] + camera[1] * camera[1] + camera[2] * camera[2];
      const T theta = sqrt(square);
      const T cosine = cos(theta), sine = sin(theta), inverse = 1 / theta;
      const T w[3] = {camera[0] * inverse, camera[1] * inverse, camera[2] * inverse};
      const T cross[3] = {w[1] * away[2] - w[2] * away[1], w[2] * away[0] - w[0] * away[2],
                          w[0] * away[1] - w[1] * away[0]};
      const T along = (w[0] * away[0] + w[1] * away[1] + w[2] * away[2]) * (1 - cosine);
      T seen[3];
      for (std::size_t i = 0; i < 3; ++i) seen[i] = away[i] * cosine + cross[i] * sine + w[i] * along;
      const T u = seen[0] / seen[2], v = seen[1] / seen[2];
      const T r2 = u * u + v * v;
      const T bend = 1 + camera[9] * r2 + camera[10] * r2 * r2;
      const T ex = weight * (u * bend * camera[6] + camera[7] - observations[o].x);
      const T ey = weight * (v * bend * camera[6] + camera[8] - observations[o].y);
      const T slack = 1 - weight * weight;
      total += ex * ex + ey * ey + slack * slack;
    }
    return total;
  }
};

/// The loss of a language model of LSTM layers whose gates are elementwise, as in ADBench: `layers` times
/// eight weights and biases a bit, then what scales inputs and outputs.
struct Lstm {
  std::size_t layers, bits;
  std::vector<double> sequence;  ///< steps of so many bits

  [[nodiscard]] std::size_t variables() const { return layers * 8 * bits + 3 * bits; }

  template <class T>
  T operator()(std::span<const T> all) const {
    using std::exp, std::log, std::tanh;
    const auto sigmoid = [](const T& x) { return T(1 / (1 + exp(-x))); };
    const std::size_t steps = sequence.size() / bits;
    std::vector<T> hidden(layers * bits, T(0)), cell(layers * bits, T(0)), x(bits), y(bits);
    const std::span<const T> ends = all.subspan(layers * 8 * bits);
    T total = 0;
    for (std::size_t t = 0; t + 1 < steps; ++t) {
      for (std::size_t i = 0; i < bits; ++i) x[i] = sequence[t * bits + i] * ends[i];
      for (std::size_t layer = 0; layer < layers; ++layer) {
        const std::span<const T> weights = all.subspan(layer * 8 * bits, 4 * bits);
        const std::span<const T> biases = all.subspan(layer * 8 * bits + 4 * bits, 4 * bits);
        for (std::size_t i = 0; i < bits; ++i) {
          T& h = hidden[layer * bits + i];
          T& c = cell[layer * bits + i];
          const auto gate = [&](std::size_t which, const T& of) {
            return T(of * weights[which * bits + i] + biases[which * bits + i]);
          };
          const T forget = sigmoid(gate(0, x[i])), in = sigmoid(gate(1, h)), out = sigmoid(gate(2, x[i]));
          const T change = tanh(gate(3, h));
          c = c * forget + in * change;
          h = out * tanh(c);
        }
        for (std::size_t i = 0; i < bits; ++i) x[i] = hidden[layer * bits + i];
      }
      T sum = 0;
      for (std::size_t i = 0; i < bits; ++i) {
        y[i] = x[i] * ends[bits + i] + ends[2 * bits + i];
        sum += exp(y[i]);
      }
      const T shift = log(sum + 2);
      for (std::size_t i = 0; i < bits; ++i) total += sequence[(t + 1) * bits + i] * (y[i] - shift);
    }
    return -total / static_cast<double>((steps - 1) * bits);
  }
};

/// The determinant of an n x n matrix by its minors, each as often as it occurs.
struct Determinant {
  std::size_t n;

  template <class T>
  T operator()(std::span<const T> matrix) const {
    return minor(matrix, 0, (1U << n) - 1);
  }

 private:
  template <class T>
  T minor(std::span<const T> matrix, std::size_t row, unsigned columns) const {
    if (row == n) return T(1);
    T sum = 0;
    bool minus = false;
    for (std::size_t column = 0; column < n; ++column) {
      if ((columns >> column & 1U) == 0) continue;
      const T term = matrix[row * n + column] * minor(matrix, row + 1, columns & ~(1U << column));
      if (minus) {
        sum -= term;
      } else {
        sum += term;
      }
      minus = !minus;
    }
    return sum;
  }
};

}  // namespace bench::objectives
