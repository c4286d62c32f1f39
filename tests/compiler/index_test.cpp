// Columns of whole numbers that choose among values: what a compiled function picks, and the derivatives of
// what it picks, are the engine's on every row, here and in C.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/reductions.hpp>

#include "../ops/table_walk.hpp"
#include "c_library.hpp"
#include "index_row.hpp"

namespace micrograd {
namespace {

using ::testing::HasSubstr;

/// Two words are looked up in a table of three, and beside x they give scores of four classes; the loss is
/// that of the class in the last index. The last two words share a vector.
struct Reader {
  std::vector<std::vector<Value>> words;
  std::vector<Value> weights;

  Reader() {
    for (int i = 0; i < 3; ++i) words.push_back({0.3 * i - 0.2, 0.7 - 0.5 * i});
    words.push_back(words[2]);
    for (int i = 0; i < 12; ++i) weights.emplace_back(std::sin(1.0 + i));
  }
  [[nodiscard]] std::vector<Value> parameters() const {
    std::vector<Value> all(weights);
    for (std::size_t i = 0; i < 3; ++i) all.insert(all.end(), words[i].begin(), words[i].end());
    return all;
  }
  [[nodiscard]] Value operator()(Span x, Span y, Indices i) const {
    const std::vector<Value> first = gather(words, i[0]), second = gather(words, i[1]);
    std::vector<Value> scores;
    for (std::size_t k = 0; k < 4; ++k) {
      scores.push_back(tanh(weights[3 * k] * first[0] * x[0] + weights[3 * k + 1] * second[1]) +
                       weights[3 * k + 2] * first[1] * second[0] * x[1]);
    }
    return (logsumexp(scores) - pick(scores, i[2])) * y[0];
  }
};
constexpr Signature reader_signature() { return {.inputs = 2, .targets = 1, .indices = 3}; }
constexpr std::size_t row_width = 6;

template <class Real = double>
std::vector<Real> reader_rows(std::size_t rows) {
  std::vector<Real> x;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto t = static_cast<double>(i);
    for (const double number : {std::sin(t), std::cos(2 * t), 1 + 0.5 * std::sin(3 * t)})
      x.push_back(static_cast<Real>(number));
    for (const std::size_t number : {i % 4, (i / 2 + 1) % 4, i * i % 4})
      x.push_back(static_cast<Real>(number));
  }
  return x;
}

template <class Real> void expect_reader_gradients(double near) {
  const Reader reader;
  const auto program =
      compile<Real>(reader, reader_signature(), {.parameters = reader.parameters(), .threads = 3});
  EXPECT_EQ(program.indices(), 3U);
  for (const std::size_t rows : {0, 1, 7, 128, 1000}) {
    const std::vector<Real> x = reader_rows<Real>(rows);
    std::vector<Real> out(rows), gradients(2 * rows);
    program.gradient({x.data(), rows, row_width}, out, {gradients.data(), rows, 2});
    for (std::size_t r = 0; r < rows; ++r) {
      const OneRow row(&x[row_width * r], reader_signature());
      const Value y = reader(row.x, row.y, row.i);
      y.backward();
      ASSERT_NEAR(out[r], y.data(), near) << "row " << r << " of " << rows;
      for (std::size_t j = 0; j < 2; ++j) ASSERT_NEAR(gradients[2 * r + j], row.x[j].grad(), near) << r;
    }
  }
}

TEST(Indices, GiveTheEnginesValuesAndGradientsByInputsInDouble) { expect_reader_gradients<double>(1e-14); }
TEST(Indices, GiveTheEnginesValuesAndGradientsByInputsInFloat) { expect_reader_gradients<float>(2e-6); }

template <class Real> void expect_reader_backward(Reduce reduce, std::size_t rows, double near) {
  const Reader reader;
  const std::vector<Value> parameters = reader.parameters();
  const std::vector<Real> x = reader_rows<Real>(rows);
  std::vector<Value> losses;
  std::vector<Real> seeds(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const OneRow row(&x[row_width * r], reader_signature());
    losses.push_back(reader(row.x, row.y, row.i));
    seeds[r] = static_cast<Real>(1 + r % 3);
    if (reduce == Reduce::none) losses.back() *= static_cast<double>(seeds[r]);
  }
  const Value loss = reduce == Reduce::mean ? mean(losses) : sum(losses);
  loss.backward();
  std::vector<double> expected;
  for (const Value& p : parameters) {
    expected.push_back(p.grad());
    p.set_grad(0);
  }
  std::vector<double> of_one_thread;
  for (const std::size_t threads : {1, 2, 4}) {
    const auto program = compile<Real>(reader, reader_signature(),
                                       {.parameters = parameters, .reduce = reduce, .threads = threads});
    // Inputs, and behind them targets and indices; in one table, or in two.
    const Rows<const Real> whole(x.data(), rows, row_width), inputs(x.data(), rows, 2, row_width),
        behind(x.data() + 2, rows, 4, row_width);
    double found = 0;
    if (reduce == Reduce::none) {
      found = program.backward_seeded(inputs, behind, seeds);
    } else {
      found = threads == 2 ? program.backward(whole) : program.backward(inputs, behind);
    }
    EXPECT_NEAR(found, loss.data(), near * (1 + std::abs(loss.data())));
    std::vector<double> gradients{found};
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      EXPECT_NEAR(parameters[k].grad(), expected[k], near * (1 + std::abs(expected[k]))) << "parameter " << k;
      gradients.push_back(parameters[k].grad());
      parameters[k].set_grad(0);
    }
    if (of_one_thread.empty()) of_one_thread = gradients;
    EXPECT_EQ(gradients, of_one_thread) << threads << " threads give other bits";
  }
}

