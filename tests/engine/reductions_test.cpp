// Functions of many values: sums, dot products, means, log-sum-exp and softmax that neither overflow nor lose
// infinities, and checked indexing.
#include <micrograd/engine/reductions.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include "helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::infinity;
using testing::message_of;

std::vector<double> gradients(std::span<const Value> values) {
  std::vector<double> result;
  for (const Value& x : values) result.push_back(x.grad());
  return result;
}

std::vector<double> numbers_of(std::span<const Value> values) {
  std::vector<double> result;
  for (const Value& x : values) result.push_back(x.data());
  return result;
}

TEST(Sum, adds_and_gives_every_value_the_gradient) {
  const std::vector<Value> x = {1, 2, 3};
  const Value total = sum(x);
  total.backward(2);
  EXPECT_EQ(total.data(), 6);
  EXPECT_EQ(gradients(x), (std::vector<double>{2, 2, 2}));
}

TEST(Sum, takes_vectors_arrays_spans_and_lists) {
  const std::array<Value, 2> array = {1, 2};
  const Value native[] = {3, 4};
  EXPECT_EQ(sum(array).data(), 3);
  EXPECT_EQ(sum(native).data(), 7);
  EXPECT_EQ(sum(std::span(array).first(1)).data(), 1);
  EXPECT_EQ(sum({array[0], array[1], Value(5)}).data(), 8);
  EXPECT_EQ(std::accumulate(array.begin(), array.end(), Value(10)).data(), 13);
}

TEST(Sum, of_nothing_is_zero_and_of_one_its_value) {
  EXPECT_EQ(sum(std::vector<Value>{}).data(), 0);
  const std::vector<Value> one = {Value(7)};
  EXPECT_EQ(sum(one).data(), 7);
  sum(one).backward();
  EXPECT_EQ(one[0].grad(), 1);
}

TEST(Sum, adds_from_left_to_right) {
  const std::vector<Value> x = {1e16, 1, -1e16, 1};
  EXPECT_EQ(sum(x).data(), ((1e16 + 1) - 1e16) + 1);
}

TEST(Sum, does_not_change_the_first_value) {
  const std::vector<Value> x = {1, 2};
  const Value first = x[0];
  static_cast<void>(sum(x));
  EXPECT_TRUE(same_node(x[0], first));
  EXPECT_EQ(first.data(), 1);
}

TEST(Dot, multiplies_pairs_and_adds) {
  const std::vector<Value> x = {1, 2, 3};
  const std::array<Value, 3> y = {4, 5, 6};
  const Value product = dot(x, y);
  product.backward();
  EXPECT_EQ(product.data(), 32);
  EXPECT_EQ(gradients(x), (std::vector<double>{4, 5, 6}));
  EXPECT_EQ(gradients(y), (std::vector<double>{1, 2, 3}));
}

TEST(Dot, takes_plain_numbers_on_either_side) {
  const std::vector<Value> x = {1, 2, 3};
  const std::vector<double> numbers = {4, 5, 6};
  const std::array<int, 3> whole = {7, 8, 9};
  EXPECT_EQ(dot(x, numbers).data(), 32);
  EXPECT_EQ(dot(numbers, x).data(), 32);
  const Value product = dot(whole, x);
  product.backward();
  EXPECT_EQ(product.data(), 7 + 16 + 27);
  EXPECT_EQ(gradients(x), (std::vector<double>{7, 8, 9}));
}

TEST(Dot, of_a_vector_with_itself_counts_both_uses) {
  const std::vector<Value> x = {1, 2};
  dot(x, x).backward();
  EXPECT_EQ(gradients(x), (std::vector<double>{2, 4}));
}

TEST(Dot, of_nothing_is_zero_and_unequal_lengths_are_refused) {
  const std::vector<Value> none;
  EXPECT_EQ(dot(none, none).data(), 0);
  const std::vector<Value> x = {1, 2};
  const std::string message = message_of([&] { return dot(x, std::vector<double>{1, 2, 3}); });
  EXPECT_TRUE(contains(message, "dot: ")) << message;
  EXPECT_TRUE(contains(message, "got 2 and 3")) << message;
}

TEST(Mean, is_the_sum_over_the_count) {
  const std::vector<Value> x = {1, 2, 6};
  const Value average = mean(x);
  average.backward();
  EXPECT_EQ(average.data(), 3);
  EXPECT_EQ(gradients(x), (std::vector<double>{1.0 / 3, 1.0 / 3, 1.0 / 3}));
  EXPECT_EQ(mean({Value(1), Value(2)}).data(), 1.5);
  EXPECT_TRUE(contains(message_of([] { return mean(std::vector<Value>{}); }), "mean: "));
}

TEST(Logsumexp, is_what_it_says_and_its_gradient_is_softmax) {
  const std::vector<Value> x = {0.5, -1, 2};
  const double total = std::exp(0.5) + std::exp(-1) + std::exp(2);
  const Value y = logsumexp(x);
  y.backward();
  EXPECT_NEAR(y.data(), std::log(total), 1e-15);
  EXPECT_NEAR(x[0].grad(), std::exp(0.5) / total, 1e-15);
  EXPECT_NEAR(x[1].grad(), std::exp(-1) / total, 1e-15);
  EXPECT_NEAR(x[2].grad(), std::exp(2) / total, 1e-15);
  EXPECT_EQ(logsumexp({Value(3)}).data(), 3);
}

