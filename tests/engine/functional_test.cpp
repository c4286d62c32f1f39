// Derivatives of functions: jacobian, hessian, hvp, jvp and vjp agree with one another, with forward mode and
// with finite differences on twenty functions; and gradcheck catches a wrong derivative in the promised
// words.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <micrograd/micrograd.hpp>

namespace {

using micrograd::Dual;
using micrograd::Matrix;
using micrograd::Value;

/// A function of a range of any number type, kept for Value and for nested Duals.
struct Sample {
  std::string name;
  std::vector<double> at;
  std::function<Value(std::span<const Value>)> on_values;
  std::function<Dual<Dual<double>>(std::span<const Dual<Dual<double>>>)> on_duals;
};

template <class F>
Sample sample(std::string name, std::vector<double> at, F f) {
  return {std::move(name), std::move(at), [f](std::span<const Value> x) { return f(x); },
          [f](std::span<const Dual<Dual<double>>> x) { return f(x); }};
}

std::vector<Sample> twenty_functions() {
  return {sample("rosenbrock", {-0.4, 1.3},
                 [](auto x) { return square(1 - x[0]) + 100 * square(x[1] - square(x[0])); }),
          sample("himmelblau", {1.2, 0.7},
                 [](auto x) { return square(x[0] * x[0] + x[1] - 11) + square(x[0] + x[1] * x[1] - 7); }),
          sample("product", {0.5, -1.5, 2.5}, [](auto x) { return x[0] * x[1] * x[2]; }),
          sample("quotient", {0.5, 1.5}, [](auto x) { return (x[0] + 1) / (x[1] * x[1] + x[0]); }),
          sample("gaussian", {0.3, -0.2}, [](auto x) { return exp(-(x[0] * x[0] + 3 * x[1] * x[1]) / 2); }),
          sample("waves", {0.4, 1.1}, [](auto x) { return sin(x[0] * x[1]) + cos(x[0] - x[1]); }),
          sample("logistic loss", {0.8, -0.6, 0.1},
                 [](auto x) { return softplus(-(x[0] * 1.5 + x[1] * 2 + x[2])); }),
          sample("neuron", {0.3, -0.7, 0.2}, [](auto x) { return tanh(0.5 * x[0] + x[1] * -0.25 + x[2]); }),
          sample("log-sum-exp", {0.1, 0.9, -0.4}, [](auto x) { return logsumexp(x); }),
          sample("softmax component", {0.1, 0.9, -0.4}, [](auto x) { return softmax(x)[1]; }),
          sample("power", {1.4, 2.3}, [](auto x) { return pow(x[0], x[1]) + pow(x[0], 3) + pow(2, x[1]); }),
          sample("norm", {0.6, 0.8, -1.0}, [](auto x) { return sqrt(dot(x, x) + 0.1); }),
          sample("angle", {0.6, 0.8}, [](auto x) { return atan2(x[0], x[1]) * hypot(x[0], x[1]); }),
          sample("normal distribution", {0.2, 1.4}, [](auto x) { return erfc((x[0] - 1) / x[1]) / 2; }),
          sample("beta function", {2.5, 3.5},
                 [](auto x) { return exp(lgamma(x[0]) + lgamma(x[1]) - lgamma(x[0] + x[1])); }),
          sample("gelu", {0.4, -0.3}, [](auto x) { return gelu(x[0]) * silu(x[1]); }),
          sample("pieces", {0.4, -0.3},
                 [](auto x) { return max(x[0], x[1]) * abs(x[1]) + relu(x[0] + x[1]) * min(x[0], 2); }),
          sample("chosen branch", {0.4, -0.3},
                 [](auto x) { return select(x[0] > x[1], x[0] * x[0] * x[1], x[1]); }),
          sample("hyperbolic", {0.4, 1.3},
                 [](auto x) { return asinh(x[0]) * acosh(x[1] + 1) + atanh(x[0] / 2) * cosh(x[1]); }),
          sample("recurrence", {0.3, 0.9}, [](auto x) {
            auto state = x[0] * 1.0;
            for (int i = 0; i < 8; ++i) state = x[1] * state * (1 - state) + sigmoid(state);
            return state;
          })};
}

void expect_near(std::span<const double> x, std::span<const double> y, double tolerance) {
  ASSERT_EQ(x.size(), y.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_NEAR(x[i], y[i], tolerance * std::max({1.0, std::abs(x[i]), std::abs(y[i])})) << "entry " << i;
  }
}

std::vector<double> times(const Matrix& matrix, std::span<const double> v) {
  std::vector<double> product(matrix.rows, 0.0);
  for (std::size_t i = 0; i < matrix.rows; ++i) {
    for (std::size_t j = 0; j < matrix.columns; ++j) product[i] += matrix(i, j) * v[j];
  }
  return product;
}

TEST(Functional, gradient_and_hessian_agree_with_forward_mode_over_forward_mode) {
  for (const Sample& f : twenty_functions()) {
    SCOPED_TRACE(f.name);
    const std::vector<double> gradient = micrograd::gradient(f.on_values, f.at);
    const Matrix hessian = micrograd::hessian(f.on_values, f.at);
    const std::size_t n = f.at.size();
    ASSERT_EQ(hessian.rows, n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        std::vector<Dual<Dual<double>>> x(f.at.begin(), f.at.end());
        x[i].value.derivative = 1.0;
        x[j].derivative.value = 1.0;
        const Dual<Dual<double>> y = f.on_duals(x);
        EXPECT_NEAR(y.value.derivative, gradient[i], 1e-12 * std::max(1.0, std::abs(gradient[i])));
        EXPECT_NEAR(y.derivative.derivative, hessian(i, j), 1e-11 * std::max(1.0, std::abs(hessian(i, j))))
            << i << ", " << j;
      }
    }
  }
}

