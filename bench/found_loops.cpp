// Loops that the compiler finds in plain scalar code: the training loop of W1 unchanged, beside matrix
// products by hand; and whole objectives with their gradients, beside their plain-double loops.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/optimiser.hpp>
#include "baselines/gemm.hpp"
#include "baselines/native.hpp"
#include "baselines/python.hpp"
#include "contest.hpp"

namespace bench {
namespace {

using micrograd::Value;

constexpr double rate = 1e-9;
constexpr std::size_t points = 100;
const std::vector<std::size_t> widths{16, 16, 1};

struct Moons {
  micrograd::Dataset data = micrograd::make_moons(points, 0.1, 1);
  micrograd::MLP net{2, widths};
  std::vector<Value> parameters = net.parameters();
  std::vector<double> targets;

  Moons() {
    for (const std::size_t label : data.labels) targets.push_back(label == 1 ? 1 : -1);
  }
  /// As users write it, without a word about batches.
  Value loss() const {
    std::vector<Value> losses;
    for (std::size_t i = 0; i < points; ++i) {
      losses.push_back(micrograd::hinge(net(data.row(i))[0], targets[i]));
    }
    return micrograd::mean(losses) + 1e-4 * micrograd::dot(parameters, parameters);
  }
};

double sum_of_slopes(const std::vector<Value>& parameters) {
  double slopes = 0;
  for (const Value& p : parameters) slopes += p.grad();
  return slopes;
}

Run prepare_loop() {
  auto moons = std::make_shared<Moons>();
  auto program =
      micrograd::compile<double>([moons] { return moons->loss(); }, {}, {.parameters = moons->parameters});
  return [moons, program, sgd = micrograd::SGD(moons->parameters, rate)]() mutable {
    sgd.zero_grad();
    const double loss = program.backward();
    sgd.step();
    return loss + sum_of_slopes(moons->parameters);
  };
}

Run prepare_rows() {
  auto moons = std::make_shared<Moons>();
  const auto loss_of_one = [moons](std::span<const Value> x, std::span<const Value> y) {
    return micrograd::relu(1 - y[0] * moons->net(x)[0]) +
           1e-4 * micrograd::dot(moons->parameters, moons->parameters);
  };
  auto program =
      micrograd::compile<double>(loss_of_one, {.inputs = 2, .targets = 1}, {.parameters = moons->parameters});
  return [moons, program, sgd = micrograd::SGD(moons->parameters, rate)]() mutable {
    sgd.zero_grad();
    const double loss = program.backward({moons->data.values.data(), points, 2}, moons->targets);
    sgd.step();
    return loss + sum_of_slopes(moons->parameters);
  };
}

/// Multiplications and additions of a step's products.
constexpr double operations = 2.0 * points * (2 * 2 * 16 + 3 * 16 * 16 + 3 * 16 * 1);

Run prepare_gemm() {
  const Moons moons;
  std::vector<double> parameters;
  for (const Value& p : moons.parameters) parameters.push_back(p.data());
  const std::shared_ptr<GemmNet> net = make_gemm_net({.widths = {2, 16, 16, 1},
                                                      .parameters = parameters,
                                                      .points = moons.data.values,
                                                      .targets = moons.targets});
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) net->step(0);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 1000;
  std::fprintf(stderr, "  products by hand: %.0f %% of the speed of large products\n",
               100 * operations / seconds / gemm_peak());
  return [net] { return net->step(rate); };
}

/// The original's algorithm in its own language.
Run prepare_python() {
  const Moons moons;
  const auto listed = [](const auto& numbers) {
    std::string text;
    for (const double number : numbers) {
      std::array<char, 32> digits{};
      std::snprintf(digits.data(), digits.size(), "%.17g", number);
      text += (text.empty() ? "" : ", ") + std::string(digits.data());
    }
    return "[" + text + "]";
  };
  std::vector<double> parameters;
  for (const Value& p : moons.parameters) parameters.push_back(p.data());
  std::string rows;
  for (std::size_t i = 0; i < points; ++i) rows += (i == 0 ? "" : ", ") + listed(moons.data.row(i));
  const std::string task = "{\"widths\": [16, 16, 1], \"rows\": [" + rows +
                           "], \"targets\": " + listed(moons.targets) +
                           ", \"parameters\": " + listed(parameters) + ", \"rate\": 1e-9" + "}\n";
  auto original = std::make_shared<python::Script>("original.py");
  original->write(task);
  return [original] {
    original->write("\n");
    return original->read_number();
  };
}

Run prepare_eager() {
  auto moons = std::make_shared<Moons>();
  return [moons, sgd = micrograd::SGD(moons->parameters, rate)]() mutable {
    const Value loss = moons->loss();
    sgd.zero_grad();
    loss.backward();
    sgd.step();
    return loss.data() + sum_of_slopes(moons->parameters);
  };
}

}  // namespace

