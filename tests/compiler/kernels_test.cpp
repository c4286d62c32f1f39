// Kernels: every row, number type and target; every set of uniform operands, every length, in place.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iomanip>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <micrograd/compiler/kernels.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

template <class Real>
bool same_bits(Real a, Real b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && std::signbit(a) == std::signbit(b);
}

/// A row without its type, so that what follows is compiled once.
struct RowUnderTest {
  const OpInfo* info;
  std::size_t operands;
  std::size_t code;

  unsigned sets() const { return 1U << operands; }
  /// The operand that is always one number, as a set of uniform operands.
  unsigned number() const {
    if (info->number_operand == NumberOperand::none) return 0;
    return info->number_operand == NumberOperand::first ? 1 : 2;
  }
};

const std::vector<RowUnderTest>& rows() {
  static const std::vector<RowUnderTest> list = [] {
    std::vector<RowUnderTest> made;
    KernelOps::for_each([&]<class Op>() { made.push_back({&Op::info, arity<Op>, kernel_code<Op>}); });
    return made;
  }();
  return list;
}

template <class Real>
struct Given {
  std::vector<Real> operands[3];

  static Given draw(const RowUnderTest& row, std::size_t count, std::mt19937_64& random) {
    Given given;
    for (std::size_t k = 0; k < row.operands; ++k) {
      const Domain domain = row.info->domain[k];
      std::uniform_real_distribution draw(domain.low, domain.high);
      for (std::size_t i = 0; i < count; ++i) given.operands[k].push_back(static_cast<Real>(draw(random)));
      if (domain.low == domain.high) continue;  // polygamma's order is whole
      if (count > 3) given.operands[k][3] = std::numeric_limits<Real>::quiet_NaN();
      if (count > 6) given.operands[k][6] = std::numeric_limits<Real>::infinity();
    }
    return given;
  }
};

template <class Real>
std::vector<Real> run(Kernel<Real> kernel, const Given<Real>& given, std::size_t from, std::size_t count,
                      unsigned uniform) {
  const Real* operands[3] = {};
  for (std::size_t k = 0; k < 3; ++k) {
    if (!given.operands[k].empty())
      operands[k] = given.operands[k].data() + ((uniform >> k & 1U) != 0 ? 0 : from);
  }
  constexpr Real untouched = 12345;
  std::vector<Real> out(count + 1, untouched);
  kernel(operands, out.data(), count);
  EXPECT_EQ(out[count], untouched) << "wrote behind the end";
  out.pop_back();
  return out;
}

constexpr std::size_t longest = 37;

// Where it begins and how long it is changes nothing, and a uniform operand is an array of equal numbers.
template <class Real>
void check_form(const RowUnderTest& row, const Given<Real>& given, unsigned uniform, simd::Target target) {
  const Kernel<Real> kernel = compiler::kernel<Real>(row.code, uniform, target);
  ASSERT_NE(kernel, nullptr);
  const std::vector<Real> whole = run(kernel, given, 0, longest, uniform);
  for (std::size_t count = 0; count <= longest; ++count) {
    const std::vector<Real> part = run(kernel, given, longest - count, count, uniform);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(same_bits(part[i], whole[longest - count + i]))
          << row.info->name << " on " << simd::name(target) << ", uniform " << uniform << ", count " << count
          << ", place " << i;
    }
  }
  // A number operand is evaluated by other means where it is not uniform: near, not the same.
  if (row.number() != 0) return;
  Given<Real> repeated = given;
  for (std::size_t k = 0; k < row.operands; ++k) {
    if ((uniform >> k & 1U) != 0) repeated.operands[k].assign(longest, given.operands[k][0]);
  }
  const std::vector<Real> same = run(compiler::kernel<Real>(row.code, 0, target), repeated, 0, longest, 0);
  for (std::size_t i = 0; i < longest; ++i) {
    ASSERT_TRUE(same_bits(same[i], whole[i])) << row.info->name << ", uniform " << uniform << ", place " << i;
  }
}

template <class Real>
void check_forms() {
  std::mt19937_64 random(3);
  for (const RowUnderTest& row : rows()) {
    const Given<Real> given = Given<Real>::draw(row, longest, random);
    for (const simd::Target target : simd::targets()) {
      for (unsigned uniform = 0; uniform < row.sets(); ++uniform) check_form(row, given, uniform, target);
    }
  }
}

TEST(Kernels, lengths_places_and_uniform_operands_change_no_bit_of_doubles) { check_forms<double>(); }
TEST(Kernels, lengths_places_and_uniform_operands_change_no_bit_of_floats) { check_forms<float>(); }

template <class Real>
double distance_in_ulps(Real a, Real b) {
  if (same_bits(a, b)) return 0;
  const Real size = std::max(std::abs(b), std::numeric_limits<Real>::min());
  return static_cast<double>(std::abs(a - b) /
                             (std::nextafter(size, std::numeric_limits<Real>::infinity()) - size));
}

template <class Real>
void check_ulps() {
  constexpr std::size_t count = 3000;
  std::mt19937_64 random(5);
  for (const RowUnderTest& row : rows()) {
    const Given<Real> given = Given<Real>::draw(row, count, random);
    const unsigned uniform = row.number();
    const std::vector<Real> eager =
        run(kernel<Real>(row.code, uniform, simd::Target::scalar), given, 0, count, uniform);
    for (const simd::Target target : simd::targets()) {
      const std::vector<Real> got = run(kernel<Real>(row.code, uniform, target), given, 0, count, uniform);
      double worst = 0;
      for (std::size_t i = 0; i < got.size(); ++i)
        worst = std::max(worst, distance_in_ulps(got[i], eager[i]));
      EXPECT_LE(worst, kernel_ulp<Real>(row.code))
          << row.info->name << " on " << simd::name(target) << (sizeof(Real) == 8 ? " double" : " float");
    }
  }
}

