// Times all workloads with Google Benchmark and prints how many times the first contestant each other takes.
// Every round times all contestants of a workload in turn; what is printed are medians over the rounds.
//
//   micrograd_bench [--json] [--rounds N] [--only W1]
//   micrograd_bench --functions [--json] [--rounds N]     single operations on lanes, in place of the
//   workloads
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "contest.hpp"
#include "functions.hpp"

namespace {

using bench::Contestant;
using bench::Workload;

#ifdef __clang__
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

constexpr int column_width = 9;

struct Options {
  bool json = false;
  bool functions = false;
  int rounds = 9;
  std::string only;
};

std::optional<Options> read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      options.json = true;
    } else if (word == "--functions") {
      options.functions = true;
    } else if (word == "--only" && i + 1 < argc) {
      options.only = argv[++i];
    } else if (word == "--rounds" && i + 1 < argc) {
      const char* const text = argv[++i];
      const auto [end, error] = std::from_chars(text, text + std::strlen(text), options.rounds);
      if (error != std::errc() || *end != '\0' || options.rounds < 1) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

/// Processor time of one run, and that of the clock, in ns, by "workload/contestant"; shows nothing.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const auto ns = [&run](double all) { return all / static_cast<double>(run.iterations) * 1e9; };
      times[run.run_name.function_name].push_back(ns(run.cpu_accumulated_time));
      clock_times[run.run_name.function_name].push_back(ns(run.real_accumulated_time));
    }
  }
  std::map<std::string, std::vector<double>> times, clock_times;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string key(const Workload& workload, const Contestant& contestant) {
  return workload.name + '/' + contestant.name;
}

/// Contestants that do the same number of operations must return the same number.
void check_agreement(const Workload& workload) {
  const Contestant& first = workload.contestants.front();
  const double expected = first.prepare()();
  for (const Contestant& contestant : workload.contestants) {
    if (contestant.operations != first.operations) continue;
    const double got = contestant.prepare()();
    if (std::abs(got - expected) <= workload.tolerance * std::abs(expected)) continue;
    throw std::runtime_error(key(workload, contestant) + ": a wrong result (got " + std::to_string(got) +
                             ", expected " + std::to_string(expected) + ", as " + first.name + ")");
  }
}

void register_benchmarks(const Workload& workload) {
  for (const Contestant& contestant : workload.contestants) {
    benchmark::RegisterBenchmark(key(workload, contestant).c_str(), [&contestant](benchmark::State& state) {
      const bench::Run run = contestant.prepare();
      double result = run();  // once untimed, so that memory is warm
      for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(result = run());
    })->MinTime(0.05);
  }
}

struct Row {
  double ns;                             ///< of the judged contestant, a unit
  std::map<std::string, double> ratios;  ///< to the first contestant
};

Row evaluate(const Workload& workload, const Collector& collected) {
  const auto per_unit = [&](const Contestant& contestant) {
    const auto& all = contestant.elsewhere ? collected.clock_times : collected.times;
    std::vector<double> times = all.at(key(workload, contestant));
    for (double& time : times) time /= contestant.operations;
    return times;
  };
  const std::vector<double> base = per_unit(workload.contestants.front());
  Row row{};
  for (const Contestant& contestant : workload.contestants) {
    std::vector<double> times = per_unit(contestant);
    if (contestant.name == workload.judged) row.ns = median(times);
    for (std::size_t round = 0; round < times.size(); ++round) times[round] /= base[round];
    row.ratios[contestant.name] = median(times);
  }
  return row;
}

std::string shown(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), number < 10 ? "%.2f" : "%.1f", number);
  return text.data();
}

/// The names of the columns: the judged contestant, then the others.
std::vector<std::string> columns_of(const Workload& workload) {
  std::vector<std::string> names{workload.judged};
  for (const Contestant& contestant : workload.contestants) {
    if (contestant.name != workload.judged) names.push_back(contestant.name);
  }
  names.erase(std::ranges::find(names, workload.contestants.front().name));
  return names;
}

std::string target_of(const Workload& workload) {
  if (workload.target > 0) return shown(workload.target) + "x";
  return workload.target_ns > 0 ? shown(workload.target_ns) + " ns" : "-";
}

void print_header(const Workload& workload) {
  std::printf("\ntimes as multiples of: %s\n%-26s%14s%10s", workload.contestants.front().name.c_str(), "",
              ("ns/" + workload.unit).c_str(), "target");
  for (const std::string& name : columns_of(workload)) std::printf("  %*s", column_width, name.c_str());
  std::printf("\n");
}

