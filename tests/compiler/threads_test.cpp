// Programs on several threads: a run's own, several at once on one program, and threads that compile each for
// themselves. The thread sanitizer runs these.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

using Span = std::span<const Value>;

template <class F> void on_threads(std::size_t count, F&& f) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < count; ++t) threads.emplace_back(f, t);
  for (std::thread& thread : threads) thread.join();
}

std::vector<double> columns(std::size_t count) {
  std::vector<double> x(count);
  for (std::size_t i = 0; i < count; ++i) x[i] = static_cast<double>(i % 37) / 16 - 1;
  return x;
}

constexpr std::size_t many_rows = 2000;  // several stripes of blocks

Value branching(Span x) {
  if (x[0] > 0.5) return exp(x[0]) * x[1];
  if (x[1] > 0) return x[0] - tanh(x[1]);
  return select(x[0] < x[1], x[0] * x[1], x[0]);
}

TEST(ProgramThreads, ShareARunWithoutARaceAndWithTheSameBits) {
  const std::vector<double> x = columns(2 * many_rows);
  const Value w(0.5, "w"), b(-0.25, "b");
  std::vector<std::vector<double>> found;
  for (const std::size_t threads : {1, 2, 3, 4}) {
    const auto program =
        compile<double>([&](Span v) -> Value { return v[0] > 0 ? exp(w * v[0]) + b * v[1] : w * v[1] + b; },
                        {.inputs = 2}, {.parameters = {w, b}, .threads = threads});
    w.set_grad(0);
    b.set_grad(0);
    std::vector<double> all(many_rows + 1);
    program.run({x.data(), many_rows, 2}, {all.data(), many_rows, 1});
    all.back() = program.backward({x.data(), many_rows, 2});
    all.push_back(w.grad());
    all.push_back(b.grad());
    found.push_back(all);
  }
  for (const std::vector<double>& all : found) EXPECT_EQ(all, found[0]);
}

TEST(ProgramThreads, AddUpWhatRowsPickWithTheSameBits) {
  const std::vector<Value> table{0.25, -1, 3};
  const auto f = [&table](Span x, std::span<const Index> i) { return exp(pick(table, i[0]) * x[0]); };
  std::vector<double> x = columns(2 * many_rows);
  for (std::size_t r = 0; r < many_rows; ++r) x[2 * r + 1] = static_cast<double>(r * r % 3);
  std::vector<std::vector<double>> found;
  for (const std::size_t threads : {1, 2, 3, 4}) {
    for (const Value& entry : table) entry.set_grad(0);
    const auto program =
        compile<double>(f, {.inputs = 1, .indices = 1}, {.parameters = table, .threads = threads});
    found.push_back({program.backward({x.data(), many_rows, 2})});
    for (const Value& entry : table) found.back().push_back(entry.grad());
  }
  for (const std::vector<double>& all : found) EXPECT_EQ(all, found[0]);
}

TEST(ProgramThreads, MayRunOneProgramAtOnceAndFindNewPathsMeanwhile) {
  const auto program = compile<double>(branching, {.inputs = 2}, {.threads = 2});
  const std::vector<double> x = columns(2 * many_rows);
  std::vector<double> expected(many_rows), slopes(2 * many_rows);
  compile<double>(branching, {.inputs = 2})
      .gradient({x.data(), many_rows, 2}, expected, {slopes.data(), many_rows, 2});
  on_threads(4, [&](std::size_t t) {
    for (std::size_t first = 0; first < many_rows; first += many_rows / 4) {
      const std::size_t at = (first + t * many_rows / 4) % many_rows, count = many_rows / 4;
      std::vector<double> out(count), found(2 * count);
      program.gradient({&x[2 * at], count, 2}, out, {found.data(), count, 2});
      EXPECT_EQ(out, std::vector<double>(&expected[at], &expected[at] + count));
      EXPECT_EQ(found, std::vector<double>(&slopes[2 * at], &slopes[2 * at] + 2 * count));
    }
  });
  EXPECT_EQ(program.stats().paths, 4U - 1U);
}

TEST(ProgramThreads, CompileEachForThemselves) {
  const std::vector<double> x = columns(2 * 100);
  std::vector<double> results(4);
  on_threads(4, [&](std::size_t t) {
    const Value w(0.5);
    const auto program = compile<float>([&w](Span v) { return branching(v) * w; }, {.inputs = 2},
                                        {.parameters = {w}, .threads = 2});
    const std::vector<float> narrow(x.begin(), x.end());
    for (int step = 0; step < 5; ++step) {
      results[t] += program.backward({narrow.data(), 100, 2});
      w.set_data(w.data() - 0.1 * w.grad());
      w.set_grad(0);
    }
  });
  for (const double result : results) EXPECT_EQ(result, results[0]);
}

struct Throwing {
  static constexpr OpInfo info{.name = "throwing", .formula = "x", .derivative = "1"};
  template <class T> static T value(T x) {
    if constexpr (std::is_same_v<T, double>) {
      if (x > 1.2) throw UsageError("throwing: too large");
    }
    return x;
  }
  template <class T> static T dx(T /*x*/, T /*result*/) { return T(1); }
};

TEST(ProgramThreads, GiveOnWhatARowOfTheUserThrows) {
  const auto program =
      compile<double>([](Span v) { return apply<Throwing>(v[0]); }, {.inputs = 1}, {.threads = 4});
  const std::vector<double> x = columns(many_rows);
  std::vector<double> out(many_rows);
  EXPECT_THROW(program.run(x, out), UsageError);
  EXPECT_NO_THROW(program.run({x.data(), 10, 1}, {out.data(), 10, 1}));
}

}  // namespace
}  // namespace micrograd
