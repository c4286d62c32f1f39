// Random programs over the whole table: the compiled values, derivatives and parameter gradients are the
// engine's, within the rounding error that a reference run carries along; each way of shortening programs on
// and off, float and double, several threads and row counts.
#include <gtest/gtest.h>

#include <bit>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/derive.hpp>
#include <micrograd/compiler/interpret.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>

#include "random_programs.hpp"

namespace micrograd {
namespace {

using random_programs::Doubt;
using random_programs::Draw;
using random_programs::Loose;
using random_programs::outputs_of;
using Drawn = random_programs::Program;
using Span = std::span<const Value>;
using Indices = std::span<const Index>;

constexpr std::size_t variants = 11;  ///< rows of a batch that differ; the others repeat them

struct Verdict {
  std::size_t compared = 0;
  std::size_t too_ill_conditioned = 0;

  template <class Real>
  void judge(double found, double expected, const Loose<Real>& bound, const std::string& what) {
    if (!(bound.bound <= 1e-3 * std::max(std::abs(bound.value), 1e-30) + 1e-300)) {
      ++too_ill_conditioned;
      return;
    }
    ++compared;
    EXPECT_LE(std::abs(found - expected), 8 * bound.bound)
        << what << ": " << found << ", expected " << expected << " (" << bound.value << ")";
  }
};

/// What the engine gives for one row, and how far a back end in Real may be from that.
template <class Real>
struct Answer {
  std::vector<double> values, slopes;  ///< slopes[k * leaves + j]
  std::vector<Loose<Real>> value_bounds, slope_bounds;
  bool in_doubt = false;

  [[nodiscard]] bool is_bounded() const {
    const auto good = [](const Loose<Real>& x) { return std::isfinite(x.bound); };
    return std::ranges::all_of(value_bounds, good) && std::ranges::all_of(slope_bounds, good);
  }
};

template <class Real>
Answer<Real> answer(const Drawn& drawn, const std::vector<double>& leaves, Indices indices) {
  Answer<Real> answer;
  Doubt doubt;
  for (const std::size_t output : drawn.outputs) {
    const std::vector<Value> values(leaves.begin(), leaves.end());
    const Value result = random_programs::run<Value>(drawn, values, indices, doubt)[output];
    result.backward();
    answer.values.push_back(result.data());
    for (const Value& leaf : values) answer.slopes.push_back(leaf.grad());
  }
  using Exact = Dual<Loose<Real>>;
  answer.slope_bounds.resize(answer.slopes.size());
  for (std::size_t j = 0; j < leaves.size(); ++j) {
    std::vector<Exact> nodes(leaves.begin(), leaves.end());
    nodes[j].derivative = 1.0;
    nodes = random_programs::run<Exact>(drawn, nodes, indices, doubt);
    for (std::size_t k = 0; k < drawn.outputs.size(); ++k) {
      const Exact& result = nodes[drawn.outputs[k]];
      answer.slope_bounds[k * leaves.size() + j] = result.derivative;
      if (j == 0) answer.value_bounds.push_back(result.value);
    }
  }
  answer.in_doubt = doubt.any;
  return answer;
}

void append(std::vector<double>& row, Indices indices) {
  for (const Index& index : indices) row.push_back(static_cast<double>(index.value()));
}

/// One drawn program, compiled in one way and compared on everything.
template <class Real>
class Trial {
 public:
  Trial(std::uint64_t seed, Verdict& verdict) : seed_(seed), draw_(seed), verdict_(verdict) {
    drawn_ = draw_.program(seed % 4 == 0);
    parameters_.assign(drawn_.leaves.begin() + static_cast<std::ptrdiff_t>(drawn_.inputs),
                       drawn_.leaves.end());
    for (std::size_t tries = 0; answers_.size() < variants && tries < 3 * variants; ++tries) {
      std::vector<double> leaves = drawn_.leaves;
      for (std::size_t j = 0; j < drawn_.inputs; ++j) {
        leaves[j] = random_programs::as_float(leaves[j] + (tries == 0 ? 0.0 : draw_.uniform(-0.02, 0.02)));
      }
      const std::vector<Index> indices = tries == 0 ? drawn_.indices : draw_.some_indices();
      Answer<Real> found = answer<Real>(drawn_, leaves, indices);
      // With other indices an operation may leave the domain of its row.
      if (found.in_doubt || (tries > 0 && !found.is_bounded())) continue;
      answers_.push_back(std::move(found));
      points_.push_back(leaves);
      points_.back().resize(drawn_.inputs);
      append(points_.back(), indices);
    }
  }

