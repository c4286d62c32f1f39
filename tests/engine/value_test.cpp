// What a Value is to whoever holds it: a handle that aliases a node, with data, gradient, label, operation
// and operands; and what a plain number among the operands looks like.
#include <micrograd/engine/value.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <micrograd/error.hpp>
#include "helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::message_of;

std::string printed(const Value& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

Value one_third() { return {1.0 / 3, "third"}; }

TEST(Value, copying_aliases_the_node) {
  const Value a = 2;
  const Value b = a;
  EXPECT_TRUE(same_node(a, b));
  b.set_data(5);
  b.set_grad(7);
  b.set_label("shared");
  EXPECT_EQ(a.data(), 5);
  EXPECT_EQ(a.grad(), 7);
  EXPECT_EQ(a.label(), "shared");
}

TEST(Value, assignment_aliases_and_leaves_the_old_node_to_its_other_handles) {
  Value a = 2;
  const Value old = a;
  const Value b = 3;
  a = b;
  EXPECT_TRUE(same_node(a, b));
  EXPECT_FALSE(same_node(a, old));
  EXPECT_EQ(old.data(), 2);
}

TEST(Value, assignment_to_itself_changes_nothing) {
  Value a(2, "a");
  const Value other = a;
  Value& same = a;
  a = same;
  EXPECT_EQ(a.data(), 2);
  a = std::move(same);
  EXPECT_EQ(a.data(), 2);
  EXPECT_EQ(a.label(), "a");
  EXPECT_TRUE(same_node(a, other));
}

TEST(Value, equal_data_is_not_identity) {
  const Value a = 2;
  const Value b = 2;
  EXPECT_TRUE(a == b);
  EXPECT_FALSE(same_node(a, b));
  EXPECT_NE(node_hash(a), node_hash(b));
  EXPECT_EQ(node_hash(a), node_hash(Value(a)));
}

TEST(Value, a_default_one_is_zero_without_gradient_label_or_operands) {
  const Value zero;
  EXPECT_EQ(zero.data(), 0);
  EXPECT_EQ(zero.grad(), 0);
  EXPECT_EQ(zero.label(), "");
  EXPECT_EQ(zero.op(), "");
  EXPECT_TRUE(zero.prev().empty());
  EXPECT_EQ(printed(Value()), "Value(data=0, grad=0)");
}

TEST(Value, a_default_one_becomes_its_own_leaf_at_first_use) {
  const Value x;
  const Value y = x;
  const Value z;
  EXPECT_TRUE(same_node(x, y));
  EXPECT_FALSE(same_node(x, z));
  const Value sum = x + z;
  x.set_data(4);
  EXPECT_EQ(y.data(), 4);
  EXPECT_EQ(z.data(), 0);
  sum.backward();
  EXPECT_EQ(y.grad(), 1);
  EXPECT_TRUE(same_node(sum.prev()[0], x));
}

TEST(Value, default_ones_in_a_vector_are_separate_leaves) {
  const std::vector<Value> values(3);
  values[0].set_data(1);
  values[1].set_data(2);
  EXPECT_EQ(values[0].data(), 1);
  EXPECT_EQ(values[1].data(), 2);
  EXPECT_EQ(values[2].data(), 0);
}

TEST(Value, a_moved_from_one_is_zero_again) {
  Value a = 3;
  const Value b = std::move(a);
  EXPECT_EQ(b.data(), 3);
  a.set_data(1);  // NOLINT(bugprone-use-after-move): what is left is a fresh Value()
  EXPECT_EQ(b.data(), 3);
  EXPECT_EQ(a.data(), 1);
}

template <class N>
class Number : public ::testing::Test {};
using Arithmetic = ::testing::Types<bool, char, signed char, unsigned char, wchar_t, char8_t, char16_t,
                                    char32_t, short, unsigned short, int, unsigned, long, unsigned long,
                                    long long, unsigned long long, float, double, long double>;
TYPED_TEST_SUITE(Number, Arithmetic);

TYPED_TEST(Number, constructs_a_value_implicitly_and_in_braces) {
  const TypeParam number = static_cast<TypeParam>(1);
  const Value plain = number;
  const Value braces{number};
  const Value labelled = {number, "label"};
  const std::vector<Value> list = {number, number};
  EXPECT_EQ(plain.data(), 1);
  EXPECT_EQ(braces.data(), 1);
  EXPECT_EQ(labelled.data(), 1);
  EXPECT_EQ(labelled.label(), "label");
  EXPECT_EQ(list.size(), 2U);
  EXPECT_EQ(plain.label(), "");
}

TEST(Value, keeps_numbers_as_double_does) {
  EXPECT_EQ(Value(std::int64_t{-9007199254740991}).data(), -9007199254740991.0);
  EXPECT_EQ(Value(0.1F).data(), static_cast<double>(0.1F));
  EXPECT_EQ(Value(2.5L).data(), 2.5);
  EXPECT_EQ(one_third().data(), 1.0 / 3);
  EXPECT_EQ(one_third().label(), "third");
}

enum class Scoped { one };
struct Anything {};

TEST(Value, converts_neither_to_numbers_nor_from_what_is_none) {
  static_assert(!std::is_convertible_v<Value, double> && !std::is_constructible_v<double, Value>);
  static_assert(!std::is_convertible_v<Value, bool> && !std::is_constructible_v<bool, Value>);
  static_assert(!std::is_constructible_v<int, Value>);
  static_assert(!std::is_constructible_v<Value, int*> && !std::is_constructible_v<Value, const char*>);
  static_assert(!std::is_constructible_v<Value, std::nullptr_t> && !std::is_constructible_v<Value, Scoped>);
  static_assert(!std::is_constructible_v<Value, Anything>);
  static_assert(std::is_nothrow_move_constructible_v<Value> && std::is_nothrow_move_assignable_v<Value>);
}

TEST(Value, label_can_be_given_later_and_replaced) {
  Value a = 2;
  const Value b = a * 3;
  a.set_label("first");
  a.set_label("second");
  b.set_label(std::string(1000, 'x'));
  EXPECT_EQ(a.label(), "second");
  EXPECT_EQ(b.label().size(), 1000U);
  EXPECT_EQ(b.prev()[0].label(), "second");
  a.set_label("");
  EXPECT_EQ(a.label(), "");
}

TEST(Value, prints_data_and_gradient) {
  const Value a = 2;
  EXPECT_EQ(printed(a), "Value(data=2, grad=0)");
  a.set_data(-0.5);
  a.set_grad(1.25);
  EXPECT_EQ(printed(a), "Value(data=-0.5, grad=1.25)");
}

TEST(Value, data_of_a_leaf_can_be_set_and_later_results_use_it) {
  const Value a = 2;
  const Value before = a * 10;
  a.set_data(3);
  EXPECT_EQ(a.data(), 3);
  EXPECT_EQ(before.data(), 20);
  EXPECT_EQ((a * 10).data(), 30);
}

TEST(Value, data_of_a_result_cannot_be_set_and_the_error_says_whose) {
  const Value a(2, "a");
  const Value c = a * Value(3, "b");
  const std::string message = message_of([&] {
    c.set_data(7);
    return 0;
  });
  EXPECT_TRUE(contains(message, "set_data: ")) << message;
  EXPECT_TRUE(contains(message, "* of a = 2, b = 3")) << message;
  EXPECT_TRUE(contains(message, "7")) << message;
  EXPECT_EQ(c.data(), 6);
}

TEST(Value, op_and_prev_tell_how_a_result_was_made_with_repeats_kept) {
  const Value a = 2;
  const Value b = 3;
  const Value c = a * b;
  EXPECT_EQ(c.op(), "*");
  ASSERT_EQ(c.prev().size(), 2U);
  EXPECT_TRUE(same_node(c.prev()[0], a));
  EXPECT_TRUE(same_node(c.prev()[1], b));
  const Value twice = a + a;
  ASSERT_EQ(twice.prev().size(), 2U);
  EXPECT_TRUE(same_node(twice.prev()[0], a));
  EXPECT_TRUE(same_node(twice.prev()[1], a));
  EXPECT_EQ(relu(a).op(), "ReLU");
  EXPECT_EQ(fma(a, b, c).prev().size(), 3U);
  EXPECT_TRUE(same_node(fma(a, b, c).prev()[2], c));
  EXPECT_EQ(a.op(), "");
  EXPECT_TRUE(a.prev().empty());
}

TEST(Value, unary_plus_is_the_value_itself_and_minus_an_operation) {
  const Value a = 2;
  EXPECT_EQ((+a).data(), 2);
  const Value m = -a;
  EXPECT_EQ(m.data(), -2);
  EXPECT_EQ(m.prev().size(), 1U);
  (m + +a * 3).backward();
  EXPECT_EQ(a.grad(), 2);
}

TEST(Value, compound_assignment_rebinds_and_others_keep_the_old_node) {
  const Value y = 3;
  Value x = 2;
  const Value old = x;
  x += y;
  EXPECT_EQ(x.data(), 5);
  EXPECT_EQ(old.data(), 2);
  EXPECT_FALSE(same_node(x, old));
  EXPECT_TRUE(same_node(x.prev()[0], old));
  EXPECT_TRUE(same_node(x.prev()[1], y));
  x -= 1;
  x *= y;
  x /= 4;
  EXPECT_EQ(x.data(), 3);
  x -= y;
  x *= 2;
  x /= y;
  x += 1;
  EXPECT_EQ(x.data(), 1);
  x.backward();  // (((old + y - 1) * y / 4 - y) * 2) / y + 1
  EXPECT_EQ(old.grad(), 0.5);
  Value self = 3;
  const Value three = self;
  self *= self;
  self.backward();
  EXPECT_EQ(self.data(), 9);
  EXPECT_EQ(three.grad(), 6);
}

}  // namespace
}  // namespace micrograd
