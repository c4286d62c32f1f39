// Every operation of the table on a block of numbers that fits the first-level cache: by its kernel, on the
// widest lanes of this machine, and by a plain loop over the same formula on double.
#include "functions.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include <micrograd/compiler/kernels.hpp>

namespace bench {
namespace {

using micrograd::NumberOperand;
using micrograd::compiler::Kernel;

constexpr std::size_t block = 1024;

struct Times {  // ns a number
  std::string name;
  double plain;
  double lanes;
  double lanes_float;
};

template <class Real>
struct Block {
  std::vector<Real> operands[3];
  std::vector<Real> out = std::vector<Real>(block);
};

template <class Op, class Real>
Block<Real> draw() {
  std::mt19937_64 random(1);
  Block<Real> drawn;
  for (std::size_t k = 0; k < micrograd::arity<Op>; ++k) {
    std::uniform_real_distribution<double> in_domain(Op::info.domain[k].low, Op::info.domain[k].high);
    for (std::size_t i = 0; i < block; ++i) drawn.operands[k].push_back(static_cast<Real>(in_domain(random)));
  }
  return drawn;
}

/// Median over the rounds, each of at least a millisecond of processor time.
template <class Real>
double nanoseconds(Kernel<Real> kernel, Block<Real>& numbers, int rounds) {
  const Real* const operands[] = {numbers.operands[0].data(), numbers.operands[1].data(),
                                  numbers.operands[2].data()};
  const auto seconds = [&](int repeats) {
    const std::clock_t start = std::clock();
    for (int i = 0; i < repeats; ++i) kernel(operands, numbers.out.data(), block);
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  };
  int repeats = 1;
  while (seconds(repeats) < 1e-3) repeats *= 2;
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) times.push_back(seconds(repeats) / repeats / block * 1e9);
  std::ranges::nth_element(times, times.begin() + rounds / 2);
  return times[static_cast<std::size_t>(rounds / 2)];
}

template <class Op>
Times time(int rounds) {
  constexpr unsigned numbers = Op::info.number_operand == NumberOperand::first    ? 1
                               : Op::info.number_operand == NumberOperand::second ? 2
                                                                                  : 0;
  namespace compiler = micrograd::compiler;
  Block<double> doubles = draw<Op, double>();
  Block<float> floats = draw<Op, float>();
  return {.name = std::string(Op::info.name),
          .plain = nanoseconds(compiler::kernel_of<Op, double>(numbers), doubles, rounds),
          .lanes = nanoseconds(compiler::kernel<double>(compiler::kernel_code<Op>, numbers), doubles, rounds),
          .lanes_float =
              nanoseconds(compiler::kernel<float>(compiler::kernel_code<Op>, numbers), floats, rounds)};
}

void print_table(const std::vector<Times>& all) {
  std::printf("\n%-14s%14s%14s%14s%12s%12s\n", "ns a number", "plain double", "lanes double", "lanes float",
              "plain/lanes", "float");
  for (const Times& t : all) {
    std::printf("%-14s%14.2f%14.2f%14.2f%12.1f%12.1f\n", t.name.c_str(), t.plain, t.lanes, t.lanes_float,
                t.plain / t.lanes, t.plain / t.lanes_float);
  }
}

void print_json(const std::vector<Times>& all, const std::string& target) {
  std::printf("{\"target\": \"%s\", \"functions\": [", target.c_str());
  const char* separator = "";
  for (const Times& t : all) {
    std::printf("%s\n  {\"name\": \"%s\", \"plain\": %.4g, \"lanes\": %.4g, \"lanes_float\": %.4g}",
                separator, t.name.c_str(), t.plain, t.lanes, t.lanes_float);
    separator = ",";
  }
  std::printf("\n]}\n");
}

}  // namespace

void time_functions(bool json, int rounds) {
  const std::string target(name(micrograd::simd::best_target()));
  std::vector<Times> all;
  micrograd::for_each_op([&]<class Op>() { all.push_back(time<Op>(rounds)); });
  if (json) {
    print_json(all, target);
  } else {
    std::printf("kernels on %s beside plain loops, median of %d rounds\n", target.c_str(), rounds);
    print_table(all);
  }
}

}  // namespace bench
