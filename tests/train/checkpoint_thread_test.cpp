// Saving only reads: whoever looks at the net meanwhile sees it as it is.
#include <micrograd/train/checkpoint.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include <micrograd/nn/mlp.hpp>

namespace micrograd {
namespace {

TEST(CheckpointThread, ThatReadsTheNetWhileItIsSavedNeverSeesTheBestEpochsWeights) {
  const MLP net(2, {8, 8, 2}, {.seed = 3});
  const SGD sgd(net.parameters(), SGDOptions{});
  const std::vector<Value> parameters = net.parameters();
  const std::vector<double> standing = sgd.parameter_data();
  const Progress progress{.epochs = 2, .steps = 2, .best_parameters = std::vector(standing.size(), 1e6)};
  std::atomic<bool> reads = false, saved = false, unchanged = true;
  const std::jthread reader([&] {
    while (!saved) {
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        if (parameters[i].data() != standing[i]) unchanged = false;
      }
      reads = true;
    }
  });
  while (!reads) std::this_thread::yield();
  for (int i = 0; i < 500 && unchanged; ++i) save_checkpoint(net, sgd, progress, "/dev/null");
  saved = true;
  EXPECT_TRUE(unchanged);
}

}  // namespace
}  // namespace micrograd
