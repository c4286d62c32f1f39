// Sums of products over a block of rows: a small machine whose four accumulators stay in registers from the
// first term of a sum to its last. A template over the pack of numbers, so that each target has its own; the
// files compiled for a target include it as code for that target.
#pragma once

#include <cstddef>
#include <cstdint>

namespace micrograd::compiler {

/// What a step of the machine does to the accumulators: ± a term, as the first of its sum or a later one, or
/// what becomes of the sum.
enum class TermKind : std::uint8_t { u, x, ux, xy, uxy };

/// Where a step finds its numbers: `u` among the uniform ones, `x` and `y` the first number in the slots.
struct TermStep {
  std::uint32_t code = 0;
  std::uint32_t u = 0;
  std::uint32_t x = 0;
  std::uint32_t y = 0;
};

/// The code of a term; those of `store` and `total` follow.
constexpr std::uint32_t term_code(TermKind kind, bool minus, bool first) {
  return static_cast<std::uint32_t>(kind) * 4 + (minus ? 2 : 0) + (first ? 1 : 0);
}
inline constexpr std::uint32_t store_code = 20;  ///< the sum goes into the slot at x
inline constexpr std::uint32_t total_code = 21;  ///< the sum over all rows is added to the total x

/// What a machine works on.
template <class Real>
struct TermTables {
  Real* slots = nullptr;
  const Real* uniforms = nullptr;
  Real* totals = nullptr;      ///< for each total as many numbers as a pack holds
  const Real* mask = nullptr;  ///< 1 for rows that count in totals, 0 for others; null: all do
  std::size_t block = 0;       ///< rows: a multiple of four packs
};

/// Four packs of numbers; what a step works on, group by group of the block.
template <class Pack>
struct Four {
  Pack a, b, c, d;
};

template <class Pack, TermKind kind, bool minus, bool first, class Real>
[[gnu::always_inline]] inline void add_term(Four<Pack>& sum, const TermStep& step, const Real* slots,
                                            const Real* uniforms) {
  const auto one = [&](Pack& part, std::size_t lane) __attribute__((always_inline)) {
    constexpr bool has_u = kind == TermKind::u || kind == TermKind::ux || kind == TermKind::uxy;
    Pack factor, term;
    if constexpr (has_u) factor = Pack::all(uniforms[step.u]);
    if constexpr (kind == TermKind::u) {
      term = factor;
    } else {
      term = Pack::load(slots + step.x + lane);
      if constexpr (kind == TermKind::xy) factor = Pack::load(slots + step.y + lane);
      if constexpr (kind == TermKind::uxy) term = term * Pack::load(slots + step.y + lane);
    }
    if constexpr (kind == TermKind::u || kind == TermKind::x) {
      if constexpr (first) {
        part = minus ? -term : term;
      } else {
        part = minus ? part - term : part + term;
      }
    } else if constexpr (first) {
      part = minus ? -(factor * term) : factor * term;
    } else {
      part = minus ? take_product(part, factor, term) : add_product(part, factor, term);
    }
  };
  constexpr std::size_t lanes = Pack::count;
  one(sum.a, 0);
  one(sum.b, lanes);
  one(sum.c, 2 * lanes);
  one(sum.d, 3 * lanes);
}

template <class Pack, class Real>
[[gnu::always_inline]] inline void store_sum(const Four<Pack>& sum, Real* to) {
  constexpr std::size_t lanes = Pack::count;
  sum.a.store(to);
  sum.b.store(to + lanes);
  sum.c.store(to + 2 * lanes);
  sum.d.store(to + 3 * lanes);
}

template <class Pack, class Real>
[[gnu::always_inline]] inline void add_total(Four<Pack> sum, Real* total, const Real* mask) {
  constexpr std::size_t lanes = Pack::count;
  if (mask != nullptr) {
    const auto counted = [mask](Pack x, std::size_t lane) __attribute__((always_inline)) {
      return select(Pack::load(mask + lane) == Pack(1.0), x, Pack(0.0));
    };
    sum = {counted(sum.a, 0), counted(sum.b, lanes), counted(sum.c, 2 * lanes), counted(sum.d, 3 * lanes)};
  }
  (Pack::load(total) + ((sum.a + sum.b) + (sum.c + sum.d))).store(total);
}

/// Every step for the first four packs of rows, then every step for the next four.
template <class Pack, class Real>
void run_terms(const TermStep* begin, const TermStep* end, const TermTables<Real>& tables) {
  using enum TermKind;
  constexpr std::size_t group = 4 * Pack::count;
  const Real* const uniforms = tables.uniforms;
  for (std::size_t at = 0; at < tables.block; at += group) {
    Real* const slots = tables.slots + at;
    Four<Pack> sum{Pack(0.0), Pack(0.0), Pack(0.0), Pack(0.0)};
    const auto add = [&]<TermKind kind, bool minus, bool first>(const TermStep& step)
                         __attribute__((always_inline)) {
                           add_term<Pack, kind, minus, first>(sum, step, slots, uniforms);
                         };
    for (const TermStep* step = begin; step != end; ++step) {
      switch (step->code) {
        case term_code(u, false, false):
          add.template operator()<u, false, false>(*step);
          break;
        case term_code(u, false, true):
          add.template operator()<u, false, true>(*step);
          break;
        case term_code(u, true, false):
          add.template operator()<u, true, false>(*step);
          break;
        case term_code(u, true, true):
          add.template operator()<u, true, true>(*step);
          break;
        case term_code(x, false, false):
          add.template operator()<x, false, false>(*step);
          break;
        case term_code(x, false, true):
          add.template operator()<x, false, true>(*step);
          break;
        case term_code(x, true, false):
          add.template operator()<x, true, false>(*step);
          break;
        case term_code(x, true, true):
          add.template operator()<x, true, true>(*step);
          break;
        case term_code(ux, false, false):
          add.template operator()<ux, false, false>(*step);
          break;
        case term_code(ux, false, true):
          add.template operator()<ux, false, true>(*step);
          break;
        case term_code(ux, true, false):
          add.template operator()<ux, true, false>(*step);
          break;
        case term_code(ux, true, true):
          add.template operator()<ux, true, true>(*step);
          break;
        case term_code(xy, false, false):
          add.template operator()<xy, false, false>(*step);
          break;
        case term_code(xy, false, true):
          add.template operator()<xy, false, true>(*step);
          break;
        case term_code(xy, true, false):
          add.template operator()<xy, true, false>(*step);
          break;
        case term_code(xy, true, true):
          add.template operator()<xy, true, true>(*step);
          break;
        case term_code(uxy, false, false):
          add.template operator()<uxy, false, false>(*step);
          break;
        case term_code(uxy, false, true):
          add.template operator()<uxy, false, true>(*step);
          break;
        case term_code(uxy, true, false):
          add.template operator()<uxy, true, false>(*step);
          break;
        case term_code(uxy, true, true):
          add.template operator()<uxy, true, true>(*step);
          break;
        case store_code:
          store_sum(sum, slots + step->x);
          break;
        default:
          add_total(sum, tables.totals + step->x, tables.mask == nullptr ? nullptr : tables.mask + at);
          break;
      }
    }
  }
}

/// A pack of one number, for machines without lanes.
template <class Real>
struct OneNumber {
  static constexpr std::size_t count = 1;
  Real raw;

