// A small machine for all that takes an instruction or two: sums of products, and the light rows of the
// table. What it works on stays in registers from the first step of a result to the last. A template over the
// pack of numbers, so that each target has its own; the files compiled for a target include it as code for
// that target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <micrograd/compiler/lane_rows.hpp>

namespace micrograd::compiler {

/// A term of a sum: products of `u`, a number that is the same for all rounds, of `x` and `y` in slots, and
/// of `c` in a column of the program.
enum class TermKind : std::uint8_t { u, x, ux, xy, uxy, c, uc, xc };

/// Where a step finds its numbers: `u` among the uniform ones (of a choice: for the side that is not in a
/// slot), `x` and `y` the first number in the slots. The column of a term is at x, or at y if it has an x.
struct TermStep {
  std::uint32_t code = 0;
  std::uint32_t u = 0;
  std::uint32_t x = 0;
  std::uint32_t y = 0;
};

/// The code of ± a term, as the first of its sum or a later one; those of what else there is follow.
constexpr std::uint32_t term_code(TermKind kind, bool minus, bool first) {
  return static_cast<std::uint32_t>(kind) * 4 + (minus ? 2 : 0) + (first ? 1 : 0);
}
inline constexpr std::uint32_t store_code = 32;  ///< the result goes into the slot at x
inline constexpr std::uint32_t total_code = 33;  ///< its sum over all rounds is added to the total x
inline constexpr std::uint32_t first_row_code = 34;

/// Rows that the machine knows: with what it holds for one operand.
using LightRows = OpList<Add, Subtract, Multiply, Divide, Negate, Min, Max, Relu, Abs, Square, Sqrt, IsLess,
                         IsLessEqual, IsGreater, IsGreaterEqual, IsEqual, IsNotEqual, Choose>;

/// Where the operands of a row are that the machine does not hold. Choose has its condition held, and y and z
/// elsewhere.
enum class RowForm : std::uint8_t {
  held_x,  ///< f(held, x), or f(held); choose: y and z in slots x and y
  held_u,  ///< f(held, u); choose: y in slot x, z uniform
  x_held,  ///< f(x, held); choose: y uniform, z in slot x
  u_held   ///< f(u, held); choose: y uniform u, z uniform at x
};
constexpr std::uint32_t row_code(std::size_t light_row, RowForm form) {
  return first_row_code + static_cast<std::uint32_t>(light_row) * 4 + static_cast<std::uint32_t>(form);
}
inline constexpr std::uint32_t machine_codes =
    first_row_code + 4 * static_cast<std::uint32_t>(LightRows::size);

/// What a machine works on.
template <class Real>
struct TermTables {
  Real* slots = nullptr;
  const Real* uniforms = nullptr;
  const Real* columns = nullptr;  ///< from the first round of the block on
  Real* totals = nullptr;         ///< for each total as many numbers as a pack holds
  const Real* mask = nullptr;     ///< 1 for rounds that count in totals, 0 for others; null: all do
  std::size_t block = 0;          ///< rounds: a multiple of what a pack holds
};

/// So many packs, as separate variables to the compiler.
template <class Pack, std::size_t n>
struct Group {
  Pack part[n];
};

/// Calls `f.template operator()<i>()` for each i < n.
template <class F, std::size_t... i>
[[gnu::always_inline]] inline void unroll(F f, std::index_sequence<i...> /*parts*/) {
  (f.template operator()<i>(), ...);
}

template <std::uint32_t code, class Pack, std::size_t n, class Real>
[[gnu::always_inline]] inline void add_term(Group<Pack, n>& held, const TermStep& step,
                                            const TermTables<Real>& tables, std::size_t at) {
  constexpr auto kind = static_cast<TermKind>(code / 4);
  constexpr bool minus = (code & 2U) != 0;
  constexpr bool first = (code & 1U) != 0;
  constexpr bool has_u =
      kind == TermKind::u || kind == TermKind::ux || kind == TermKind::uxy || kind == TermKind::uc;
  constexpr bool has_x = kind == TermKind::x || kind == TermKind::ux || kind == TermKind::xy ||
                         kind == TermKind::uxy || kind == TermKind::xc;
  constexpr bool has_y = kind == TermKind::xy || kind == TermKind::uxy;
  constexpr bool has_c = kind == TermKind::c || kind == TermKind::uc || kind == TermKind::xc;
  Pack u;
  if constexpr (has_u) u = Pack::all(tables.uniforms[step.u]);
  const Real* const x = tables.slots + step.x + at;
  const Real* const y = tables.slots + step.y + at;
  const Real* const c = tables.columns + (has_x ? step.y : step.x) + at;
  unroll(
      [&]<std::size_t i>() __attribute__((always_inline)) {
        constexpr std::size_t lane = i * Pack::count;
        Pack& sum = held.part[i];
        // A plain term, or a product of two factors (of which one may be a product).
        Pack term, factor;
        constexpr bool is_product = int{has_u} + int{has_x} + int{has_y} + int{has_c} > 1;
        if constexpr (has_x) {
          term = Pack::load(x + lane);
          if constexpr (kind == TermKind::xy) factor = Pack::load(y + lane);
          if constexpr (kind == TermKind::uxy) term = term * Pack::load(y + lane);
          if constexpr (kind == TermKind::xc) factor = Pack::load(c + lane);
        } else if constexpr (has_c) {
          term = Pack::load(c + lane);
        } else {
          term = u;
        }
        if constexpr (has_u && is_product) factor = u;
        if constexpr (!is_product) {
          if constexpr (first) {
            sum = minus ? -term : term;
          } else {
            sum = minus ? sum - term : sum + term;
          }
        } else if constexpr (first) {
          sum = minus ? -(factor * term) : factor * term;
        } else {
          sum = minus ? take_product(sum, factor, term) : add_product(sum, factor, term);
        }
      },
      std::make_index_sequence<n>());
}

/// A row's value, of packs as they are; a pack of one number knows how itself.
template <class Op, class Pack, class... Packs>
[[gnu::always_inline]] inline Pack evaluate_light(Pack x, Packs... others) {
  if constexpr (requires { Pack::template evaluate<Op>(x, others...); }) {
    return Pack::template evaluate<Op>(x, others...);
  } else {
    return Op::template value<Pack>(x, others...);
  }
}

template <std::uint32_t code, class Pack, std::size_t n, class Real>
[[gnu::always_inline]] inline void apply_row(Group<Pack, n>& held, const TermStep& step,
                                             const TermTables<Real>& tables, std::size_t at) {
  constexpr auto form = static_cast<RowForm>((code - first_row_code) % 4);
  const Real* const x = tables.slots + step.x + at;
  const Real* const y = tables.slots + step.y + at;
  using Op = typename LightRows::template At<(code - first_row_code) / 4>;
  unroll(
      [&]<std::size_t i>() __attribute__((always_inline)) {
        constexpr std::size_t lane = i * Pack::count;
        Pack& h = held.part[i];
        if constexpr (arity<Op> == 1) {
          if constexpr (form == RowForm::held_x) h = evaluate_light<Op>(h);
        } else if constexpr (arity<Op> == 3) {
          const Pack u = Pack::all(tables.uniforms[step.u]);
          if constexpr (form == RowForm::held_x)
            h = evaluate_light<Op>(h, Pack::load(x + lane), Pack::load(y + lane));
          if constexpr (form == RowForm::held_u) h = evaluate_light<Op>(h, Pack::load(x + lane), u);
          if constexpr (form == RowForm::x_held) h = evaluate_light<Op>(h, u, Pack::load(x + lane));
          if constexpr (form == RowForm::u_held)
            h = evaluate_light<Op>(h, u, Pack::all(tables.uniforms[step.x]));
        } else {
          constexpr bool is_uniform = form == RowForm::held_u || form == RowForm::u_held;
          Pack other;
          if constexpr (is_uniform) {
            other = Pack::all(tables.uniforms[step.u]);
          } else {
            other = Pack::load(x + lane);
          }
          constexpr bool held_first = form == RowForm::held_x || form == RowForm::held_u;
          h = held_first ? evaluate_light<Op>(h, other) : evaluate_light<Op>(other, h);
        }
      },
      std::make_index_sequence<n>());
}

template <class Pack, std::size_t n, class Real>
[[gnu::always_inline]] inline void store_held(const Group<Pack, n>& held, Real* to) {
  unroll([&]<std::size_t i>() __attribute__((always_inline)) { held.part[i].store(to + i * Pack::count); },
         std::make_index_sequence<n>());
}

template <class Pack, std::size_t n, class Real>
[[gnu::always_inline]] inline void add_total(const Group<Pack, n>& held, Real* total, const Real* mask) {
  Pack sum = Pack(0.0);
  unroll(
      [&]<std::size_t i>() __attribute__((always_inline)) {
        Pack part = held.part[i];
        if (mask != nullptr) {
          part = select(Pack::load(mask + i * Pack::count) == Pack(1.0), part, Pack(0.0));
        }
        sum = i == 0 ? part : sum + part;
      },
      std::make_index_sequence<n>());
  (Pack::load(total) + sum).store(total);
}

template <std::uint32_t code, class Pack, std::size_t n, class Real>
[[gnu::always_inline]] inline void run_step(Group<Pack, n>& held, const TermStep& step,
                                            const TermTables<Real>& tables, std::size_t at) {
  if constexpr (code < store_code) {
    add_term<code>(held, step, tables, at);
  } else if constexpr (code == store_code) {
    store_held(held, tables.slots + step.x + at);
  } else if constexpr (code == total_code) {
    add_total(held, tables.totals + step.x, tables.mask == nullptr ? nullptr : tables.mask + at);
  } else {
    apply_row<code>(held, step, tables, at);
  }
}

/// All steps for the n packs of rounds from `at` on.
template <class Pack, std::size_t n, class Real, std::uint32_t... code>
[[gnu::always_inline]] inline void run_group(const TermStep* begin, const TermStep* end,
                                             const TermTables<Real>& given, std::size_t at,
                                             std::integer_sequence<std::uint32_t, code...> /*codes*/) {
  const TermTables<Real> tables = given;
  Group<Pack, n> held{};
  for (const TermStep* step = begin; step != end; ++step) {
    // One jump: compilers make a table of these comparisons.
    static_cast<void>(
        ((step->code == code ? (run_step<code>(held, *step, tables, at), true) : false) || ...));
  }
}

/// So many packs go through together, to share the jumps, and fewer at the end; code that is not optimised
/// would gain nothing and take longer to compile.
#ifdef __OPTIMIZE__
using PacksAtOnce = std::index_sequence<8, 4, 1>;
#else
using PacksAtOnce = std::index_sequence<1>;
#endif

/// Every step for the first packs of rounds, then every step for the next ones.
template <class Pack, class Real>
void run_terms(const TermStep* begin, const TermStep* end, const TermTables<Real>& tables) {
  constexpr auto codes = std::make_integer_sequence<std::uint32_t, machine_codes>();
  std::size_t at = 0;
  [&]<std::size_t... packs>(std::index_sequence<packs...>) __attribute__((always_inline)) {
    const auto run = [&]<std::size_t n>() __attribute__((always_inline)) {
      for (; at + n * Pack::count <= tables.block; at += n * Pack::count) {
        run_group<Pack, n>(begin, end, tables, at, codes);
      }
    };
    (run.template operator()<packs>(), ...);
  }(PacksAtOnce());
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
  static OneNumber gather(const Real* from, const std::uint32_t* places) { return load(from + *places); }
  static OneNumber gather_signed(const Real* from, const std::uint32_t* places) {
    const OneNumber found = load(from + (*places & 0x7fffffffU));
    return *places >> 31U != 0 ? -found : found;
  }
  [[nodiscard]] Real sum() const { return raw; }
  /// As eager code has it: in double, then rounded.
  template <class Op, class... Numbers>
  static OneNumber evaluate(Numbers... x) {
    return OneNumber(static_cast<double>(Op::template value<double>(static_cast<double>(x.raw)...)));
  }
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