void print_table(const std::vector<Workload>& workloads, const std::vector<Row>& rows, int rounds) {
  std::printf("%s; medians of %d rounds\n", compiler, rounds);
  std::vector<std::string> header;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Workload& workload = workloads[i];
    const std::vector<std::string> columns = columns_of(workload);
    if (columns != header) print_header(workload);
    header = columns;
    std::printf("%-26s%14s%10s", workload.name.c_str(), shown(rows[i].ns).c_str(),
                target_of(workload).c_str());
    for (const std::string& name : columns) {
      std::printf("  %*s", std::max(column_width, static_cast<int>(name.size())),
                  shown(rows[i].ratios.at(name)).c_str());
    }
    std::printf("\n");
  }
}

void print_json(const std::vector<Workload>& workloads, const std::vector<Row>& rows, int rounds) {
  const auto number_or_null = [](double number) { return number > 0 ? shown(number) : std::string("null"); };
  std::printf("{\"compiler\": \"%s\", \"rounds\": %d, \"workloads\": [", compiler, rounds);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Workload& workload = workloads[i];
    const std::string& base = workload.contestants.front().name;
    std::printf("%s\n  {\"name\": \"%s\", \"judged\": \"%s\", \"ns_per_%s\": %.4g, \"target_ratio\": %s, ",
                i == 0 ? "" : ",", workload.name.c_str(), workload.judged.c_str(), workload.unit.c_str(),
                rows[i].ns, number_or_null(workload.target).c_str());
    std::printf("\"target_ns\": %s, \"ratio_to\": \"%s\", \"ratios\": {",
                number_or_null(workload.target_ns).c_str(), base.c_str());
    const char* separator = "";
    for (const auto& [contestant, ratio] : rows[i].ratios) {
      if (contestant == base) continue;
      std::printf("%s\"%s\": %.4g", separator, contestant.c_str(), ratio);
      separator = ", ";
    }
    std::printf("}}");
  }
  std::printf("\n]}\n");
}

void run(const Options& options) {
  // The largest vector comes last: ADOL-C never forgets how many variables it once had, and pays for them at
  // each trace.
  std::vector<Workload> workloads{bench::moons_step(),
                                  bench::long_chain(),
                                  bench::releafed_recurrence(),
                                  bench::transcendental_mix(),
                                  bench::one_operation_a_statement(),
                                  bench::black_scholes_rows(),
                                  bench::rosenbrock_rows(),
                                  bench::lotka_volterra_rows(),
                                  bench::moons_loop(),
                                  bench::mixture_objective(),
                                  bench::least_squares_objective(),
                                  bench::log_sum_exp_objective(),
                                  bench::bundle_adjustment_objective(),
                                  bench::k_means_objective(),
                                  bench::lstm_objective(),
                                  bench::determinant_objective(),
                                  bench::gpt_step(),
                                  bench::wide_gpt_step(),
                                  bench::digits_epoch(),
                                  bench::compile_cost(1'000, "C1 compile 1e3"),
                                  bench::compile_cost(100'000, "C2 compile 1e5"),
                                  bench::compile_cost(10'000'000, "C3 compile 1e7"),
                                  bench::dot_product(1000),
                                  bench::dot_product(1'000'000)};
  if (const std::optional<Workload> fashion = bench::fashion_epoch()) {
    workloads.push_back(*fashion);
  } else {
    std::fprintf(stderr, "Fashion-MNIST is left out (it needs the package dataset-fashion-mnist)\n");
  }
  std::erase_if(workloads,
                [&](const Workload& workload) { return !workload.name.starts_with(options.only); });
  Collector collected;
  for (const Workload& workload : workloads) {
    std::fprintf(stderr, "%s ...\n", workload.name.c_str());
    check_agreement(workload);
    register_benchmarks(workload);
    for (int round = 0; round < options.rounds; ++round) {
      benchmark::RunSpecifiedBenchmarks(&collected, '^' + workload.name + '/');
    }
  }
  std::vector<Row> rows;
  for (const Workload& workload : workloads) rows.push_back(evaluate(workload, collected));
  options.json ? print_json(workloads, rows, options.rounds) : print_table(workloads, rows, options.rounds);
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Options> options = read_options(argc, argv);
  if (!options) {
    std::fprintf(stderr, "usage: micrograd_bench [--json] [--rounds N] [--only W1] [--functions]\n");
    return 2;
  }
  try {
    options->functions ? bench::time_functions(options->json, options->rounds) : run(*options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
