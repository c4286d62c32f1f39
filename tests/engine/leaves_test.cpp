// Many leaves at once are read and written as one by one, also those that have something special about them.
#include <micrograd/engine/leaves.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Numbers = std::vector<double>;

TEST(Leaves, are_read_and_written_in_order) {
  const std::vector<Value> leaves{1, 2, 3};
  leaves[1].set_grad(5);
  Numbers data(3), grads(3);
  read_leaves(leaves, data, grads);
  EXPECT_EQ(data, (Numbers{1, 2, 3}));
  EXPECT_EQ(grads, (Numbers{0, 5, 0}));

  write_data(leaves, Numbers{4, 5, 6});
  add_grads(leaves, Numbers{1, 1, 1});
  read_data(leaves, data);
  read_grads(leaves, grads);
  EXPECT_EQ(data, (Numbers{4, 5, 6}));
  EXPECT_EQ(grads, (Numbers{1, 6, 1}));

  write_leaves(leaves, Numbers{7, 8, 9}, Numbers{-1, -2, -3});
  EXPECT_EQ(leaves[2].data(), 9);
  EXPECT_EQ(leaves[2].grad(), -3);
  write_grads(leaves, 0.5);
  EXPECT_EQ(leaves[0].grad(), 0.5);
}

TEST(Leaves, that_were_never_given_a_number_are_0) {
  const std::vector<Value> leaves(2);
  Numbers data{1, 1}, grads{1, 1};
  read_leaves(leaves, data, grads);
  EXPECT_EQ(data, (Numbers{0, 0}));
  EXPECT_EQ(grads, (Numbers{0, 0}));
}

TEST(Leaves, that_stand_for_the_number_of_an_operation_change_it) {
  const Value x(3);
  const Value y = x * 2;
  const std::vector<Value> leaves{y.prev()[1]};
  write_data(leaves, Numbers{5});
  y.backward();
  EXPECT_EQ(x.grad(), 5);
}

// The gradient of the 2 follows from x; it is not stored until somebody looks.
TEST(Leaves, keep_the_gradients_that_follow_from_the_data_before) {
  const std::vector<Value> leaves{3};
  const Value y = leaves[0] * 2;
  y.backward();
  write_data(leaves, Numbers{100});
  EXPECT_EQ(y.prev()[1].grad(), 3);
}

TEST(Leaves, results_of_operations_are_refused) {
  const Value x(3);
  const std::vector<Value> results{x * 2};
  EXPECT_THAT([&] { write_data(results, Numbers{1}); },
              ThrowsMessage<UsageError>(HasSubstr("only a leaf's data can be set")));
}

TEST(LeavesThread, of_another_thread_are_refused) {
  const std::vector<Value> leaves{1, 2};
  std::thread([&] {
    EXPECT_THROW(write_data(leaves, Numbers{1, 1}), UsageError);
    EXPECT_THROW(add_grads(leaves, Numbers{1, 1}), UsageError);
    Numbers data(2);
    read_data(leaves, data);
    EXPECT_EQ(data, (Numbers{1, 2}));
  }).join();
}

}  // namespace
}  // namespace micrograd