TEST(Functional, gradient_and_hessian_agree_with_finite_differences) {
  for (const Sample& f : twenty_functions()) {
    SCOPED_TRACE(f.name);
    const Matrix hessian = micrograd::hessian(f.on_values, f.at);
    const std::vector<Value> inputs(f.at.begin(), f.at.end());
    const auto checked = micrograd::gradcheck(f.on_values, inputs);
    EXPECT_TRUE(checked.passed) << checked.message;
    for (std::size_t j = 0; j < f.at.size(); ++j) {
      for (std::size_t i = 0; i < f.at.size(); ++i) {
        const auto moved = [&](double xj) {
          std::vector<double> there = f.at;
          there[j] = xj;
          return micrograd::gradient(f.on_values, there)[i];
        };
        const auto slope = micrograd::numeric_slope(moved, f.at[j]);
        EXPECT_NEAR(hessian(i, j), slope.value,
                    1e-6 * std::max(1.0, std::abs(slope.value)) + 4 * slope.error);
      }
    }
  }
}

TEST(Functional, products_with_vectors_agree_with_the_matrices) {
  std::mt19937_64 generator(1);
  const auto vector = [&](std::size_t n) {
    std::vector<double> v(n);
    for (double& entry : v) entry = static_cast<double>(generator() % 2000) / 1000 - 1;
    return v;
  };
  const std::vector<Sample> functions = twenty_functions();
  for (std::size_t k = 0; k < functions.size(); ++k) {
    const Sample& f = functions[k];
    SCOPED_TRACE(f.name);
    const std::vector<double> v = vector(f.at.size());
    expect_near(micrograd::hvp(f.on_values, f.at, v), times(micrograd::hessian(f.on_values, f.at), v), 1e-12);
    // Three outputs of the same inputs, one of them not depending on the inputs at all.
    const auto several = [&f](std::span<const Value> x) {
      const Value y = f.on_values(x);
      return std::vector<Value>{y, y * y - x[0], Value(3)};
    };
    const Matrix jacobian = micrograd::jacobian(several, f.at);
    ASSERT_EQ(jacobian.rows, 3U);
    expect_near(micrograd::jvp(several, f.at, v), times(jacobian, v), 1e-12);
    const std::vector<double> u = vector(3);
    Matrix transposed{
        .rows = jacobian.columns, .columns = 3, .entries = std::vector<double>(jacobian.entries.size())};
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < jacobian.columns; ++j) transposed.entries[j * 3 + i] = jacobian(i, j);
    }
    expect_near(micrograd::vjp(several, f.at, u), times(transposed, u), 1e-12);
    // Forward mode in the direction v.
    std::vector<Dual<Dual<double>>> x(f.at.begin(), f.at.end());
    for (std::size_t i = 0; i < v.size(); ++i) x[i].derivative.value = v[i];
    EXPECT_NEAR(f.on_duals(x).derivative.value, micrograd::jvp(f.on_values, f.at, v)[0], 1e-11);
  }
}