  OneNumber() = default;
  OneNumber(double number) : raw(static_cast<Real>(number)) {}
  static OneNumber all(Real number) { return load(&number); }
  static OneNumber load(const Real* from) {
    OneNumber x;
    x.raw = *from;
    return x;
  }
  void store(Real* to) const { *to = raw; }
  [[nodiscard]] OneNumber first(std::size_t /*some*/) const { return *this; }
  static OneNumber load_first(const Real* from, std::size_t /*some*/) { return load(from); }
  void store_first(Real* to, std::size_t /*some*/) const { store(to); }

  friend OneNumber operator+(OneNumber x, OneNumber y) { return all(x.raw + y.raw); }
  friend OneNumber operator-(OneNumber x, OneNumber y) { return all(x.raw - y.raw); }
  friend OneNumber operator*(OneNumber x, OneNumber y) { return all(x.raw * y.raw); }
  friend OneNumber operator-(OneNumber x) { return all(-x.raw); }
  friend bool operator==(OneNumber x, OneNumber y) { return x.raw == y.raw; }
  friend OneNumber select(bool condition, OneNumber x, OneNumber y) { return condition ? x : y; }
  friend OneNumber add_product(OneNumber sum, OneNumber x, OneNumber y) { return sum + x * y; }
  friend OneNumber take_product(OneNumber sum, OneNumber x, OneNumber y) { return sum - x * y; }
  friend void transpose(const Real* const* from, std::size_t place, OneNumber (&to)[1]) {
    to[0] = load(*from + place);
  }
  friend OneNumber sum_each(const OneNumber (&packs)[1]) { return packs[0]; }
};

}  // namespace micrograd::compiler
