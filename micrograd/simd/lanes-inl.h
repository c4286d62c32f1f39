// Lanes<Real>: a pack of numbers that stands for `double` or `float` in a row of the table. Arithmetic,
// comparison, `select` and what else IEEE 754 prescribes are, lane for lane, the bits that the plain type
// gives.
//
// This file belongs to one target a translation unit: say `#define HWY_TARGET HWY_AVX2` before the first
// include (compiler/kernels_avx2.cpp does). Everything here lives in a namespace named after the target, so
// that code for different processors never meets. It is not installed; programs call kernels through
// compiler/kernels.hpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();

namespace micrograd::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class Real>
struct Lanes;

// Functions in here are compiled for the target because they stand between HWY_BEFORE_NAMESPACE and
// HWY_AFTER_NAMESPACE; only friends of class templates are overlooked by g++ and must say HWY_ATTR
// themselves.

/// The result of comparing lanes: one truth value a lane.
template <class Real>
struct Mask {
  using Raw = hn::Mask<hn::ScalableTag<Real>>;
  Raw raw;

  friend HWY_ATTR HWY_INLINE Mask operator&&(Mask a, Mask b) { return {hn::And(a.raw, b.raw)}; }
  friend HWY_ATTR HWY_INLINE Mask operator||(Mask a, Mask b) { return {hn::Or(a.raw, b.raw)}; }
  friend HWY_ATTR HWY_INLINE Mask operator!(Mask a) { return {hn::Not(a.raw)}; }
  friend HWY_ATTR HWY_INLINE bool all(Mask a) { return hn::AllTrue(hn::ScalableTag<Real>(), a.raw); }

  // `select` takes plain numbers too, as the one for bool does.
  friend HWY_ATTR HWY_INLINE Lanes<Real> select(Mask condition, Lanes<Real> a, Lanes<Real> b) {
    return Lanes<Real>(hn::IfThenElse(condition.raw, a.raw, b.raw));
  }
};

template <class Real>
struct Lanes {
  static_assert(std::is_same_v<Real, double> || std::is_same_v<Real, float>);
  using Tag = hn::ScalableTag<Real>;
  using Raw = hn::Vec<Tag>;
  static constexpr std::size_t count = HWY_LANES(Real);

  Raw raw;

  HWY_INLINE Lanes() = default;
  HWY_INLINE explicit Lanes(Raw vector) : raw(vector) {}
  /// The same number in every lane. In a pack of floats it is rounded to float first, so `0.1 * x` is the
  /// float product of two floats there, where plain C++ would compute it in double.
  HWY_INLINE Lanes(double number) : raw(hn::Set(Tag(), static_cast<Real>(number))) {}

  /// The same number in every lane, as it is.
  static HWY_INLINE Lanes all(Real number) { return Lanes(hn::Set(Tag(), number)); }
  static HWY_INLINE Lanes load(const Real* from) { return Lanes(hn::LoadU(Tag(), from)); }
  HWY_INLINE void store(Real* to) const { hn::StoreU(raw, Tag(), to); }