  void run() {
    if (answers_.empty()) {
      ++verdict_.too_ill_conditioned;
      return;
    }
    constexpr std::array<std::size_t, 7> counts{0, 1, 7, 127, 128, 129, 1000};
    rows_ = counts[seed_ % counts.size()];
    for (std::size_t i = 0; i < rows_; ++i) {
      for (const double number : points_[of_row(i)]) x_.push_back(static_cast<Real>(number));
    }
    const CompileOptions options = draw_options();
    const auto f = [this](Span x, Indices indices) { return outputs_of(drawn_, x, parameters_, indices); };
    const Signature signature{
        .inputs = drawn_.inputs, .indices = random_programs::indices, .sample = points_[0]};
    const Program<Real> program = compile<Real>(f, signature, options);
    compare_values(program);
    compare_jacobian(program);
    compare_products(program);
    compare_backward(options);
  }

 private:
  std::size_t of_row(std::size_t row) const { return row * 7 % answers_.size(); }
  std::string words(const char* what, std::size_t row) const {
    return std::string(what) + " of row " + std::to_string(row) + " of " + std::to_string(rows_) +
           ", program " + std::to_string(seed_);
  }
  std::size_t width() const { return drawn_.inputs + random_programs::indices; }
  Rows<const Real> x() const { return {x_.data(), rows_, width()}; }
  std::size_t outputs() const { return drawn_.outputs.size(); }
  std::size_t leaves() const { return drawn_.leaves.size(); }

  CompileOptions draw_options() {
    CompileOptions options{.parameters = parameters_, .threads = 1 + draw_.below(4), .max_paths = 64};
    options.simplify = draw_.below(8) != 0;
    compiler::SimplifyOptions& by = options.simplify_options;
    const std::size_t off = draw_.below(10);
    if (off == 0) by.identities = false;
    if (off == 1) by.fold_constants = false;
    if (off == 2) by.merge_common = false;
    if (off == 3) by.drop_dead = false;
    if (off == 4) by.simplify_upon_data = false;
    return options;
  }

  void compare_values(const Program<Real>& program) {
    std::vector<Real> out(rows_ * outputs());
    program.run(x(), {out.data(), rows_, outputs()});
    for (std::size_t i = 0; i < rows_; ++i) {
      const Answer<Real>& expected = answers_[of_row(i)];
      for (std::size_t k = 0; k < outputs(); ++k) {
        verdict_.judge(static_cast<double>(out[i * outputs() + k]), expected.values[k],
                       expected.value_bounds[k], words("value", i));
      }
    }
  }

  void compare_jacobian(const Program<Real>& program) {
    const std::size_t width = outputs() * drawn_.inputs;
    std::vector<Real> out(rows_ * width);
    program.jacobian(x(), {out.data(), rows_, width});
    for (std::size_t i = 0; i < rows_; ++i) {
      const Answer<Real>& expected = answers_[of_row(i)];
      for (std::size_t k = 0; k < outputs(); ++k) {
        for (std::size_t j = 0; j < drawn_.inputs; ++j) {
          const std::size_t at = k * leaves() + j;
          verdict_.judge(static_cast<double>(out[i * width + k * drawn_.inputs + j]), expected.slopes[at],
                         expected.slope_bounds[at], words("slope", i));
        }
      }
    }
  }

  /// Products with the Jacobian, by whole numbers, which round nothing themselves.
  void compare_products(const Program<Real>& program) {
    const std::size_t n = drawn_.inputs;
    std::vector<Real> seeds(rows_ * outputs()), back(rows_ * n), directions(rows_ * n),
        forward(rows_ * outputs());
    for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = static_cast<Real>(1 + i % 3);
    for (std::size_t i = 0; i < directions.size(); ++i)
      directions[i] = static_cast<Real>(2 - static_cast<int>(i % 2));
    program.vjp(x(), {seeds.data(), rows_, outputs()}, {back.data(), rows_, n});
    program.jvp(x(), {directions.data(), rows_, n}, {forward.data(), rows_, outputs()});
    constexpr double unit = std::numeric_limits<Real>::epsilon();
    for (std::size_t i = 0; i < rows_; ++i) {
      const Answer<Real>& expected = answers_[of_row(i)];
      const auto compare = [&](Real found, const char* what, std::size_t count, auto place_and_weight) {
        double value = 0;
        Loose<Real> bound;
        for (std::size_t m = 0; m < count; ++m) {
          const auto [at, weight] = place_and_weight(m);
          value += weight * expected.slopes[at];
          bound.value = value;
          bound.bound += weight * (expected.slope_bounds[at].bound + unit * std::abs(expected.slopes[at]));
        }
        verdict_.judge(static_cast<double>(found), value, bound, words(what, i));
      };
      for (std::size_t j = 0; j < n; ++j) {
        compare(back[i * n + j], "vjp", outputs(), [&](std::size_t k) {
          return std::pair(k * leaves() + j, static_cast<double>(seeds[i * outputs() + k]));
        });
      }
      for (std::size_t k = 0; k < outputs(); ++k) {
        compare(forward[i * outputs() + k], "jvp", n, [&](std::size_t j) {
          return std::pair(k * leaves() + j, static_cast<double>(directions[i * n + j]));
        });
      }
    }
  }

