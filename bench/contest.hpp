// What a benchmark is: one workload, and several contestants that compute the same numbers. The harness in
// main.cpp times them side by side.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// One computation of a workload. Returns a number made of the results, by which the
/// harness sees that all contestants computed the same, and without which the compiler could leave the work
/// out.
using Run = std::function<double()>;

struct Contestant {
  std::string name;
  double operations;             ///< of one run; forward operations only, whatever a contestant records
  std::function<Run()> prepare;  ///< inputs and storage, not timed
  bool elsewhere = false;        ///< in another process, so its time is the clock's
};

struct Workload {
  std::string name;
  std::string unit = "operation";    ///< what `Contestant::operations` counts
  std::string judged = "micrograd";  ///< the contestant that has a target
  double target = 0;        ///< highest ratio of its time to the first one's that we accept; 0: none set
  double target_ns = 0;     ///< highest time of a unit; 0: none set
  double tolerance = 1e-9;  ///< by how much of it a result may differ from the first contestant's
  std::vector<Contestant> contestants;
};

Workload moons_step();
/// One of its contestants.
Run prepare_moons_closures();
Workload long_chain();
Workload releafed_recurrence();
Workload transcendental_mix();
Workload dot_product(std::size_t terms);
Workload one_operation_a_statement();
Workload black_scholes_rows();
Workload rosenbrock_rows();
Workload lotka_volterra_rows();
Workload moons_loop();
Workload mixture_objective();
Workload least_squares_objective();
Workload log_sum_exp_objective();
Workload bundle_adjustment_objective();
Workload k_means_objective();
Workload lstm_objective();
Workload determinant_objective();
Workload gpt_step();
Workload wide_gpt_step();
Workload digits_epoch();
/// None where the pictures are not installed.
std::optional<Workload> fashion_epoch();
Workload compile_cost(std::size_t operations, const std::string& name);

}  // namespace bench
