// Whole packs: transposed, added up, and the first numbers of one.
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include <hwy/detect_targets.h>

#include "numbers.hpp"
#include "packs.hpp"
#include "row_evaluators.hpp"

namespace micrograd::simd::testing {
namespace {

template <class Real>
Packs<Real> packs_on([[maybe_unused]] Target target) {
#if HWY_ARCH_X86
  switch (target) {
    case Target::scalar:
      break;
    case Target::sse4:
      return packs_compiled_for<Target::sse4, Real>();
    case Target::avx2:
      return packs_compiled_for<Target::avx2, Real>();
    case Target::avx3:
      return packs_compiled_for<Target::avx3, Real>();
  }
#endif
  throw std::logic_error("packs_on: no lanes");
}

template <class Real>
std::vector<Real> random_numbers(std::size_t count, std::mt19937_64& random) {
  std::vector<Real> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(random_bits<Real>(random));
  return numbers;
}

// The arrays end where the last number is read, which the address sanitizer watches over.
template <class Real>
void check_transpose() {
  std::mt19937_64 random(7);
  for (const Target target : lane_targets()) {
    const Packs<Real> packs = packs_on<Real>(target);
    for (std::size_t place = 0; place < 5; ++place) {
      std::vector<std::vector<Real>> arrays;
      std::vector<const Real*> from;
      for (std::size_t lane = 0; lane < packs.lanes; ++lane) {
        arrays.push_back(random_numbers<Real>(place + packs.height, random));
        from.push_back(arrays.back().data());
      }
      std::vector<Real> to(packs.lanes * packs.height);
      packs.transpose(from.data(), place, to.data());
      for (std::size_t i = 0; i < packs.height; ++i) {
        for (std::size_t lane = 0; lane < packs.lanes; ++lane) {
          ASSERT_TRUE(same_bits(to[i * packs.lanes + lane], arrays[lane][place + i]))
              << name(target) << ", place " << place << " + " << i << ", lane " << lane;
        }
      }
    }
  }
}

TEST(Packs, transposing_puts_each_double_in_its_place) { check_transpose<double>(); }
TEST(Packs, transposing_puts_each_float_in_its_place) { check_transpose<float>(); }

template <class Real>
void check_sum_each() {
  std::mt19937_64 random(9);
  for (const Target target : lane_targets()) {
    const Packs<Real> packs = packs_on<Real>(target);
    std::vector<Real> numbers;  // whole, so that they add up to the same in any order
    std::vector<Real> expected(packs.lanes);
    for (std::size_t i = 0; i < packs.lanes * packs.lanes; ++i) {
      numbers.push_back(static_cast<Real>(random() % 100000));
      expected[i / packs.lanes] += numbers.back();
    }
    std::vector<Real> sums(packs.lanes);
    packs.sum_each(numbers.data(), sums.data());
    EXPECT_EQ(sums, expected) << name(target);
  }
}

TEST(Packs, the_lanes_of_many_packs_of_doubles_are_added_up_at_once) { check_sum_each<double>(); }
TEST(Packs, the_lanes_of_many_packs_of_floats_are_added_up_at_once) { check_sum_each<float>(); }

template <class Real>
void check_first() {
  std::mt19937_64 random(8);
  constexpr Real untouched = 12345;
  for (const Target target : lane_targets()) {
    const Packs<Real> packs = packs_on<Real>(target);
    for (std::size_t some = 0; some <= packs.lanes; ++some) {
      const std::vector<Real> given = random_numbers<Real>(some, random);
      std::vector<Real> loaded(packs.lanes, untouched);
      packs.load_first(given.data(), some, loaded.data());
      for (std::size_t lane = 0; lane < packs.lanes; ++lane) {
        ASSERT_TRUE(same_bits(loaded[lane], lane < some ? given[lane] : Real{0}))
            << name(target) << ", first " << some;
      }
      const std::vector<Real> pack = random_numbers<Real>(packs.lanes, random);
      std::vector<Real> kept(packs.lanes);
      packs.first(pack.data(), some, kept.data());
      for (std::size_t lane = 0; lane < packs.lanes; ++lane) {
        ASSERT_TRUE(same_bits(kept[lane], lane < some ? pack[lane] : Real{0}))
            << name(target) << ", first " << some;
      }
      std::vector<Real> beside(some + 1, untouched);
      packs.store_first(pack.data(), beside.data(), some);
      EXPECT_EQ(beside[some], untouched) << name(target) << " wrote behind the first " << some;
      std::vector<Real> stored(some);
      packs.store_first(pack.data(), stored.data(), some);
      for (std::size_t lane = 0; lane < some; ++lane) {
        ASSERT_TRUE(same_bits(stored[lane], pack[lane])) << name(target) << ", first " << some;
      }
    }
  }
}

TEST(Packs, the_first_doubles_of_a_pack_are_all_that_is_touched) { check_first<double>(); }
TEST(Packs, the_first_floats_of_a_pack_are_all_that_is_touched) { check_first<float>(); }

}  // namespace
}  // namespace micrograd::simd::testing