// On the target without lanes a kernel is the row itself, as eager code evaluates it.
TEST(Kernels, of_the_plain_target_are_the_rows_themselves) {
  std::mt19937_64 random(6);
  std::size_t index = 0;
  KernelOps::for_each([&]<class Op>() {
    const RowUnderTest& row = rows()[index++];
    const Given<double> given = Given<double>::draw(row, 8, random);
    const unsigned uniform = row.number();
    const std::vector<double> got =
        run(kernel<double>(row.code, uniform, simd::Target::scalar), given, 0, 8, uniform);
    const auto place = [&](std::size_t k, std::size_t i) {
      return given.operands[k][(uniform >> k & 1U) != 0 ? 0 : i];
    };
    for (std::size_t i = 0; i < 8; ++i) {
      const double expected = [&]<std::size_t... I>(std::index_sequence<I...>) {
        return Op::template value<double>(place(I, i)...);
      }(std::make_index_sequence<arity<Op>>());
      EXPECT_TRUE(same_bits(got[i], expected)) << Op::info.name;
    }
  });
}

TEST(Kernels, are_as_near_to_eager_as_stated_for_doubles) { check_ulps<double>(); }
TEST(Kernels, are_as_near_to_eager_as_stated_for_floats) { check_ulps<float>(); }

TEST(Kernels, may_write_over_an_operand) {
  for (const simd::Target target : simd::targets()) {
    std::vector<double> x(21);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
    const double* const operands[] = {x.data(), x.data()};
    kernel<double>(kernel_code<Multiply>, 0, target)(operands, x.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_EQ(x[i], static_cast<double>(i * i)) << simd::name(target);
  }
}

TEST(Kernels, choose_lane_by_lane) {
  for (const simd::Target target : simd::targets()) {
    const double x[] = {1, 2, std::nan(""), 4, 5};
    const double three = 3;
    const double* const compared[] = {x, &three};
    double less[5];
    kernel<double>(kernel_code<IsLess>, 0b10, target)(compared, less, 5);
    EXPECT_EQ(std::vector(less, less + 5), (std::vector<double>{1, 1, 0, 0, 0}));
    const double* const chosen[] = {less, &three, x};
    double out[5];
    kernel<double>(kernel_code<Choose>, 0b010, target)(chosen, out, 5);
    EXPECT_EQ(out[0], 3);
    EXPECT_EQ(out[1], 3);
    EXPECT_TRUE(std::isnan(out[2]));
    EXPECT_EQ(out[3], 4);
    EXPECT_EQ(out[4], 5);
  }
}

// The table's rows keep their codes, so the compiler can use either.
TEST(Kernels, codes_of_the_table_are_those_of_the_kernels) {
  for_each_op([]<class Op>() { EXPECT_EQ(code<Op>, kernel_code<Op>); });
}

struct Mish {
  static constexpr OpInfo info{
      .name = "mish", .formula = "x tanh(ln(1 + e^x))", .derivative = "left out", .flat = {true}};
  template <class T> static T value(T x) {
    using std::tanh;
    return x * tanh(Softplus::value(x));
  }
};

TEST(Kernels, exist_for_rows_outside_the_table) {
  const std::vector<float> x{-1, 0.5F, 2};
  const float* const operands[] = {x.data()};
  std::vector<float> out(3);
  kernel_of<Mish, float>()(operands, out.data(), 3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(out[i], static_cast<float>(Mish::value<double>(x[i])));
  kernel_of<Mish, float>(1)(operands, out.data(), 3);
  EXPECT_EQ(out[2], out[0]);
}

TEST(Kernels, run_in_any_number_of_Threads_with_the_same_bits) {
  constexpr std::size_t count = 4001;
  std::mt19937_64 random(9);
  const Given<double> given = Given<double>::draw(rows()[kernel_code<Gelu>], count, random);
  const Kernel<double> gelu = kernel<double>(kernel_code<Gelu>);
  const std::vector<double> alone = run(gelu, given, 0, count, 0);
  for (const std::size_t threads : {2U, 3U, 4U}) {
    std::vector<double> out(count);
    std::vector<std::thread> pool;
    for (std::size_t t = 0; t < threads; ++t) {
      pool.emplace_back([&, t] {
        const std::size_t from = count * t / threads;
        const double* const operands[] = {given.operands[0].data() + from};
        gelu(operands, out.data() + from, count * (t + 1) / threads - from);
      });
    }
    for (std::thread& thread : pool) thread.join();
    for (std::size_t i = 0; i < count; ++i)
      ASSERT_TRUE(same_bits(out[i], alone[i])) << threads << " at " << i;
  }
}

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Kernels, refuse_what_does_not_exist) {
  const std::string size = std::to_string(KernelOps::size);
  EXPECT_EQ(message_of([] { kernel<double>(KernelOps::size); }),
            "kernel: no such row (got code " + size + ", expected less than " + size +
                "); a row of your own has kernel_of<Row, Real>()");
  EXPECT_EQ(message_of([] { kernel<float>(kernel_code<Add>, 4); }),
            "kernel: a uniform operand that + does not have (got the bits 4, expected less than 4)");
}

TEST(Targets, start_with_plain_code_and_widen) {
  const std::vector<simd::Target>& targets = simd::targets();
  ASSERT_FALSE(targets.empty());
  EXPECT_EQ(targets.front(), simd::Target::scalar);
  EXPECT_TRUE(std::is_sorted(targets.begin(), targets.end()));
  EXPECT_EQ(simd::best_target(), targets.back());
  EXPECT_EQ(simd::name(simd::Target::avx2), "avx2");
}

}  // namespace
}  // namespace micrograd::compiler
