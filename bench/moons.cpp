// W1: one training step of MLP(2, [16, 16, 1]) on 100 points of two moons: forward, backward and update on
// the full batch. The rate is so small that all contestants stay at the same net however many steps each
// makes.
#include <utility>
#include <vector>

#include <micrograd/engine/reductions.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/optimiser.hpp>
#include "baselines/baselines.hpp"
#include "contestants.hpp"

namespace bench {
namespace {

constexpr double rate = 1e-9;
constexpr std::size_t points = 100, hidden = 16;

// Per point: two multiplications and additions an input (the sum's first addition is the bias's), relu,
// hinge. Then the mean, and the weight decay over all parameters.
constexpr std::size_t parameter_count = (2 + 1) * hidden + (hidden + 1) * hidden + (hidden + 1);
constexpr std::size_t operations =
    points * (hidden * (2 * 2 + 1) + hidden * (2 * hidden + 1) + 2 * hidden + 3) + points +
    (2 * parameter_count - 1) + 2;

struct Task {
  micrograd::Dataset data = micrograd::make_moons(points, 0.1, 1);
  std::vector<double> targets;
  std::vector<double> parameters;

  Task() {
    for (const std::size_t label : data.labels) targets.push_back(label == 1 ? 1 : -1);
    for (const micrograd::Value& p : net().parameters()) parameters.push_back(p.data());
  }
  static micrograd::MLP net() { return micrograd::MLP(2, {hidden, hidden, 1}); }
};

Run prepare_plain() {
  return [task = Task(), net = plain::Net(2, {hidden, hidden, 1}, Task().parameters)]() mutable {
    return net.step(task.data.values, task.targets, rate);
  };
}

// As users write it.
Run prepare_micrograd() {
  using namespace micrograd;
  const MLP net = Task::net();
  const std::vector<Value> parameters = net.parameters();
  return [task = Task(), net, parameters, sgd = SGD(parameters, rate)]() mutable {
    std::vector<Value> losses;
    for (std::size_t i = 0; i < points; ++i) {
      losses.push_back(hinge(net(task.data.row(i))[0], task.targets[i]));
    }
    const Value loss = mean(losses) + 1e-4 * dot(parameters, parameters);
    sgd.zero_grad();
    loss.backward();
    sgd.step();
    double slopes = 0;
    for (const Value& p : parameters) slopes += p.grad();
    return loss.data() + slopes;
  };
}

#ifdef MICROGRAD_HAVE_ADOLC
adouble relu(const adouble& x) { return fmax(x, 0.0); }
#endif

// The same net for the number types that have none. `at` points at the weights of a layer, and moves on.
template <class T>
std::vector<T> layer(const T*& at, const std::vector<T>& x, std::size_t neurons, bool nonlinear) {
  std::vector<T> result;
  for (std::size_t n = 0; n < neurons; ++n) {
    T total = at[0] * x[0];
    for (std::size_t i = 1; i < x.size(); ++i) total = total + at[i] * x[i];
    total = total + at[x.size()];
    result.push_back(nonlinear ? relu(total) : total);
    at += x.size() + 1;
  }
  return result;
}

template <class T>
T moons_loss(const Task& task, const std::vector<T>& parameters) {
  T total = 0;
  for (std::size_t i = 0; i < points; ++i) {
    const T* at = parameters.data();
    const std::span<const double> row = task.data.row(i);
    std::vector<T> x(row.begin(), row.end());
    x = layer(at, x, hidden, true);
    x = layer(at, x, hidden, true);
    const T score = layer(at, x, 1, false)[0];
    const T miss = relu(1 - task.targets[i] * score);
    total = i == 0 ? miss : total + miss;
  }
  T squares = parameters[0] * parameters[0];
  for (std::size_t k = 1; k < parameter_count; ++k) squares = squares + parameters[k] * parameters[k];
  return total / static_cast<double>(points) + 1e-4 * squares;
}

#ifdef MICROGRAD_HAVE_ADOLC
Run prepare_adolc() {
  return [task = Task(), tape = AdolcTape(operations)]() mutable {
    const double loss = tape.record(task.parameters, [&task](auto parameters) {
      return moons_loss(task, std::vector<adouble>(parameters.begin(), parameters.end()));
    });
    const std::vector<double>& gradient = tape.gradient();
    double slopes = 0;
    for (std::size_t k = 0; k < gradient.size(); ++k) {
      task.parameters[k] -= rate * gradient[k];
      slopes += gradient[k];
    }
    return loss + slopes;
  };
}
#endif

}  // namespace

Run prepare_moons_closures() {
  using classic::Value;
  return [task = Task(), parameters = [] {
    const Task fresh;
    return std::vector<Value>(fresh.parameters.begin(), fresh.parameters.end());
  }()] {
    const Value loss = moons_loss(task, parameters);
    for (const Value& p : parameters) p.set_grad(0);
    loss.backward();
    double slopes = 0;
    for (const Value& p : parameters) {
      p.set_data(p.data() - rate * p.grad());
      slopes += p.grad();
    }
    return loss.data() + slopes;
  };
}

Workload moons_step() {
  Workload workload{.name = "W1 moons training step", .target = 14, .contestants = {}};
  workload.contestants.push_back({"plain", operations, prepare_plain});
  workload.contestants.push_back({"micrograd", operations, prepare_micrograd});
  workload.contestants.push_back({"classic", operations, prepare_moons_closures});
#ifdef MICROGRAD_HAVE_ADOLC
  workload.contestants.push_back({"ADOL-C", operations, prepare_adolc});
#endif
  return workload;
}

}  // namespace bench