  /// The first output, times a column so that nothing of it counts once only.
  void compare_backward(CompileOptions options) {
    if (rows_ == 0 || parameters_.empty()) return;
    options.reduce = std::array{Reduce::mean, Reduce::sum, Reduce::none}[seed_ % 3];
    const auto f = [this](Span x, Span y, Indices indices) {
      return outputs_of(drawn_, x, parameters_, indices)[0] * y[0];
    };
    const Signature signature{
        .inputs = drawn_.inputs, .targets = 1, .indices = random_programs::indices, .sample = with_target()};
    const Program<Real> program = compile<Real>(f, signature, options);
    std::vector<Real> targets(rows_), seeds(rows_), behind;
    for (std::size_t i = 0; i < rows_; ++i) {
      targets[i] = static_cast<Real>(1 + i % 2);
      seeds[i] = static_cast<Real>(i % 3);
      behind.push_back(targets[i]);
      behind.insert(behind.end(), &x_[i * width() + drawn_.inputs], &x_[i * width()] + width());
    }
    const Rows<const Real> inputs(x_.data(), rows_, drawn_.inputs, width());
    const Rows<const Real> others(behind.data(), rows_, 1 + random_programs::indices);
    for (const Value& parameter : parameters_) parameter.set_grad(0);
    const bool seeded = options.reduce == Reduce::none;
    const double loss =
        seeded ? program.backward_seeded(inputs, others, seeds) : program.backward(inputs, others);
    const double share = options.reduce == Reduce::mean ? 1.0 / static_cast<double>(rows_) : 1.0;
    constexpr double unit = std::numeric_limits<Real>::epsilon();
    const auto compare = [&](double found, const char* what, auto value_and_bound) {
      long double expected = 0;
      Loose<Real> bound;
      for (std::size_t i = 0; i < rows_; ++i) {
        const auto [value, error] = value_and_bound(answers_[of_row(i)]);
        const double weight =
            share * static_cast<double>(targets[i]) * (seeded ? static_cast<double>(seeds[i]) : 1.0);
        expected += weight * value;
        bound.bound += weight * (error + 4 * unit * std::abs(value));
      }
      bound.value = static_cast<double>(expected);
      verdict_.judge(found, bound.value, bound, words(what, 0));
    };
    compare(loss, "loss",
            [](const Answer<Real>& a) { return std::pair(a.values[0], a.value_bounds[0].bound); });
    for (std::size_t j = drawn_.inputs; j < leaves(); ++j) {
      compare(parameters_[j - drawn_.inputs].grad(), "parameter's gradient",
              [j](const Answer<Real>& a) { return std::pair(a.slopes[j], a.slope_bounds[j].bound); });
    }
  }

  std::vector<double> with_target() const {
    std::vector<double> numbers = points_[0];
    numbers.insert(numbers.begin() + static_cast<std::ptrdiff_t>(drawn_.inputs), 1.0);
    return numbers;
  }

