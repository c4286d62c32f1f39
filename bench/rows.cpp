// Compiled functions of one row on many rows: value and gradient, beside loops written by hand that compute
// the value only.
#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/functional.hpp>
#include "baselines/native.hpp"
#include "contest.hpp"

namespace bench {
namespace {

using micrograd::Value;

struct Task {
  std::size_t rows, columns;
  std::vector<double> x;
  std::vector<double> out = std::vector<double>(rows);
  std::vector<double> gradients = std::vector<double>(rows * columns);

  double sum_of_values() const {
    double sum = 0;
    for (std::size_t i = 0; i < rows; i += 97) sum += out[i];
    return sum;
  }
};

Task make_task(std::size_t rows, const std::vector<std::pair<double, double>>& ranges) {
  std::mt19937_64 random(1);
  Task task{.rows = rows, .columns = ranges.size(), .x = {}};
  for (std::size_t i = 0; i < rows; ++i) {
    for (const auto& [low, high] : ranges) {
      task.x.push_back(low + (high - low) * 0x1p-53 * static_cast<double>(random() >> 11U));
    }
  }
  return task;
}

using Function = Value (*)(std::span<const Value> x);

micrograd::Program<double> compiled(Function f, const Task& task) {
  const std::vector<double> sample(task.x.begin(),
                                   task.x.begin() + static_cast<std::ptrdiff_t>(task.columns));
  return micrograd::compile<double>(f, {.inputs = task.columns, .sample = sample});
}

/// The first row's gradient must be that of eager code: what is timed is otherwise compared by values only.
micrograd::Program<double> checked(Function f, const Task& task) {
  const micrograd::Program<double> program = compiled(f, task);
  const std::span<const double> row(task.x.data(), task.columns);
  double value = 0;
  std::vector<double> found(task.columns);
  program.gradient({row.data(), 1, task.columns}, {&value, 1, 1}, {found.data(), 1, task.columns});
  const std::vector<double> expected = micrograd::gradient(f, row);
  for (std::size_t k = 0; k < task.columns; ++k) {
    if (std::abs(found[k] - expected[k]) <= 1e-9 * (1 + std::abs(expected[k]))) continue;
    throw std::runtime_error("compiled gradient: a wrong slope by input " + std::to_string(k) + " (got " +
                             std::to_string(found[k]) + ", expected " + std::to_string(expected[k]) + ")");
  }
  return program;
}

/// The contestants for f on these rows, `loop` first: what the others are compared with.
template <class Loop>
void add_rows(Workload& workload, Function f, const std::shared_ptr<Task>& task, Loop loop) {
  const auto rows = static_cast<double>(task->rows);
  workload.contestants.push_back({"primal by hand", rows, [=] {
                                    return [=] {
                                      loop(task->x, task->out);
                                      return task->sum_of_values();
                                    };
                                  }});
  workload.contestants.push_back({"compiled gradient", rows, [=] {
                                    return [task, program = checked(f, *task)] {
                                      program.gradient({task->x.data(), task->rows, task->columns}, task->out,
                                                       {task->gradients.data(), task->rows, task->columns});
                                      return task->sum_of_values();
                                    };
                                  }});
  workload.contestants.push_back({"compiled primal", rows, [=] {
                                    return [task, program = compiled(f, *task)] {
                                      program.run({task->x.data(), task->rows, task->columns}, task->out);
                                      return task->sum_of_values();
                                    };
                                  }});
}

}  // namespace

Workload black_scholes_rows() {
  Workload workload{.name = "R1 Black-Scholes",
                    .unit = "row",
                    .judged = "compiled gradient",
                    .target = 2,
                    .contestants = {}};
  const auto task = std::make_shared<Task>(make_task(1'000'000, {{50, 150}, {0.1, 0.6}, {0.1, 2}}));
  add_rows(
      workload, [](std::span<const Value> x) { return black_scholes(x[0], x[1], x[2]); }, task,
      native::black_scholes_lanes);
  workload.contestants.push_back({"primal loop", 1e6, [=] {
                                    return [=] {
                                      native::black_scholes_loop(task->x, task->out);
                                      return task->sum_of_values();
                                    };
                                  }});
  return workload;
}

Workload rosenbrock_rows() {
  Workload workload{.name = "R2 Rosenbrock of 32",
                    .unit = "row",
                    .judged = "compiled gradient",
                    .target = 1,
                    .contestants = {}};
  const auto task =
      std::make_shared<Task>(make_task(10'000, std::vector<std::pair<double, double>>(32, {-2, 2})));
  add_rows(workload, rosenbrock<Value>, task,
           [](std::span<const double> x, std::span<double> out) { native::rosenbrock_loop(x, 32, out); });
  return workload;
}

Workload lotka_volterra_rows() {
  Workload workload{.name = "R3 Lotka-Volterra",
                    .unit = "row",
                    .judged = "compiled gradient",
                    .target = 1,
                    .contestants = {}};
  const auto task =
      std::make_shared<Task>(make_task(10'000, {{1, 1.2}, {0.3, 0.5}, {0.3, 0.5}, {0.08, 0.12}}));
  add_rows(workload, lotka_volterra<Value>, task, native::lotka_volterra_loop);
  return workload;
}

}  // namespace bench
