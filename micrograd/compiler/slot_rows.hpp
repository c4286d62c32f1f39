// Rows of a table into slots, and slots into rows of a table, through registers: a row's numbers lie side by
// side, a slot's are those of many rows. Templates over the pack, as terms.hpp, for packs that have a
// `transpose`.
#pragma once

#include <cstddef>
#include <cstdint>

#include <micrograd/compiler/unrolled.hpp>

namespace micrograd::compiler {

/// How many packs `transpose` makes at once, of as many numbers from each of its arrays.
template <class Pack, class Real>
inline constexpr std::size_t strip = Pack::count * sizeof(Real) < 16 ? Pack::count : 16 / sizeof(Real);

/// slots[c][i] = table[row_offsets[i] + c] for i < `padded`, a multiple of four packs, and c < `columns`.
/// Nothing else is read or written.
template <class Pack, class Real>
void load_rows(const Real* table, const std::size_t* row_offsets, std::size_t padded, std::size_t columns,
               Real* const* slots) {
  constexpr std::size_t lanes = Pack::count;
  constexpr std::size_t width = strip<Pack, Real>;
  if (lanes == 1 || columns < width) {
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t i = 0; i < padded; ++i) slots[c][i] = table[row_offsets[i] + c];
    }
    return;
  }
  // Whole lines of the cache: where slots are many, a line that is left half full is out of reach soon.
  constexpr std::size_t height = lanes * sizeof(Real) < 64 ? 64 / sizeof(Real) : lanes;
  for (std::size_t i = 0; i < padded; i += height) {
    const Real* from[height];
    for (std::size_t row = 0; row < height; ++row) from[row] = table + row_offsets[i + row];
    for (std::size_t c = 0; c < columns; c += width) {
      // At the end some columns once more, rather than what lies behind them.
      const std::size_t first = c + width <= columns ? c : columns - width;
      for (std::size_t row = 0; row < height; row += lanes) {
        Pack packs[width];
        transpose(from + row, first, packs);
        unrolled<width>([&](auto k)
                            __attribute__((always_inline)) { packs[k].store(slots[first + k] + i + row); });
      }
    }
  }
}

/// table[row_offsets[i] + c] = slots[c][i] for i < `count` and c < `columns`. Nothing else is written; slots
/// are read to the end of the pack in which their last number is.
template <class Pack, class Real>
void save_rows(Real* table, const std::size_t* row_offsets, std::size_t count, std::size_t columns,
               const Real* const* slots) {
  constexpr std::size_t lanes = Pack::count;
  constexpr std::size_t height = strip<Pack, Real>;
  if (2 * columns <= lanes) {  // too few to be worth the shuffles
    for (std::size_t c = 0; c < columns; ++c) {
      for (std::size_t i = 0; i < count; ++i) table[row_offsets[i] + c] = slots[c][i];
    }
    return;
  }
  const Real* some[lanes];  // slots for a whole pack, the last one again and again
  for (std::size_t lane = 0; lane < lanes; ++lane) some[lane] = slots[lane < columns ? lane : columns - 1];
  // Row after row: what is written one after the other lies side by side.
  for (std::size_t i = 0; i < count; i += height) {
    for (std::size_t c = 0; c < columns; c += lanes) {
      const std::size_t first = c == 0 || c + lanes <= columns ? c : columns - lanes;
      if (i + 3 * height <= count) {  // lines that will be written soon
        unrolled<height>([&](auto k) __attribute__((always_inline)) {
          __builtin_prefetch(table + row_offsets[i + 2 * height + k] + first, 1);
        });
      }
      Pack packs[height];
      transpose(columns < lanes ? some : slots + first, i, packs);
      unrolled<height>([&](auto k) __attribute__((always_inline)) {
        if (i + k >= count) return;
        Real* const to = table + row_offsets[i + k] + first;
        columns < lanes ? packs[k].store_first(to, columns) : packs[k].store(to);
      });
    }
  }
}

/// out[i] = list[places[i]] for i < `count`. What is written may not be read. All places are below 2^31.
template <class Pack, class Real>
void gather_places(const Real* list, const std::uint32_t* places, std::size_t count, Real* out) {
  constexpr std::size_t lanes = Pack::count;
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) Pack::gather(list, places + i).store(out + i);
  for (; i < count; ++i) out[i] = list[places[i]];
}

/// Σ ± list[x[i]] * list[y[i]] for i < `count`, without the second factor where `y` is null. The highest bit
/// of an x is for minus.
template <class Pack, class Real>
Real sum_places(const Real* list, const std::uint32_t* x, const std::uint32_t* y, std::size_t count) {
  constexpr std::size_t lanes = Pack::count;
  constexpr std::size_t at_once = 4;  // each addition waits for the one before
  std::size_t i = 0;
  Real sum = 0;
  if (count >= at_once * lanes) {
    Pack sums[at_once];
    unrolled<at_once>([&](auto k) __attribute__((always_inline)) { sums[k] = Pack::all(Real{0}); });
    for (; i + at_once * lanes <= count; i += at_once * lanes) {
      unrolled<at_once>([&](auto k) __attribute__((always_inline)) {
        const Pack one = Pack::gather_signed(list, x + i + k * lanes);
        sums[k] =
            y == nullptr ? sums[k] + one : add_product(sums[k], one, Pack::gather(list, y + i + k * lanes));
      });
    }
    sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum();
  }
  for (; i < count; ++i) {
    const Real one = list[x[i] & 0x7fffffffU] * (y == nullptr ? Real{1} : list[y[i]]);
    sum += x[i] >> 31U != 0 ? -one : one;
  }
  return sum;
}

}  // namespace micrograd::compiler