  /// from[places[lane]]; all places are below 2^31.
  static HWY_INLINE Lanes gather(const Real* from, const std::uint32_t* places) {
    return Lanes(hn::GatherIndex(Tag(), from, wide(places)));
  }
  /// The same, or minus the number where the place's highest bit is set.
  static HWY_INLINE Lanes gather_signed(const Real* from, const std::uint32_t* places) {
    using Index = hn::RebindToSigned<Tag>;
    const auto given = wide(places);
    const auto sign = hn::SignBit(Tag());
    const auto found = hn::GatherIndex(Tag(), from, hn::And(given, hn::Set(Index(), 0x7fffffff)));
    return Lanes(hn::Xor(found, hn::And(sign, hn::BitCast(Tag(), given))));
  }
  /// The first `some` <= count lanes, and zeros in the others.
  [[nodiscard]] HWY_INLINE Lanes first(std::size_t some) const {
    return Lanes(hn::IfThenElseZero(hn::FirstN(Tag(), some), raw));
  }
  /// The same in memory, where no other number is touched.
  static HWY_INLINE Lanes load_first(const Real* from, std::size_t some) {
#if HWY_TARGET <= HWY_AVX3
    return Lanes(hn::MaskedLoad(hn::FirstN(Tag(), some), Tag(), from));
#else  // narrower processors lack masks, or may fault behind them
    HWY_ALIGN Real numbers[count] = {};
    for (std::size_t lane = 0; lane < some; ++lane) numbers[lane] = from[lane];
    return load(numbers);
#endif
  }
  HWY_INLINE void store_first(Real* to, std::size_t some) const {
#if HWY_TARGET <= HWY_AVX3
    hn::BlendedStore(raw, hn::FirstN(Tag(), some), Tag(), to);
#else
    HWY_ALIGN Real numbers[count];
    store(numbers);
    for (std::size_t lane = 0; lane < some; ++lane) to[lane] = numbers[lane];
#endif
  }

  /// All lanes.
  [[nodiscard]] HWY_INLINE Real sum() const { return hn::GetLane(hn::SumOfLanes(Tag(), raw)); }