TEST(Indices, AddGradientsToTheTableTheyChooseFromInAnyNumberOfThreads) {
  // Under stress the engine's own graph of a thousand rows would take minutes.
  const std::size_t most = table_walk::in_a_hurry() ? 150 : 1000;
  for (const Reduce reduce : {Reduce::mean, Reduce::sum, Reduce::none}) {
    for (const std::size_t rows : {std::size_t{1}, std::size_t{7}, std::size_t{128}, most}) {
      expect_reader_backward<double>(reduce, rows, 1e-13);
    }
    expect_reader_backward<float>(reduce, 129, 1e-5);
  }
}

TEST(Indices, GiveEachCopyOfAValueInTheListItsShare) {
  const Value w(3, "w");
  const auto f = [&w](Span x, Indices i) {
    return pick(std::vector<Value>{x[0], w, x[0], x[1], w}, i[0]) * x[1] + pick(x, i[1]) * w;
  };
  const auto program =
      compile<double>(f, {.inputs = 2, .indices = 2}, {.parameters = {w}, .reduce = Reduce::sum});
  std::vector<double> x, expected_out, expected_gradients;
  for (int k = 0; k < 10; ++k) {
    x.insert(x.end(), {0.5 + k, 2.0 - k, static_cast<double>(k % 5), static_cast<double>(k / 5)});
    const OneRow row(&x[x.size() - 4], {.inputs = 2, .indices = 2});
    const Value y = f(row.x, row.i);
    y.backward();
    expected_out.push_back(y.data());
    for (const Value& leaf : row.x) expected_gradients.push_back(leaf.grad());
  }
  const double by_w = w.grad();
  std::vector<double> out(10), gradients(20);
  program.gradient({x.data(), 10, 4}, out, {gradients.data(), 10, 2});
  EXPECT_EQ(out, expected_out);
  EXPECT_EQ(gradients, expected_gradients);
  program.backward({x.data(), 10, 4});
  EXPECT_EQ(w.grad(), 2 * by_w);
}

TEST(Indices, LeaveNoTraceOfWhatWasNotPicked) {
  const Value w(0, "w");
  const auto f = [&w](Span x, Indices i) {
    const std::vector<Value> list{sqrt(x[0]), 1 / x[0], x[0] * 2, log(w), sqrt(w) * x[0], w + 1};
    return pick(list, i[0]);
  };
  const auto program =
      compile<double>(f, {.inputs = 1, .indices = 1}, {.parameters = {w}, .reduce = Reduce::sum});
  const std::vector<double> x{-1, 2, 0, 2, 0, 5, 4, 0, 2, 1};
  std::vector<double> out(5), gradients(5);
  program.gradient({x.data(), 5, 2}, out, {gradients.data(), 5, 1});
  EXPECT_EQ(out, (std::vector<double>{-2, 0, 1, 2, 0.5}));
  EXPECT_EQ(gradients, (std::vector<double>{2, 2, 0, 0.25, -0.25}));
  program.backward({x.data(), 5, 2});
  EXPECT_EQ(w.grad(), 1)
      << "log and sqrt of the parameter, whose slopes at 0 are infinite, are picked by no row";
}

