// Transposition through registers: from as many arrays as a pack has lanes, a few numbers each, to packs.
// Rows of a table become columns so, and columns rows. For one target a translation unit, as lanes-inl.h.
#pragma once

#include <cstddef>

#include <micrograd/simd/lanes-inl.h>

HWY_BEFORE_NAMESPACE();

namespace micrograd::simd::HWY_NAMESPACE {

/// Numbers in 128 bits: within such blocks processors shuffle fast, and so many packs are made at once.
template <class Real>
inline constexpr std::size_t block_lanes = 16 / sizeof(Real);

/// 128 bits from each of `from`, in order of the blocks of a pack. They are put in place while they are
/// loaded, which keeps them from the one unit that shuffles.
template <class Real>
HWY_INLINE Lanes<Real> load_blocks(const Real* const* from, std::size_t step, std::size_t place) {
  const typename Lanes<Real>::Tag tag;
  constexpr std::size_t blocks = Lanes<Real>::count / block_lanes<Real>;
  const auto in_all = [&](std::size_t block) __attribute__((always_inline)) {
    return hn::LoadDup128(tag, from[block * step] + place);
  };
  if constexpr (blocks == 1) {
    return Lanes<Real>(in_all(0));
  } else if constexpr (blocks == 2) {
    return Lanes<Real>(hn::ConcatUpperLower(tag, in_all(1), in_all(0)));
  } else {
    static_assert(blocks == 4);
    return Lanes<Real>(hn::ConcatUpperLower(tag, hn::OddEvenBlocks(in_all(3), in_all(2)),
                                            hn::OddEvenBlocks(in_all(1), in_all(0))));
  }
}

/// Lane l of `to[i]` becomes `from[l][place + i]`: of each array exactly these `block_lanes` numbers are
/// read.
template <class Real>
HWY_INLINE void transpose(const Real* const* from, std::size_t place, Lanes<Real> (&to)[block_lanes<Real>]) {
  const typename Lanes<Real>::Tag tag;
  constexpr std::size_t size = block_lanes<Real>;
  // Block by block the lanes of a, b, … are what arrays 0, 1, … of that block have at four (two) places.
  const auto a = load_blocks<Real>(from, size, place).raw;
  const auto b = load_blocks<Real>(from + 1, size, place).raw;
  if constexpr (size == 2) {
    to[0] = Lanes<Real>(hn::InterleaveLower(tag, a, b));
    to[1] = Lanes<Real>(hn::InterleaveUpper(tag, a, b));
  } else {
    const auto c = load_blocks<Real>(from + 2, size, place).raw;
    const auto d = load_blocks<Real>(from + 3, size, place).raw;
    const hn::RepartitionToWide<typename Lanes<Real>::Tag> pairs;
    const auto ab_lower = hn::BitCast(pairs, hn::InterleaveLower(tag, a, b));
    const auto ab_upper = hn::BitCast(pairs, hn::InterleaveUpper(tag, a, b));
    const auto cd_lower = hn::BitCast(pairs, hn::InterleaveLower(tag, c, d));
    const auto cd_upper = hn::BitCast(pairs, hn::InterleaveUpper(tag, c, d));
    to[0] = Lanes<Real>(hn::BitCast(tag, hn::InterleaveLower(pairs, ab_lower, cd_lower)));
    to[1] = Lanes<Real>(hn::BitCast(tag, hn::InterleaveUpper(pairs, ab_lower, cd_lower)));
    to[2] = Lanes<Real>(hn::BitCast(tag, hn::InterleaveLower(pairs, ab_upper, cd_upper)));
    to[3] = Lanes<Real>(hn::BitCast(tag, hn::InterleaveUpper(pairs, ab_upper, cd_upper)));
  }
}

/// Lane l of the result is the sum of the lanes of packs[l].
template <class Real>
HWY_INLINE Lanes<Real> sum_each(const Lanes<Real> (&packs)[Lanes<Real>::count]) {
  const typename Lanes<Real>::Tag tag;
  constexpr std::size_t size = block_lanes<Real>;
  // The sums within each block of as many packs as a block has lanes.
  const auto in_blocks = [&](std::size_t first) __attribute__((always_inline)) {
    const auto halves = [&](std::size_t i) __attribute__((always_inline)) {
      return hn::Add(hn::InterleaveLower(tag, packs[i].raw, packs[i + 1].raw),
                     hn::InterleaveUpper(tag, packs[i].raw, packs[i + 1].raw));
    };
    if constexpr (size == 2) {
      return halves(first);
    } else {
      const hn::RepartitionToWide<typename Lanes<Real>::Tag> pairs;
      const auto ab = hn::BitCast(pairs, halves(first));
      const auto cd = hn::BitCast(pairs, halves(first + 2));
      return hn::Add(hn::BitCast(tag, hn::InterleaveLower(pairs, ab, cd)),
                     hn::BitCast(tag, hn::InterleaveUpper(pairs, ab, cd)));
    }
  };
  constexpr std::size_t blocks = Lanes<Real>::count / size;
  if constexpr (blocks == 1) {
    return Lanes<Real>(in_blocks(0));
  } else {
    const auto across = [&](auto x, auto y) __attribute__((always_inline)) {
      return hn::Add(hn::ConcatLowerLower(tag, y, x), hn::ConcatUpperUpper(tag, y, x));
    };
    if constexpr (blocks == 2) {
      return Lanes<Real>(across(in_blocks(0), in_blocks(size)));
    } else {
      static_assert(blocks == 4);
      const auto even = across(in_blocks(0), in_blocks(2 * size));
      const auto odd = across(in_blocks(size), in_blocks(3 * size));
      return Lanes<Real>(hn::Add(hn::OddEvenBlocks(hn::SwapAdjacentBlocks(odd), even),
                                 hn::OddEvenBlocks(odd, hn::SwapAdjacentBlocks(even))));
    }
  }
}

}  // namespace micrograd::simd::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