  std::uint64_t seed_;
  Draw draw_;
  Verdict& verdict_;
  Drawn drawn_;
  std::vector<Value> parameters_;
  std::vector<std::vector<double>> points_;
  std::vector<Answer<Real>> answers_;
  std::size_t rows_ = 0;
  std::vector<Real> x_;
};

const std::uint64_t programs = table_walk::in_a_hurry() ? 60 : 1500;

template <class Real>
void check_programs() {
  Verdict verdict;
  for (std::uint64_t seed = 0; seed < programs; ++seed) {
    Trial<Real>(seed, verdict).run();
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_LE(verdict.too_ill_conditioned, verdict.compared / 9) << "of " << verdict.compared;
}

TEST(RandomPrograms, GiveTheEnginesNumbersInDouble) { check_programs<double>(); }
TEST(RandomPrograms, GiveTheEnginesNumbersInFloat) { check_programs<float>(); }

std::uint64_t bits(double x) { return std::isnan(x) ? 0x7ff8000000000000U : std::bit_cast<std::uint64_t>(x); }

TEST(RandomPrograms, InterpretedAreTheEnginesToTheBitSimplifiedOrNot) {
  std::vector<int> used(compiler::special::count, 0);
  for (std::uint64_t seed = 0; seed < 4 * programs; ++seed) {
    Draw draw(seed);
    const Drawn drawn = draw.program(false);
    const std::vector<double> numbers(drawn.leaves.begin() + static_cast<std::ptrdiff_t>(drawn.inputs),
                                      drawn.leaves.end());
    const std::vector<Value> parameters(numbers.begin(), numbers.end());
    std::vector<std::vector<double>> rows(5);
    std::vector<std::vector<Index>> indices(rows.size(), drawn.indices);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (std::size_t j = 0; j < drawn.inputs; ++j)
        rows[i].push_back(i == 0 ? drawn.leaves[j] : draw.uniform(-2, 2));
      if (i > 0) indices[i] = draw.some_indices();
      append(rows[i], indices[i]);
    }
    const compiler::Code code = compiler::trace(
        compiler::wrap([&](Span x, Indices i) { return outputs_of(drawn, x, parameters, i); }), rows[0],
        {.inputs = drawn.inputs, .indices = random_programs::indices}, parameters);
    bool squares = false;  // which simplify multiplies, and the last bit may tell
    for (const compiler::Instruction& instruction : code.instructions) {
      ++used[instruction.op];
      squares |= instruction.op == micrograd::code<PowNumber>;
    }
    const compiler::Interpreted found = compiler::interpret(code, rows, numbers);
    const compiler::Interpreted shorter = compiler::interpret(compiler::simplify(code), rows, numbers);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::vector<Value> leaves(rows[i].begin(),
                                      rows[i].begin() + static_cast<std::ptrdiff_t>(drawn.inputs));
      const std::vector<Value> expected = outputs_of(drawn, leaves, parameters, indices[i]);
      for (std::size_t k = 0; k < expected.size(); ++k) {
        ASSERT_EQ(bits(found.rows[i][k]), bits(expected[k].data())) << "program " << seed << ", row " << i;
        if (!squares) {
          ASSERT_EQ(bits(shorter.rows[i][k]), bits(expected[k].data()))
              << "program " << seed << ", row " << i << ", simplified";
        }
      }
    }
  }
  for (std::size_t op = 0; op < Ops::size; ++op) {
    const std::string_view name = compiler::name_of(static_cast<compiler::OpCode>(op));
    if (name == "select" || name == "select_else") continue;  // of a known choice
    EXPECT_GT(used[op], 0) << name << " was never drawn";
  }
  for (const compiler::OpCode op :
       {compiler::special::less, compiler::special::less_equal, compiler::special::greater,
        compiler::special::greater_equal, compiler::special::equal, compiler::special::not_equal,
        compiler::special::select, compiler::special::stop, compiler::special::user, compiler::special::pick,
        compiler::special::data, compiler::special::literal}) {
    EXPECT_GT(used[op], 0) << compiler::name_of(op) << " was never drawn";
  }
}

TEST(RandomPrograms, HaveInterpretedDerivativesThatAreTheEngines) {
  Verdict verdict;
  for (std::uint64_t seed = 0; seed < programs; ++seed) {
    Draw draw(seed + 100'000);
    const Drawn drawn = draw.program(false);
    const Answer<double> expected = answer<double>(drawn, drawn.leaves, drawn.indices);
    if (expected.in_doubt) {
      ++verdict.too_ill_conditioned;
      continue;
    }
    const compiler::Shape shape{.inputs = drawn.leaves.size(), .indices = random_programs::indices};
    std::vector<double> row = drawn.leaves;
    append(row, drawn.indices);
    const compiler::Code code = compiler::trace(
        compiler::wrap([&](Span x, Indices i) { return outputs_of(drawn, x, {}, i); }), row, shape, {});
    const compiler::Code derived = compiler::derive(code, compiler::Want::jacobian, shape, Reduce::none);
    const std::vector<std::vector<double>> rows{row};
    for (const compiler::Code& way : {derived, compiler::simplify(derived)}) {
      const std::vector<double> slopes = compiler::interpret(way, rows).rows[0];
      for (std::size_t i = 0; i < slopes.size(); ++i) {
        verdict.judge(slopes[i], expected.slopes[i], expected.slope_bounds[i],
                      "program " + std::to_string(seed));
      }
    }
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_LE(verdict.too_ill_conditioned, verdict.compared / 9) << "of " << verdict.compared;
}

}  // namespace
}  // namespace micrograd
