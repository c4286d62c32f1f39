// Times all workloads with Google Benchmark and prints how many times plain double each contestant takes.
// Every round times all contestants of a workload in turn; what is printed are medians over the rounds.
//
//   micrograd_bench [--json] [--rounds N] [--only W1]
//   micrograd_bench --functions [--json] [--rounds N]     single operations on lanes, in place of the
//   workloads
#include <benchmark/benchmark.h>

#include <algorithm>
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

/// Processor time of one run, in ns, by "workload/contestant"; shows nothing.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const double seconds = run.cpu_accumulated_time / static_cast<double>(run.iterations);
      times[run.run_name.function_name].push_back(seconds * 1e9);
    }
  }
  std::map<std::string, std::vector<double>> times;
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
    if (std::abs(got - expected) <= 1e-9 * std::abs(expected)) continue;
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
  double ns;                             ///< of micrograd, an operation
  std::map<std::string, double> ratios;  ///< to plain
};

Row evaluate(const Workload& workload, const Collector& collected) {
  const auto per_operation = [&](const Contestant& contestant) {
    std::vector<double> times = collected.times.at(key(workload, contestant));
    for (double& time : times) time /= contestant.operations;
    return times;
  };
  const std::vector<double> plain = per_operation(workload.contestants.front());
  Row row{};
  for (const Contestant& contestant : workload.contestants) {
    std::vector<double> times = per_operation(contestant);
    if (contestant.name == "micrograd") row.ns = median(times);
    for (std::size_t round = 0; round < times.size(); ++round) times[round] /= plain[round];
    row.ratios[contestant.name] = median(times);
  }
  return row;
}

void print_cell(const Row& row, const char* contestant) {
  const auto ratio = row.ratios.find(contestant);
  ratio == row.ratios.end() ? std::printf("%10s", "-") : std::printf("%10.1f", ratio->second);
}

void print_table(const std::vector<Workload>& workloads, const std::vector<Row>& rows, int rounds) {
  std::printf("%s; time of forward and reverse as a multiple of plain double, median of %d rounds\n\n",
              compiler, rounds);
  std::printf("%-26s%12s%11s%8s%10s%10s\n", "", "ns an op", "micrograd", "target", "classic", "ADOL-C");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::printf("%-26s%12.2f ", workloads[i].name.c_str(), rows[i].ns);
    print_cell(rows[i], "micrograd");
    workloads[i].target > 0 ? std::printf("%8g", workloads[i].target) : std::printf("%8s", "-");
    print_cell(rows[i], "classic");
    print_cell(rows[i], "ADOL-C");
    std::printf("\n");
  }
}

void print_json(const std::vector<Workload>& workloads, const std::vector<Row>& rows, int rounds) {
  std::printf("{\"compiler\": \"%s\", \"rounds\": %d, \"workloads\": [", compiler, rounds);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::printf("%s\n  {\"name\": \"%s\", \"ns_per_operation\": %.4g, \"target\": ", i == 0 ? "" : ",",
                workloads[i].name.c_str(), rows[i].ns);
    workloads[i].target > 0 ? std::printf("%g", workloads[i].target) : std::printf("null");
    std::printf(", \"ratio_to_plain\": {");
    const char* separator = "";
    for (const auto& [contestant, ratio] : rows[i].ratios) {
      if (contestant == "plain") continue;
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
                                  bench::dot_product(1000),
                                  bench::dot_product(1'000'000)};
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
