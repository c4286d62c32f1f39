// Matrix products over slots, on every target: beside plain loops, beside the machine for sums of products,
// and what they leave alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include <micrograd/compiler/kernels.hpp>
#include <micrograd/compiler/products.hpp>
#include <micrograd/compiler/terms.hpp>

namespace micrograd::compiler {
namespace {

template <class Real>
using Bits = std::conditional_t<sizeof(Real) == 8, std::uint64_t, std::uint32_t>;

/// The same bits; one NaN is as good as another.
template <class Real>
bool same(Real a, Real b) {
  return (std::isnan(a) && std::isnan(b)) || std::bit_cast<Bits<Real>>(a) == std::bit_cast<Bits<Real>>(b);
}

template <class Real>
bool same(const std::vector<Real>& a, const std::vector<Real>& b) {
  return std::ranges::equal(a, b, [](Real x, Real y) { return same(x, y); });
}

/// Numbers of all magnitudes, and a few that are 0, infinite or NaN.
template <class Real>
std::vector<Real> draw(std::size_t count, std::mt19937_64& random, bool special) {
  std::normal_distribution<double> normal;
  std::vector<Real> numbers;
  for (std::size_t i = 0; i < count; ++i) {
    Real number = static_cast<Real>(normal(random) * std::exp2(normal(random)));
    if (special && random() % 16 == 0) number = std::copysign(Real{0}, number);
    if (special && random() % 512 == 0) number = std::numeric_limits<Real>::infinity() * number;
    if (special && random() % 512 == 0) number = std::numeric_limits<Real>::quiet_NaN();
    numbers.push_back(number);
  }
  return numbers;
}

/// `count` slots in any order, `stride` apart.
std::vector<std::uint32_t> shuffled(std::size_t count, std::size_t stride, std::mt19937_64& random) {
  std::vector<std::uint32_t> places;
  places.reserve(count);
  for (std::size_t i = 0; i < count; ++i) places.push_back(static_cast<std::uint32_t>(i * stride));
  std::ranges::shuffle(places, random);
  return places;
}

/// sum + x * y as the target has it.
template <class Real>
Real add_product_on(simd::Target target, Real sum, Real x, Real y) {
  return target >= simd::Target::avx2 ? std::fma(x, y, sum) : sum + x * y;
}

struct ProductShape {
  std::size_t rows;
  std::size_t terms;
};

// Many terms, none, and every height of a tile.
const std::vector<ProductShape>& shapes() {
  static const std::vector<ProductShape> list = [] {
    std::vector<ProductShape> made{{0, 3}, {5, 0}, {2, 700}, {20, 300}};
    for (std::size_t rows = 1; rows <= 14; ++rows) made.push_back({rows, 1 + rows * 5 % 9});
    return made;
  }();
  return list;
}

template <class Real>
struct Product {
  std::size_t block;
  std::size_t stride;
  std::vector<Real> slots;
  std::vector<std::uint32_t> x;
  std::vector<std::uint32_t> out;
  std::vector<Real> weights;  ///< and the starts behind them