TEST(Indices, HaveJacobiansHessiansAndProductsThatAreTheEngines) {
  const auto two = [](Span x, Indices i) {
    const std::vector<Value> list{x[0] * x[1], exp(x[2]), sin(x[0]) * x[2], x[1]};
    const Value y = pick(list, i[0]);
    return std::vector<Value>{y * x[2], square(y) + pick(x, i[1]) * y};
  };
  const auto one = [&two](Span x, Indices i) { return two(x, i)[1]; };
  const Signature signature{.inputs = 3, .indices = 2};
  const auto many = compile<double>(two, signature), single = compile<double>(one, signature);
  constexpr std::size_t rows = 12;
  std::vector<double> x, v, u, jac(6 * rows), hes(9 * rows), forward(2 * rows), back(3 * rows);
  for (std::size_t r = 0; r < rows; ++r) {
    const auto t = static_cast<double>(r);
    x.insert(x.end(),
             {std::sin(t), std::cos(t), 0.1 * t, static_cast<double>(r % 4), static_cast<double>(r / 4)});
    v.insert(v.end(), {t, 1, -1});
    u.insert(u.end(), {2, t});
  }
  const Rows<const double> table(x.data(), rows, 5);
  many.jacobian(table, {jac.data(), rows, 6});
  many.jvp(table, {v.data(), rows, 3}, {forward.data(), rows, 2});
  many.vjp(table, {u.data(), rows, 2}, {back.data(), rows, 3});
  single.hessian(table, {hes.data(), rows, 9});
  for (std::size_t r = 0; r < rows; ++r) {
    const OneRow row(&x[5 * r], signature);
    const auto at_row = [&row](const auto& f) { return [&](Span z) { return f(z, row.i); }; };
    const std::span<const double> point(&x[5 * r], 3);
    const Matrix j = jacobian(at_row(two), point), h = hessian(at_row(one), point);
    const std::vector<double> p = jvp(at_row(two), point, std::span(&v[3 * r], 3));
    const std::vector<double> q = vjp(at_row(two), point, std::span(&u[2 * r], 2));
    for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(jac[6 * r + k], j.entries[k], 1e-13) << r;
    for (std::size_t k = 0; k < 9; ++k) EXPECT_NEAR(hes[9 * r + k], h.entries[k], 1e-13) << r;
    for (std::size_t k = 0; k < 2; ++k) EXPECT_NEAR(forward[2 * r + k], p[k], 1e-13) << r;
    for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(back[3 * r + k], q[k], 1e-13) << r;
  }
}

// ---- C

template <class Real> void expect_reader_in_c(const char* name, double near) {
  const Reader reader;
  const std::vector<Value> parameters = reader.parameters();
  const auto program = compile<Real>(reader, reader_signature(), {.parameters = parameters});
  const std::string fixed = std::string(name) + "_fixed";
  const std::string text = program.to_c(name, {.gradient = true, .backward = true}) +
                           program.to_c(fixed, {.gradient = true, .fixed_parameters = true});
  EXPECT_THAT(
      text, HasSubstr("x: 2 inputs, then 1 target, then 3 indices; out: 1 result; parameters: 18 numbers."));
  EXPECT_THAT(text, HasSubstr("x[5]: a whole number, 0 to 4 exclusive."));
  EXPECT_THAT(text, HasSubstr("For a row with an index out of range it returns 1 and writes nothing."));
  const Library library(text);
  std::vector<Real> data;
  for (const Value& p : parameters) data.push_back(static_cast<Real>(p.data()));
  std::vector<Real> x = reader_rows<Real>(16);
  for (std::size_t r = 0; r < 16; ++r) {
    const OneRow row(&x[row_width * r], reader_signature());
    for (const Value& p : parameters) p.set_grad(0);
    const Value y = reader(row.x, row.y, row.i);
    y.backward();
    Real out = 0;
    std::vector<Real> by_input(2), by_parameter(18);
    for (const bool is_fixed : {false, true}) {
      by_input = {0, 0};
      const Real* const at = &x[row_width * r];
      ASSERT_EQ(is_fixed
                    ? library.call(fixed + "_gradient", at, &out, by_input.data())
                    : library.call(std::string(name) + "_gradient", at, data.data(), &out, by_input.data()),
                0);
      EXPECT_NEAR(out, y.data(), near);
      for (std::size_t j = 0; j < 2; ++j) EXPECT_NEAR(by_input[j], row.x[j].grad(), near) << r;
    }
    ASSERT_EQ(library.call(std::string(name) + "_backward", &x[row_width * r], data.data(), &out,
                           by_parameter.data()),
              0);
    for (std::size_t k = 0; k < 18; ++k)
      EXPECT_NEAR(by_parameter[k], parameters[k].grad(), near) << r << " " << k;
  }
  for (const double number : {-1.0, 4.0, 0.5, 1e30, nan, infinity, -infinity}) {
    for (std::size_t column = 3; column < 6; ++column) {
      std::vector<Real> row(x.begin(), x.begin() + row_width), by_parameter(18, 78);
      row[column] = static_cast<Real>(number);
      Real out = 77;
      EXPECT_EQ(library.call(name, row.data(), data.data(), &out), 1) << number;
      EXPECT_EQ(
          library.call(std::string(name) + "_backward", row.data(), data.data(), &out, by_parameter.data()),
          1);
      EXPECT_EQ(out, 77);
      EXPECT_EQ(by_parameter, std::vector<Real>(18, 78));
    }
  }
}