TEST(Logsumexp, neither_overflows_nor_underflows) {
  for (const double far : {1e3, -1e3, 1e300, -1e300}) {
    const std::vector<Value> x = {far, far};
    const Value y = logsumexp(x);
    y.backward();
    EXPECT_DOUBLE_EQ(y.data(), far + std::log(2.0));
    EXPECT_EQ(gradients(x), (std::vector<double>{0.5, 0.5}));
  }
  const std::vector<Value> apart = {-1e300, 1e300};
  logsumexp(apart).backward();
  EXPECT_EQ(gradients(apart), (std::vector<double>{0, 1}));
}

TEST(Logsumexp, treats_infinities_as_limits) {
  const std::vector<Value> x = {-infinity, 1000, -infinity};
  const Value y = logsumexp(x);
  y.backward();
  EXPECT_EQ(y.data(), 1000);
  EXPECT_EQ(gradients(x), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(logsumexp({Value(-infinity), Value(-infinity)}).data(), -infinity);
  EXPECT_EQ(logsumexp({Value(infinity), Value(1)}).data(), infinity);
  EXPECT_EQ(logsumexp({Value(1e5), Value(infinity), Value(-infinity)}).data(), infinity);
  const Value nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(std::isnan(logsumexp({nan, Value(1000)}).data()));
  EXPECT_TRUE(std::isnan(logsumexp({Value(1000), nan}).data()));
}

TEST(Softmax, sums_to_one_and_has_the_gradient_of_its_formula) {
  const std::vector<Value> x = {0.5, -1, 2};
  const std::vector<Value> p = softmax(x);
  ASSERT_EQ(p.size(), 3U);
  EXPECT_NEAR(sum(p).data(), 1, 1e-15);
  EXPECT_NEAR(p[0].data(), std::exp(0.5) / (std::exp(0.5) + std::exp(-1) + std::exp(2)), 1e-15);
  p[2].backward();
  for (std::size_t j = 0; j < 3; ++j)
    EXPECT_NEAR(x[j].grad(), p[2].data() * ((j == 2 ? 1 : 0) - p[j].data()), 1e-15);
}

TEST(Softmax, neither_overflows_nor_loses_minus_infinity) {
  EXPECT_EQ(numbers_of(softmax({Value(1e300), Value(1e300)})), (std::vector<double>{0.5, 0.5}));
  const std::vector<Value> masked = {-infinity, 7, 7};
  const std::vector<Value> p = softmax(masked);
  EXPECT_EQ(numbers_of(p), (std::vector<double>{0, 0.5, 0.5}));
  p[1].backward();
  EXPECT_EQ(gradients(masked), (std::vector<double>{0, 0.25, -0.25}));
  EXPECT_EQ(numbers_of(softmax({Value(-2000)})), (std::vector<double>{1}));
}

TEST(Softmax, and_logsumexp_of_nothing_are_refused) {
  const std::vector<Value> none;
  EXPECT_TRUE(contains(message_of([&] { return softmax(none); }), "softmax: "));
  EXPECT_TRUE(contains(message_of([&] { return logsumexp(none); }), "logsumexp: "));
}

TEST(Pick, is_the_value_itself) {
  const std::vector<Value> x = {1, 2, 3};
  EXPECT_TRUE(same_node(pick(x, 1), x[1]));
  EXPECT_TRUE(same_node(pick(x, std::size_t{2}), x[2]));
  EXPECT_TRUE(same_node(pick(std::array<Value, 1>{x[0]}, static_cast<signed char>(0)), x[0]));
}

TEST(Pick, refuses_indices_out_of_range_with_the_range) {
  const std::vector<Value> x = {1, 2, 3};
  for (const std::string& message :
       {message_of([&] { return pick(x, -1); }), message_of([&] { return pick(x, 3); }),
        message_of([&] { return pick(x, std::numeric_limits<std::size_t>::max()); }),
        message_of([&] { return pick(x, std::numeric_limits<long long>::min()); })}) {
    EXPECT_TRUE(contains(message, "pick: ")) << message;
    EXPECT_TRUE(contains(message, "0 to 3")) << message;
  }
  EXPECT_TRUE(contains(message_of([&] { return pick(x, -1); }), "got -1"));
  EXPECT_NE(message_of([] { return pick(std::vector<Value>{}, 0); }), "no error");
}

TEST(Gather, takes_a_row_whose_values_share_the_tables_nodes) {
  const std::vector<std::vector<Value>> table = {{1, 2}, {3, 4}, {5, 6}};
  const std::vector<Value> row = gather(table, 2);
  EXPECT_EQ(numbers_of(row), (std::vector<double>{5, 6}));
  EXPECT_TRUE(same_node(row[1], table[2][1]));
  (sum(row) + sum(gather(table, 2)) * 10 + gather(table, 0)[0]).backward();
  EXPECT_EQ(gradients(table[2]), (std::vector<double>{11, 11}));
  EXPECT_EQ(gradients(table[0]), (std::vector<double>{1, 0}));
  EXPECT_EQ(gradients(table[1]), (std::vector<double>{0, 0}));
  const std::array<std::array<Value, 1>, 2> fixed = {{{7}, {8}}};
  EXPECT_EQ(gather(fixed, 1U)[0].data(), 8);
}

TEST(Gather, refuses_indices_out_of_range) {
  const std::vector<std::vector<Value>> table = {{1, 2}, {3, 4}};
  for (const int index : {-1, 2, 100}) {
    const std::string message = message_of([&] { return gather(table, index); });
    EXPECT_TRUE(contains(message, "gather: ")) << message;
    EXPECT_TRUE(contains(message, "got " + std::to_string(index))) << message;
    EXPECT_TRUE(contains(message, "0 to 2")) << message;
  }
}

}  // namespace
}  // namespace micrograd