  Product(const ProductShape& shape, std::size_t packs, std::size_t lanes, std::mt19937_64& random)
      : block(packs * lanes),
        stride(block + 64 / sizeof(Real)),
        slots(draw<Real>((shape.rows + shape.terms) * stride, random, shape.terms < 20)),
        weights(draw<Real>(shape.rows * shape.terms + shape.rows, random, shape.terms < 20)) {
    std::vector<std::uint32_t> places = shuffled(shape.rows + shape.terms, stride, random);
    x.assign(places.begin() + static_cast<std::ptrdiff_t>(shape.rows), places.end());
    places.resize(shape.rows);
    out = std::move(places);
  }
  /// Weights row by row or column by column.
  MatrixProduct<Real> task(bool across, bool starts) const {
    const std::size_t size = out.size() * x.size();
    return {.weights = {weights.data(), across ? 1 : x.size(), across ? out.size() : 1},
            .start = {starts ? weights.data() + size : nullptr, starts ? std::size_t{1} : 0, 0},
            .x = x.data(),
            .terms = x.size(),
            .out = out.data(),
            .rows = out.size()};
  }
};

template <class Real>
std::vector<Real> expected_product(const Product<Real>& given, const MatrixProduct<Real>& task,
                                   simd::Target target) {
  std::vector<Real> slots = given.slots;
  for (std::size_t r = 0; r < task.rows; ++r) {
    for (std::size_t i = 0; i < given.block; ++i) {
      Real sum = task.terms == 0 ? Real{0} : -Real{0};
      if (task.start.from != nullptr) sum = task.start.from[r * task.start.row_step];
      for (std::size_t k = 0; k < task.terms; ++k) {
        const Real weight = task.weights.from[r * task.weights.row_step + k * task.weights.column_step];
        sum = add_product_on(target, sum, weight, slots[task.x[k] + i]);
      }
      slots[task.out[r] + i] = sum;
    }
  }
  return slots;
}

template <class Real>
void check_multiply() {
  std::mt19937_64 random(1);
  for (const simd::Target target : simd::targets()) {
    const std::size_t lanes = term_runner<Real>(target).lanes;
    for (const ProductShape& shape : shapes()) {
      for (const std::size_t packs : {std::size_t{0}, std::size_t{4}, std::size_t{8}}) {
        const Product<Real> given(shape, packs, lanes, random);
        for (const bool across : {false, true}) {
          for (const bool starts : {false, true}) {
            const MatrixProduct<Real> task = given.task(across, starts);
            std::vector<Real> slots = given.slots;
            product_runner<Real>(target).multiply(task, slots.data(), given.block);
            ASSERT_TRUE(same(slots, expected_product(given, task, target)))
                << simd::name(target) << ", " << shape.rows << " rows of " << shape.terms << " terms, "
                << packs << " packs";
          }
        }
      }
    }
  }
}

TEST(Products, of_doubles_are_those_of_plain_loops_to_the_bit) { check_multiply<double>(); }
TEST(Products, of_floats_are_those_of_plain_loops_to_the_bit) { check_multiply<float>(); }

/// The same sums as steps for the machine.
template <class Real>
std::vector<TermStep> steps_of(const MatrixProduct<Real>& task, const Real* uniforms) {
  const auto place = [&](const Real* number) { return static_cast<std::uint32_t>(number - uniforms); };
  std::vector<TermStep> steps;
  for (std::size_t r = 0; r < task.rows; ++r) {
    bool first = true;
    if (task.start.from != nullptr) {
      steps.push_back({.code = term_code(TermKind::u, false, true),
                       .u = place(task.start.from + r * task.start.row_step)});
      first = false;
    }
    for (std::size_t k = 0; k < task.terms; ++k) {
      const Real* const weight = task.weights.from + r * task.weights.row_step + k * task.weights.column_step;
      steps.push_back({.code = term_code(TermKind::ux, false, first), .u = place(weight), .x = task.x[k]});
      first = false;
    }
    steps.push_back({.code = store_code, .x = task.out[r]});
  }
  return steps;
}

template <class Real>
void check_against_terms() {
  std::mt19937_64 random(2);
  for (const simd::Target target : simd::targets()) {
    const TermRunner<Real> machine = term_runner<Real>(target);
    for (const ProductShape& shape : shapes()) {
      if (shape.terms == 0) continue;
      const Product<Real> given(shape, 8, machine.lanes, random);
      for (const bool starts : {false, true}) {
        const MatrixProduct<Real> task = given.task(false, starts);
        const std::vector<TermStep> steps = steps_of(task, given.weights.data());
        std::vector<Real> by_terms = given.slots;
        machine.run(steps.data(), steps.data() + steps.size(),
                    {.slots = by_terms.data(), .uniforms = given.weights.data(), .block = given.block});
        std::vector<Real> slots = given.slots;
        product_runner<Real>(target).multiply(task, slots.data(), given.block);
        ASSERT_TRUE(same(slots, by_terms)) << simd::name(target) << ", " << shape.rows << " rows of "
                                           << shape.terms << " terms, starts " << starts;
      }
    }
  }
}

TEST(Products, of_doubles_are_what_the_machine_for_sums_gives) { check_against_terms<double>(); }
TEST(Products, of_floats_are_what_the_machine_for_sums_gives) { check_against_terms<float>(); }

/// Two lists of slots whose padding is NaN, since it must not count.
template <class Real>
struct Factors {
  std::size_t padded;
  std::vector<std::uint32_t> g;
  std::vector<std::uint32_t> x;
  std::vector<Real> slots;