TEST(Indices, AreCheckedAndFollowedInCInDouble) { expect_reader_in_c<double>("reader", 1e-13); }
TEST(Indices, AreCheckedAndFollowedInCInFloat) { expect_reader_in_c<float>("narrow", 3e-6); }

TEST(Indices, InCMayChooseColumnsAndBeUnlimited) {
  const Value a(10, "a"), b(20, "b"), c(30, "c");
  const auto f = [&](Span x, Indices i) {
    return std::vector<Value>{pick(x, i[0]), pick(std::vector<Value>{a, c}, i[0]), x[1]};
  };
  const auto program = compile<double>(f, {.inputs = 3, .indices = 2}, {.parameters = {a, b, c}});
  const std::string text = program.to_c("f");
  EXPECT_THAT(text, HasSubstr("= x[(int)x[3]];"));
  EXPECT_THAT(text, HasSubstr("= parameters[2 * (int)x[3]];"));
  const Library library(text);
  const std::vector<double> parameters{1, 2, 3};
  std::vector<double> out(3);
  const auto run = [&](double i, double j) {
    const std::vector<double> x{7, 8, 9, i, j};
    return library.call("f", x.data(), parameters.data(), out.data());
  };
  EXPECT_EQ(run(1, -1e9), 0);
  EXPECT_EQ(out, (std::vector<double>{8, 3, 8}));
  EXPECT_EQ(run(2, 0), 1) << "the second list is shorter";
  EXPECT_EQ(run(0, 0.5), 1);
  EXPECT_EQ(run(0, infinity), 1);
}

std::size_t count_of(const std::string& word, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

std::string last_result(const std::string& program) { return program.substr(program.rfind(" = ")); }

TEST(Pick, WhatAllChoicesShareIsReachedWhicheverIsMade) {
  const auto all_share = [](Span x, Span, Indices i) {
    const Value shared = log(x[0]);
    return pick(std::vector<Value>{2 * shared, shared * shared, -shared}, i[0]);
  };
  const auto two_share = [](Span x, Span, Indices i) {
    const Value shared = log(x[0]);
    return pick(std::vector<Value>{2 * shared, 5 * x[0], -shared}, i[0]);
  };
  const auto all = compile<double>(all_share, {.inputs = 1, .indices = 1});
  const auto two = compile<double>(two_share, {.inputs = 1, .indices = 1});
  // The slope of the logarithm is multiplied with in every row, or else in those that reach it.
  const std::string slope_of_all = all.dump(Stage::simplified, Want::gradient);
  const std::string slope_of_two = two.dump(Stage::simplified, Want::gradient);
  EXPECT_EQ(last_result(slope_of_all).find("where"), std::string::npos) << slope_of_all;
  EXPECT_GT(count_of("where", slope_of_two), count_of("where", slope_of_all)) << slope_of_two;

  const std::vector<double> rows{0.5, 0, 0.5, 1, 0.5, 2, 0, 1};
  std::vector<double> out(4), slopes(4);
  all.gradient({rows.data(), 3, 2}, {out.data(), 3, 1}, {slopes.data(), 3, 1});
  EXPECT_DOUBLE_EQ(slopes[0], 2 / 0.5);
  EXPECT_DOUBLE_EQ(slopes[1], 2 * std::log(0.5) / 0.5);
  EXPECT_DOUBLE_EQ(slopes[2], -1 / 0.5);
  // At 0 the logarithm's slope is infinite, and the second choice does not see it.
  two.gradient({rows.data(), 4, 2}, {out.data(), 4, 1}, {slopes.data(), 4, 1});
  EXPECT_DOUBLE_EQ(slopes[0], 2 / 0.5);
  EXPECT_EQ(slopes[1], 5);
  EXPECT_DOUBLE_EQ(slopes[2], -1 / 0.5);
  EXPECT_EQ(slopes[3], 5);
}

}  // namespace
}  // namespace micrograd
