// Rows of a table into slots and back: every width and number of rows, every target.
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include <micrograd/compiler/kernels.hpp>

namespace micrograd::compiler {
namespace {

/// Rows of a table, in any order and some of them twice, and slots of as many numbers.
template <class Real>
struct Rows {
  static constexpr std::size_t rows = 23;
  std::size_t step;  ///< from row to row
  std::vector<Real> table;
  std::vector<std::size_t> offsets;

  /// The table ends with the last number of the last row, where the address sanitizer watches.
  Rows(std::size_t columns, std::size_t gap, std::size_t count, std::mt19937_64& random)
      : step(columns + gap), table((rows - 1) * step + columns) {
    for (Real& number : table) number = static_cast<Real>(random() % 100000);
    for (std::size_t i = 0; i < count; ++i) offsets.push_back(random() % rows * step);
    if (count > 0) offsets.back() = (rows - 1) * step;
  }
};

template <class Real>
auto pointers(std::vector<std::vector<Real>>& slots) {
  std::vector<Real*> list;
  list.reserve(slots.size());
  for (std::vector<Real>& slot : slots) list.push_back(slot.data());
  return list;
}

constexpr std::size_t widest = 37;

template <class Real>
void check_load() {
  std::mt19937_64 random(1);
  for (const simd::Target target : simd::targets()) {
    const ProductRunner<Real> runner = product_runner<Real>(target);
    const std::size_t lanes = term_runner<Real>(target).lanes;
    for (std::size_t columns = 0; columns <= widest; ++columns) {
      for (const std::size_t padded : {std::size_t{0}, 4 * lanes, 12 * lanes}) {
        const Rows<Real> rows(columns, columns % 3, padded, random);
        std::vector<std::vector<Real>> slots(columns, std::vector<Real>(padded));
        runner.load(rows.table.data(), rows.offsets.data(), padded, columns, pointers(slots).data());
        for (std::size_t c = 0; c < columns; ++c) {
          for (std::size_t i = 0; i < padded; ++i) {
            ASSERT_EQ(slots[c][i], rows.table[rows.offsets[i] + c])
                << simd::name(target) << ", column " << c << " of " << columns << ", row " << i << " of "
                << padded;
          }
        }
      }
    }
  }
}

TEST(SlotRows, rows_of_doubles_are_loaded_into_slots) { check_load<double>(); }
TEST(SlotRows, rows_of_floats_are_loaded_into_slots) { check_load<float>(); }

template <class Real>
void check_save() {
  std::mt19937_64 random(2);
  for (const simd::Target target : simd::targets()) {
    const ProductRunner<Real> runner = product_runner<Real>(target);
    const std::size_t lanes = term_runner<Real>(target).lanes;
    for (std::size_t columns = 0; columns <= widest; ++columns) {
      for (std::size_t count = 0; count <= 2 * lanes + 1; ++count) {
        Rows<Real> rows(columns, columns % 3, count, random);
        std::vector<std::vector<Real>> slots(columns, std::vector<Real>((count + lanes - 1) / lanes * lanes));
        for (std::vector<Real>& slot : slots) {
          for (Real& number : slot) number = static_cast<Real>(random() % 100000);
        }
        std::vector<Real> expected = rows.table;
        for (std::size_t i = 0; i < count; ++i) {
          for (std::size_t c = 0; c < columns; ++c) expected[rows.offsets[i] + c] = slots[c][i];
        }
        const std::vector<Real*> to = pointers(slots);
        runner.save(rows.table.data(), rows.offsets.data(), count, columns, to.data());
        ASSERT_EQ(rows.table, expected)
            << simd::name(target) << ", " << columns << " columns, " << count << " rows";
      }
    }
  }
}

TEST(SlotRows, slots_are_saved_into_rows_of_doubles_and_nothing_beside_them) { check_save<double>(); }
TEST(SlotRows, slots_are_saved_into_rows_of_floats_and_nothing_beside_them) { check_save<float>(); }

template <class Real>
void check_places() {
  constexpr std::size_t list_size = 300;
  std::mt19937_64 random(3);
  std::vector<Real> list(list_size);
  for (Real& number : list) number = static_cast<Real>(static_cast<double>(random() % 2001) - 1000);
  for (const simd::Target target : simd::targets()) {
    const ProductRunner<Real> runner = product_runner<Real>(target);
    for (std::size_t count = 0; count < 150; ++count) {
      std::vector<std::uint32_t> x, y;
      double products = 0, plain = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const bool minus = random() % 2 == 0;
        x.push_back(static_cast<std::uint32_t>(random() % list_size) | (minus ? 1U << 31U : 0U));
        y.push_back(static_cast<std::uint32_t>(random() % list_size));
        const auto one = static_cast<double>(list[x[i] & 0x7fffffffU]) * (minus ? -1 : 1);
        plain += one;
        products += one * static_cast<double>(list[y[i]]);
      }
      std::vector<Real> out(count + 1, Real{7});
      runner.gather(list.data(), y.data(), count, out.data());
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(out[i], list[y[i]]) << simd::name(target);
      EXPECT_EQ(out[count], 7) << simd::name(target) << " writes behind the last one";
      // Whole numbers, so that no order rounds; 2^24 is the largest that a float tells apart.
      EXPECT_EQ(runner.sum(list.data(), x.data(), nullptr, count), plain) << simd::name(target) << count;
      EXPECT_NEAR(runner.sum(list.data(), x.data(), y.data(), count), products, sizeof(Real) == 8 ? 0 : 64)
          << simd::name(target) << count;
    }
  }
}

TEST(Places, AreGatheredAndAddedUpOnEveryTarget) {
  check_places<double>();
  check_places<float>();
}

}  // namespace
}  // namespace micrograd::compiler