  friend HWY_ATTR HWY_INLINE Lanes operator+(Lanes x, Lanes y) { return Lanes(hn::Add(x.raw, y.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes operator-(Lanes x, Lanes y) { return Lanes(hn::Sub(x.raw, y.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes operator*(Lanes x, Lanes y) { return Lanes(hn::Mul(x.raw, y.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes operator/(Lanes x, Lanes y) { return Lanes(hn::Div(x.raw, y.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes operator-(Lanes x) { return Lanes(hn::Neg(x.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes operator+(Lanes x) { return x; }

  /// sum ± x * y, rounded once where the target has an instruction for it, and twice where not.
  friend HWY_ATTR HWY_INLINE Lanes add_product(Lanes sum, Lanes x, Lanes y) {
    return Lanes(hn::MulAdd(x.raw, y.raw, sum.raw));
  }
  friend HWY_ATTR HWY_INLINE Lanes take_product(Lanes sum, Lanes x, Lanes y) {
    return Lanes(hn::NegMulAdd(x.raw, y.raw, sum.raw));
  }

  friend HWY_ATTR HWY_INLINE Lanes& operator+=(Lanes& x, Lanes y) { return x = x + y; }
  friend HWY_ATTR HWY_INLINE Lanes& operator-=(Lanes& x, Lanes y) { return x = x - y; }
  friend HWY_ATTR HWY_INLINE Lanes& operator*=(Lanes& x, Lanes y) { return x = x * y; }
  friend HWY_ATTR HWY_INLINE Lanes& operator/=(Lanes& x, Lanes y) { return x = x / y; }

  friend HWY_ATTR HWY_INLINE Mask<Real> operator<(Lanes x, Lanes y) { return {hn::Lt(x.raw, y.raw)}; }
  friend HWY_ATTR HWY_INLINE Mask<Real> operator>(Lanes x, Lanes y) { return {hn::Gt(x.raw, y.raw)}; }
  friend HWY_ATTR HWY_INLINE Mask<Real> operator<=(Lanes x, Lanes y) { return {hn::Le(x.raw, y.raw)}; }
  friend HWY_ATTR HWY_INLINE Mask<Real> operator>=(Lanes x, Lanes y) { return {hn::Ge(x.raw, y.raw)}; }
  friend HWY_ATTR HWY_INLINE Mask<Real> operator==(Lanes x, Lanes y) { return {hn::Eq(x.raw, y.raw)}; }
  // Not Highway's Ne, which denies that NaN differs from anything on some targets.
  friend HWY_ATTR HWY_INLINE Mask<Real> operator!=(Lanes x, Lanes y) { return !(x == y); }

  friend HWY_ATTR HWY_INLINE Lanes sqrt(Lanes x) { return Lanes(hn::Sqrt(x.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes abs(Lanes x) { return Lanes(hn::Abs(x.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes fabs(Lanes x) { return abs(x); }
  friend HWY_ATTR HWY_INLINE Lanes copysign(Lanes x, Lanes y) { return Lanes(hn::CopySign(x.raw, y.raw)); }
  // As std::min and std::max: the first operand in a tie or where one is NaN.
  friend HWY_ATTR HWY_INLINE Lanes min(Lanes x, Lanes y) { return select(y < x, y, x); }
  friend HWY_ATTR HWY_INLINE Lanes max(Lanes x, Lanes y) { return select(x < y, y, x); }
  friend HWY_ATTR HWY_INLINE Lanes floor(Lanes x) { return Lanes(hn::Floor(x.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes ceil(Lanes x) { return Lanes(hn::Ceil(x.raw)); }
  friend HWY_ATTR HWY_INLINE Lanes trunc(Lanes x) { return Lanes(hn::Trunc(x.raw)); }
  /// Halves away from 0. What is cut off is exact, so no number near a half is rounded twice.
  friend HWY_ATTR HWY_INLINE Lanes round(Lanes x) {
    const Lanes whole = trunc(x);
    return whole + copysign(select(abs(x - whole) >= 0.5, 1.0, 0.0), x);
  }

 private:
  /// As numbers as long as Real, the sign kept.
  static HWY_INLINE auto wide(const std::uint32_t* places) {
    const hn::Rebind<std::int32_t, Tag> narrow;
    const auto index = hn::LoadU(narrow, reinterpret_cast<const std::int32_t*>(places));
    if constexpr (sizeof(Real) == sizeof(std::int32_t)) {
      return index;
    } else {
      return hn::PromoteTo(hn::RebindToSigned<Tag>(), index);
    }
  }
};

/// Calls `scalar` for the lanes where `good` is false; the others keep `result`. Never inlined: this is the
/// rare path, and how many lanes take it changes nothing for the others.
template <class Real, class Scalar, class... More>
HWY_NOINLINE Lanes<Real> redo(Scalar scalar, const Mask<Real>& good, const Lanes<Real>& result,
                              const More&... operands) {
  constexpr std::size_t count = Lanes<Real>::count;
  HWY_ALIGN Real flags[count];
  HWY_ALIGN Real results[count];
  HWY_ALIGN Real given[sizeof...(More)][count];
  select(good, 1.0, 0.0).store(flags);
  result.store(results);
  std::size_t row = 0;
  (operands.store(given[row++]), ...);
  for (std::size_t lane = 0; lane < count; ++lane) {
    if (flags[lane] != 0) continue;
    if constexpr (sizeof...(More) == 1) {
      results[lane] = scalar(given[0][lane]);
    } else if constexpr (sizeof...(More) == 2) {
      results[lane] = scalar(given[0][lane], given[1][lane]);
    } else {
      results[lane] = scalar(given[0][lane], given[1][lane], given[2][lane]);
    }
  }
  return Lanes<Real>::load(results);
}

/// `result` where `good` holds, and what `scalar` gives for the operand in the other lanes.
template <class Real, class Scalar>
HWY_INLINE Lanes<Real> repaired(Scalar scalar, Mask<Real> good, Lanes<Real> result, Lanes<Real> x) {
  if (HWY_LIKELY(all(good))) return result;
  return redo(scalar, good, result, x);
}

/// `scalar` for every lane, one after the other.
template <class Real, class Scalar, class... More>
HWY_INLINE Lanes<Real> each(Scalar scalar, Lanes<Real> x, More... more) {
  const Mask<Real> none{hn::FirstN(hn::ScalableTag<Real>(), 0)};
  return redo(scalar, none, x, x, more...);
}

}  // namespace micrograd::simd::HWY_NAMESPACE

HWY_AFTER_NAMESPACE();
