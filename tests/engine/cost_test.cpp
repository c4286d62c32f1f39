// What the engine may cost, in numbers that do not depend on the machine: bytes a node, nodes a training
// step, heap allocations, chunks. Times are the business of bench/.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>
#include <span>
#include <vector>

#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/node.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/optimiser.hpp>
#include "../train/hurry.hpp"

namespace {

std::atomic<std::size_t> allocations = 0;

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  const std::size_t rounded = (std::max<std::size_t>(size, 1) + alignment - 1) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, rounded)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// In place of the library's own; the array and nothrow forms come here too. Not inlined, or g++ would see an
// aligned_alloc meet a delete and warn.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace micrograd {
namespace {

/// The original's demo as users write it; what it records stays alive as long as the loss.
class Moons {
 public:
  explicit Moons(std::size_t points) : data_(make_moons(points, 0.1, 1)) {}

  Value loss() const {
    std::vector<Value> losses;
    for (std::size_t i = 0; i < data_.rows(); ++i) losses.push_back(hinge(net_(data_.row(i))[0], side(i)));
    return mean(losses) + 1e-4 * dot(parameters_, parameters_);
  }
  void step(const Value& loss) {
    sgd_.zero_grad();
    loss.backward();
    sgd_.step();
  }
  double side(std::size_t i) const { return data_.labels[i] == 1 ? 1 : -1; }

  const Dataset& data() const { return data_; }
  const MLP& net() const { return net_; }
  const std::vector<Value>& parameters() const { return parameters_; }

 private:
  Dataset data_;
  MLP net_{2, {16, 16, 1}};
  std::vector<Value> parameters_ = net_.parameters();
  SGD sgd_{parameters_, 0.1};
};

TEST(Cost, a_node_is_40_bytes) { EXPECT_EQ(sizeof(engine::Node), 40U); }

TEST(Cost, a_value_is_one_pointer) { EXPECT_EQ(sizeof(Value), sizeof(void*)); }

TEST(Cost, a_moons_step_records_one_node_an_operation_and_one_an_input) {
  const std::size_t points = in_a_hurry() ? 3 : 100;
  const auto neuron = [](std::size_t inputs) {
    return inputs + inputs;
  };  // products; additions, the bias's too
  const std::size_t relu = 1;
  const std::size_t net = 16 * (neuron(2) + relu) + 16 * (neuron(16) + relu) + neuron(16);
  const std::size_t hinge = 3;  // relu(1 - target * score)
  const std::size_t mean = (points - 1) + 1;
  const std::size_t parameters = 16 * (2 + 1) + 16 * (16 + 1) + (16 + 1);
  const std::size_t decay = parameters + (parameters - 1) + 2;
  const std::size_t expected = points * (2 + net + hinge) + mean + decay;

  Moons moons(points);
  ASSERT_EQ(moons.parameters().size(), parameters);
  trim_graph();  // of what earlier tests left, or backward may do so
  const std::size_t before = graph_stats().nodes;
  const Value loss = moons.loss();
  EXPECT_EQ(graph_stats().nodes - before, expected);
  moons.step(loss);
  EXPECT_EQ(graph_stats().nodes - before, expected) << "backward and the update record nothing";
}

TEST(Cost, a_warm_step_over_buffers_of_its_own_allocates_nothing) {
  Moons moons(in_a_hurry() ? 2 : 20);
  const std::size_t points = moons.data().rows();
  const std::vector<Value> inputs(moons.data().values.begin(), moons.data().values.end());
  std::vector<std::vector<Value>> signals;
  for (const Layer& layer : moons.net().layers()) signals.emplace_back(layer.outputs());

  const auto step = [&] {
    Value total = 0;
    for (std::size_t i = 0; i < points; ++i) {
      std::span<const Value> x = std::span(inputs).subspan(2 * i, 2);
      for (std::size_t l = 0; l < signals.size(); ++l) {
        const std::vector<Neuron>& neurons = moons.net().layers()[l].neurons();
        for (std::size_t n = 0; n < neurons.size(); ++n) signals[l][n] = neurons[n](x);
        x = signals[l];
      }
      total += hinge(x[0], moons.side(i));
    }
    moons.step(total / static_cast<double>(points) + 1e-4 * dot(moons.parameters(), moons.parameters()));
  };
  const int steps = in_a_hurry() ? 2 : 20;
  for (int k = 0; k < steps; ++k) step();
  const std::size_t before = allocations;
  for (int k = 0; k < steps; ++k) step();
  EXPECT_EQ(allocations - before, 0U);
}

TEST(Cost, ten_thousand_steps_with_the_loss_declared_outside_the_loop_stay_in_the_same_chunks) {
  Moons moons(in_a_hurry() ? 2 : 20);
  const int steps = in_a_hurry() ? 50 : 10'000;
  const int early = steps / 10;
  std::size_t early_chunks = 0, late_chunks = 0;
  Value loss;
  for (int k = 0; k < steps; ++k) {
    loss = moons.loss();
    std::size_t& most = k < early ? early_chunks : late_chunks;
    most = std::max(most, graph_stats().chunks + graph_stats().spare_chunks);
    moons.step(loss);
  }
  EXPECT_GT(early_chunks, 0U);
  EXPECT_LE(late_chunks, early_chunks);
}

TEST(Cost, ten_million_chained_operations_take_64_bytes_each_at_most) {
  const std::size_t operations = in_a_hurry() ? 1000 : 10'000'000;
  const auto peak_bytes = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
  };
  const Value start = 0.5;
  const std::size_t nodes = graph_stats().nodes;
  const std::size_t before = peak_bytes();
  {
    Value x = start;
    for (std::size_t i = 0; i < operations / 2; ++i) {
      x = x * 1.0000001;
      x = x + 1e-7;
    }
    x.backward();
  }
  EXPECT_NEAR(start.grad(), std::pow(1.0000001, static_cast<double>(operations / 2)), 1e-6);
  EXPECT_EQ(graph_stats().nodes, nodes) << "the chain went with its last handle";
  if (!in_a_hurry()) {
    EXPECT_LE(peak_bytes() - before, 64 * operations);
  }
}

}  // namespace
}  // namespace micrograd