Workload moons_loop() {
  Workload workload{.name = "L1 moons loop, unchanged",
                    .unit = "step",
                    .judged = "loop found",
                    .target = 1.2,
                    .contestants = {}};
  workload.contestants.push_back({"products by hand", 1, prepare_gemm});
  workload.contestants.push_back({"loop found", 1, prepare_loop});
  workload.contestants.push_back({"rows declared", 1, prepare_rows});
  workload.contestants.push_back({"eager", 1, prepare_eager});
  workload.contestants.push_back({"closures", 1, prepare_moons_closures});
  if (python::is_there()) {
    workload.contestants.push_back({"Python", 1, prepare_python, /*elsewhere=*/true});
  }
  return workload;
}

namespace {

/// Numbers from `low` to `high`, the same at each call with the same seed.
std::vector<double> numbers(std::size_t count, std::uint64_t seed, double low = -1, double high = 1) {
  std::mt19937_64 random(seed);
  std::vector<double> list(count);
  for (double& x : list) x = low + (high - low) * 0x1p-53 * static_cast<double>(random() >> 11U);
  return list;
}

double seconds_of(const Run& run) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    volatile const double result = run();
    static_cast<void>(result);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

/// f at x: its plain-double loops, as -O3 -march=native or as the flags of everything else here make them,
/// whichever is faster; the compiled gradient; and the two loops apart. A run returns the value.
template <class F>
Workload objective(const std::string& name, double target, const F& f, const std::vector<double>& x) {
  const Run native_loop = [=] { return native::value_of(f, x); };
  const Run scalar_loop = [=] { return f(std::span<const double>(x)); };
  Workload workload{
      .name = name, .unit = "run", .judged = "compiled gradient", .target = target, .contestants = {}};
  workload.contestants.push_back({"faster primal loop", 1, [=] {
                                    return seconds_of(native_loop) < seconds_of(scalar_loop) ? native_loop
                                                                                             : scalar_loop;
                                  }});
  workload.contestants.push_back({"compiled gradient", 1, [=] {
                                    const std::vector<Value> variables(x.begin(), x.end());
                                    auto program = micrograd::compile<double>(
                                        [=] { return f(std::span<const Value>(variables)); }, {},
                                        {.parameters = variables});
                                    return [=, gradients = std::vector<double>(x.size())]() mutable {
                                      const micrograd::Rows<const double> nothing(nullptr, 1, 0);
                                      return program.backward(nothing, {}, x, gradients);
                                    };
                                  }});
  workload.contestants.push_back({"primal, native", 1, [=] { return native_loop; }});
  workload.contestants.push_back({"primal, scalar", 1, [=] { return scalar_loop; }});
  return workload;
}

}  // namespace

Workload mixture_objective() {
  const objectives::Mixture f{.d = 10, .k = 25, .points = numbers(10'000, 1)};
  return objective("F1 Gaussian mixture", 0.65, f, numbers(f.variables(), 2));
}
Workload least_squares_objective() {
  const objectives::LeastSquares f{.columns = 128, .a = numbers(1024 * 128, 1), .b = numbers(1024, 2)};
  return objective("F2 least squares", 0.5, f, numbers(128, 3));
}
Workload log_sum_exp_objective() {
  return objective("F3 log-sum-exp", 0.9, objectives::LogSumExp(), numbers(40'000, 1));
}
Workload lstm_objective() {
  const objectives::Lstm f{.layers = 2, .bits = 14, .sequence = numbers(1024 * 14, 1)};
  return objective("F4 LSTM", 1.6, f, numbers(f.variables(), 2));
}
Workload determinant_objective() {
  return objective("F7 determinant", 0.1, objectives::Determinant{.n = 7}, numbers(49, 1));
}
Workload bundle_adjustment_objective() {
  objectives::BundleAdjustment f{.cameras = 49, .points = 7776, .observations = {}};
  std::mt19937_64 random(1);
  const std::vector<double> seen = numbers(60'000, 2);
  for (std::size_t o = 0; o < 30'000; ++o) {
    f.observations.push_back({random() % f.cameras, random() % f.points, seen[2 * o], seen[2 * o + 1]});
  }
  std::vector<double> x = numbers(f.variables(), 3);
  for (std::size_t c = 0; c < f.cameras; ++c) x[c * 11 + 5] -= 5;
  return objective("F5 bundle adjustment", 2.5, f, x);
}
Workload k_means_objective() {
  const objectives::KMeans f{.k = 100, .d = 8, .points = numbers(8'000, 1)};
  return objective("F6 k-means", 3, f, numbers(800, 2));
}

}  // namespace bench