TEST(Functional, records_within_no_grad_too) {
  const auto cube = [](std::span<const Value> x) { return x[0] * x[0] * x[0]; };
  const std::vector<double> at{2}, direction{1};
  const micrograd::NoGrad guard;
  EXPECT_EQ(micrograd::gradient(cube, at)[0], 12);
  EXPECT_EQ(micrograd::hessian(cube, at)(0, 0), 12);
  EXPECT_EQ(micrograd::hvp(cube, at, direction)[0], 12);
  EXPECT_EQ(micrograd::jvp(cube, at, direction)[0], 12);
  EXPECT_EQ(micrograd::vjp(cube, at, direction)[0], 12);
  EXPECT_TRUE(micrograd::gradcheck(cube, {Value(2)}).passed);
  EXPECT_TRUE((Value(2) * 3).prev().empty()) << "and no_grad holds on";
  const auto detached = [](std::span<const Value> x) {
    return x[0] * micrograd::no_grad([&] { return x[0] * x[0]; });
  };
  EXPECT_EQ(micrograd::gradient(detached, at)[0], 4) << "no_grad within the function counts";
}

TEST(Functional, a_direction_of_the_wrong_length_is_refused_with_both_lengths) {
  const auto f = [](std::span<const Value> x) { return x[0] * x[1]; };
  const std::vector<double> at{1, 2};
  const std::vector<double> three{1, 2, 3};
  try {
    static_cast<void>(micrograd::hvp(f, at, three));
    FAIL();
  } catch (const micrograd::UsageError& error) {
    EXPECT_STREQ(error.what(), "hvp: the direction must have one entry for each input (got 3, expected 2)");
  }
  EXPECT_THROW(static_cast<void>(micrograd::jvp(f, at, three)), micrograd::UsageError);
  EXPECT_THROW(static_cast<void>(micrograd::vjp(f, at, three)), micrograd::UsageError);
}

TEST(Gradcheck, names_the_input_and_both_gradients_of_a_wrong_derivative) {
  const auto wrong_square = [](std::span<const Value> x) {
    return x[0] + Value::custom(x[1].data() * x[1].data(), {x[1]}, "square",
                                [y = x[1]](const Value& out) { y.add_grad(out.grad() * y.data()); });
  };
  const auto result = micrograd::gradcheck(wrong_square, {Value(1, "a"), Value(3, "b")});
  EXPECT_FALSE(result.passed);
  EXPECT_TRUE(
      result.message.starts_with("gradcheck: wrong gradient for input 1 'b' = 3 (analytic 3, numeric "))
      << result.message;
  const std::size_t numeric = result.message.find("numeric ") + 8;
  EXPECT_NEAR(std::stod(result.message.substr(numeric)), 6.0, 1e-9);
}

TEST(Gradcheck, refuses_to_judge_at_a_kink) {
  const auto result =
      micrograd::gradcheck([](std::span<const Value> x) { return abs(x[0]) + relu(x[0]); }, {Value(1e-6)});
  EXPECT_FALSE(result.passed);
}

TEST(Gradcheck, does_not_take_infinities_for_agreement) {
  const auto tripled = [](const Value& x) {  // e^x with a gradient three times too large
    return Value::custom(std::exp(x.data()), {x}, "wrong exp",
                         [x](const Value& out) { x.add_grad(3 * out.grad() * out.data()); });
  };
  EXPECT_FALSE(micrograd::gradcheck([&](std::span<const Value> x) { return tripled(x[0]); }, {Value(709.5)}));
  EXPECT_FALSE(micrograd::gradcheck([](std::span<const Value> x) { return cbrt(x[0]); }, {Value(0)}));
}

TEST(Gradcheck, leaves_the_inputs_gradients_alone) {
  const Value x(2.0, "x");
  x.set_grad(7);
  EXPECT_TRUE(micrograd::gradcheck([](std::span<const Value> in) { return in[0] * in[0]; }, {x}).passed);
  EXPECT_EQ(x.grad(), 7);
}

}  // namespace