  Factors(std::size_t rows, std::size_t columns, std::size_t count, std::size_t lanes,
          std::mt19937_64& random)
      : padded((count + lanes - 1) / lanes * lanes),
        slots(draw<Real>((rows + columns) * padded, random, false)) {
    std::vector<std::uint32_t> places = shuffled(rows + columns, padded, random);
    for (const std::uint32_t place : places) {
      for (std::size_t i = count; i < padded; ++i) slots[place + i] = std::numeric_limits<Real>::quiet_NaN();
    }
    x.assign(places.begin() + static_cast<std::ptrdiff_t>(rows), places.end());
    places.resize(rows);
    g = std::move(places);
  }
};

constexpr std::size_t guards = 20;

/// The sums that were `before`, with guards on both sides that must stay.
template <class Real>
std::vector<Real> added(const Factors<Real>& given, std::size_t count, const std::vector<Real>& before,
                        simd::Target target) {
  constexpr Real untouched = 12345;
  const ProductRunner<Real> runner = product_runner<Real>(target);
  std::vector<Real> sums(guards, untouched);
  sums.insert(sums.end(), before.begin(), before.end());
  sums.insert(sums.end(), guards, untouched);
  std::vector<Real> scratch(runner.scratch_for(given.padded) + guards, untouched);
  runner.add_products({given.g.data(), given.g.size(), given.x.data(), given.x.size()}, given.slots.data(),
                      count, scratch.data(), sums.data() + guards);
  for (std::size_t i = 0; i < guards; ++i) {
    EXPECT_EQ(sums[i], untouched);
    EXPECT_EQ(sums[sums.size() - 1 - i], untouched);
    EXPECT_EQ(scratch[scratch.size() - 1 - i], untouched);
  }
  return {sums.begin() + guards, sums.end() - guards};
}

template <class Real>
void check_sums(std::size_t rows, std::size_t columns, std::size_t count, simd::Target target,
                std::mt19937_64& random) {
  const Factors<Real> given(rows, columns, count, term_runner<Real>(target).lanes, random);
  const std::vector<Real> before = draw<Real>(rows * columns, random, false);
  const std::vector<Real> sums = added(given, count, before, target);
  ASSERT_EQ(sums.size(), before.size());
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      long double exact = before[r * columns + c];
      long double size = std::fabs(exact);
      for (std::size_t i = 0; i < count; ++i) {
        const long double product =
            static_cast<long double>(given.slots[given.g[r] + i]) * given.slots[given.x[c] + i];
        exact += product;
        size += std::fabs(product);
      }
      const long double near =
          size * static_cast<long double>(count + 2) * std::numeric_limits<Real>::epsilon();
      ASSERT_LE(std::fabs(sums[r * columns + c] - exact), near)
          << simd::name(target) << ", sum (" << r << ", " << c << ") of " << rows << " by " << columns << ", "
          << count << " rounds";
    }
  }
}

// Few rows and columns are added up as dots, many by rows; neither must show.
template <class Real>
void check_add() {
  std::mt19937_64 random(3);
  for (const simd::Target target : simd::targets()) {
    for (const std::size_t rows : {0, 1, 2, 3, 4, 5, 7, 16, 41}) {
      for (const std::size_t columns : {0, 1, 2, 3, 6, 8, 15, 17, 33, 70}) {
        for (const std::size_t count : {0, 1, 5, 16, 33}) {
          check_sums<Real>(rows, columns, count, target, random);
        }
      }
    }
    for (const std::size_t rows : {1, 6, 30, 128}) {
      for (const std::size_t columns : {1, 19, 200}) check_sums<Real>(rows, columns, 130, target, random);
    }
  }
}

TEST(Products, sums_over_rounds_are_those_of_plain_loops_in_doubles) { check_add<double>(); }
TEST(Products, sums_over_rounds_are_those_of_plain_loops_in_floats) { check_add<float>(); }

// An infinity or NaN reaches its own row or column, and nothing else.
template <class Real>
void check_special() {
  std::mt19937_64 random(4);
  for (const simd::Target target : simd::targets()) {
    const std::size_t lanes = term_runner<Real>(target).lanes;
    for (const std::size_t size : {3, 50}) {
      for (const std::size_t count : {13, 64}) {
        Factors<Real> given(size, size, count, lanes, random);
        given.slots[given.g[1] + 2] = std::numeric_limits<Real>::quiet_NaN();
        given.slots[given.x[2] + count - 1] = std::numeric_limits<Real>::infinity();
        const std::vector<Real> sums = added(given, count, std::vector<Real>(size * size), target);
        for (std::size_t r = 0; r < size; ++r) {
          for (std::size_t c = 0; c < size; ++c) {
            const Real sum = sums[r * size + c];
            const bool as_expected = r == 1 ? std::isnan(sum) : c == 2 ? std::isinf(sum) : std::isfinite(sum);
            EXPECT_TRUE(as_expected) << simd::name(target) << ", (" << r << ", " << c << "): " << sum;
          }
        }
      }
    }
  }
}

TEST(Products, what_is_not_finite_stays_in_its_row_and_column_of_doubles) { check_special<double>(); }
TEST(Products, what_is_not_finite_stays_in_its_row_and_column_of_floats) { check_special<float>(); }

}  // namespace
}  // namespace micrograd::compiler
