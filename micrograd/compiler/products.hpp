// Matrix products over slots: many sums of products at once that share their factors, so that what is loaded
// serves several of them. The sums of a tile, some rows by some packs, stay in registers. Templates over the
// pack, as terms.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

#include <micrograd/compiler/slot_rows.hpp>
#include <micrograd/compiler/unrolled.hpp>

namespace micrograd::compiler {

/// Numbers among the uniform ones: that of (row, column) is from[row * row_step + column * column_step].
template <class Real>
struct Weights {
  const Real* from = nullptr;
  std::size_t row_step = 0;
  std::size_t column_step = 0;
};

/// out_r[i] = start_r + Σ_k weights(r, k) * x_k[i], r < `rows`, k < `terms`.
template <class Real>
struct MatrixProduct {
  Weights<Real> weights;
  Weights<Real> start;               ///< by row; `from` null: nothing
  const std::uint32_t* x = nullptr;  ///< where the slots begin
  std::size_t terms = 0;
  const std::uint32_t* out = nullptr;  ///< none of them among `x`
  std::size_t rows = 0;
};

/// sums[r * columns + c] += Σ_i g_r[i] * x_c[i], r < `rows`, c < `columns`.
template <class Real>
struct AddProducts {
  const std::uint32_t* g = nullptr;  ///< where the slots begin
  std::size_t rows = 0;
  const std::uint32_t* x = nullptr;
  std::size_t columns = 0;
};

/// How many rows and packs of sums the registers hold, beside the factors.
struct TileShape {
  std::size_t rows;
  std::size_t packs;
};

/// sum[t][p] += *factors[t] * x[p], at place `at` of the factors.
template <class Pack, std::size_t T, std::size_t P, class Real>
[[gnu::always_inline]] inline void add_outer(Pack (&sum)[T][P], const Real* const (&factors)[T],
                                             std::size_t at, const Real* x) {
  constexpr std::size_t lanes = Pack::count;
  if constexpr (T < P) {  // the fewer ones wait in registers
    Pack factor[T];
    unrolled<T>([&](auto t) __attribute__((always_inline)) { factor[t] = Pack::all(factors[t][at]); });
    unrolled<P>([&](auto p) __attribute__((always_inline)) {
      const Pack one = Pack::load(x + p * lanes);
      unrolled<T>([&](auto t)
                      __attribute__((always_inline)) { sum[t][p] = add_product(sum[t][p], factor[t], one); });
    });
  } else {
    Pack some[P];
    unrolled<P>([&](auto p) __attribute__((always_inline)) { some[p] = Pack::load(x + p * lanes); });
    unrolled<T>([&](auto t) __attribute__((always_inline)) {
      const Pack factor = Pack::all(factors[t][at]);
      unrolled<P>([&](auto p) __attribute__((always_inline)) {
        sum[t][p] = add_product(sum[t][p], factor, some[p]);
      });
    });
  }
}

/// Calls `run<T>(row)` for tiles of T <= `most` rows each, which together are all `rows`: as few as possible,
/// and none of them much lower than the others, since low ones wait for each product to be added.
template <std::size_t most, class Run>
[[gnu::always_inline]] inline void by_tiles(std::size_t rows, Run run) {
  if (rows == 0) return;
  const std::size_t tiles = (rows + most - 1) / most;
  const std::size_t height = rows / tiles;
  const std::size_t higher = rows % tiles;  // so many have a row more
  std::size_t row = 0;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const std::size_t here = height + (tile < higher ? 1 : 0);
    unrolled<most>([&](auto t) __attribute__((always_inline)) {
      if (here == t + 1) run.template operator()<t + 1>(row);
    });
    row += here;
  }
}

/// T rows of the product, for `group` packs of rounds, a multiple of P.
template <class Pack, std::size_t T, std::size_t P, std::size_t group, class Real>
void multiply_tile(const MatrixProduct<Real>& task, Real* slots, std::size_t row) {
  constexpr std::size_t lanes = Pack::count;
  const Real* weights[T];
  unrolled<T>([&](auto t) __attribute__((always_inline)) {
    weights[t] = task.weights.from + (row + t) * task.weights.row_step;
  });
  const std::size_t step = task.weights.column_step;
  for (std::size_t packs = 0; packs < group; packs += P) {
    Real* const here = slots + packs * lanes;
    Pack sum[T][P];
    unrolled<T>([&](auto t) __attribute__((always_inline)) {
      // The sum of nothing is 0, but that of -0 alone is -0, so it is what the first product is added to.
      const Real nothing = task.terms == 0 ? Real{0} : -Real{0};
      const Real start =
          task.start.from != nullptr ? task.start.from[(row + t) * task.start.row_step] : nothing;
      unrolled<P>([&](auto p) __attribute__((always_inline)) { sum[t][p] = Pack::all(start); });
    });
    for (std::size_t k = 0; k < task.terms; ++k) {
      add_outer<Pack, T, P>(sum, weights, k * step, here + task.x[k]);
    }
    unrolled<T>([&](auto t) __attribute__((always_inline)) {
      Real* const to = here + task.out[row + t];
      unrolled<P>([&](auto p) __attribute__((always_inline)) { sum[t][p].store(to + p * lanes); });
    });
  }
}

/// The product for some packs of rounds.
template <class Pack, TileShape shape, std::size_t group, class Real>
void multiply_group(const MatrixProduct<Real>& task, Real* slots) {
  by_tiles<shape.rows>(task.rows, [&]<std::size_t T>(std::size_t row) __attribute__((always_inline)) {
    constexpr std::size_t packs = 2 * T <= shape.rows ? 4 : shape.packs;
    multiply_tile<Pack, T, (packs < group ? packs : group), group>(task, slots, row);
  });
}

/// The product for `block` rounds, a multiple of two packs. The terms of a sum are added one after the
/// other, as `run_terms` does, with the same bits.
template <class Pack, TileShape shape, class Real>
void multiply(const MatrixProduct<Real>& task, Real* slots, std::size_t block) {
  std::size_t at = 0;
  for (; at + 4 * Pack::count <= block; at += 4 * Pack::count) {
    multiply_group<Pack, shape, 4>(task, slots + at);
  }
  for (; at < block; at += 2 * Pack::count) multiply_group<Pack, shape, 2>(task, slots + at);
}

// ---- sums over rounds ------------------------------------------------------------------------------------

/// Adds up `count` rounds for T of the slots at `g`, with the panel's P packs a round, to T rows of sums of
/// which `places` are wanted.
template <class Pack, std::size_t T, std::size_t P, class Real>
void add_tile(const Real* slots, const std::uint32_t* g, const Real* panel, std::size_t count, Real* sums,
              std::size_t row_step, std::size_t places) {
  constexpr std::size_t lanes = Pack::count;
  const Real* factors[T];
  unrolled<T>([&](auto t) __attribute__((always_inline)) { factors[t] = slots + g[t]; });
  Pack sum[T][P];
  unrolled<T * P>([&](auto i) __attribute__((always_inline)) { sum[i / P][i % P] = Pack::all(Real{0}); });
  for (std::size_t i = 0; i < count; ++i) add_outer<Pack, T, P>(sum, factors, i, panel + i * (P * lanes));
  unrolled<T * P>([&](auto i) __attribute__((always_inline)) {
    constexpr std::size_t t = i / P;
    constexpr std::size_t p = i % P;
    Real* const to = sums + t * row_step + p * lanes;
    const std::size_t left = places - p * lanes;
    if (left >= lanes) {
      (Pack::load(to) + sum[t][p]).store(to);
    } else {
      (Pack::load_first(to, left) + sum[t][p]).store_first(to, left);
    }
  });
}

/// The first `count` rounds of the slots at `which`, as rows of P packs.
template <class Pack, std::size_t P, class Real>
void make_panel(const Real* slots, const std::uint32_t* which, std::size_t places, std::size_t count,
                Real* panel) {
  constexpr std::size_t lanes = Pack::count;
  constexpr std::size_t height = strip<Pack, Real>;
  for (std::size_t p = 0; p < P; ++p) {
    const Real* from[lanes];
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::size_t place = p * lanes + lane;
      from[lane] = slots + which[place < places ? place : places - 1];
    }
    for (std::size_t i = 0; i < count; i += height) {
      Pack packs[height];
      transpose(from, i, packs);
      Real* const to = panel + i * (P * lanes) + p * lanes;
      unrolled<height>([&](auto k) __attribute__((always_inline)) { packs[k].store(to + k * (P * lanes)); });
    }
  }
}

/// Numbers a round that `add_products` needs for itself.
template <class Pack, TileShape shape>
inline constexpr std::size_t panel_width = shape.packs * Pack::count;

/// The sums with the rounds of x as rows, so that those of some columns are a pack: g's numbers are
/// multiplied with all of them.
template <class Pack, TileShape shape, class Real>
void add_by_rows(const AddProducts<Real>& task, const Real* slots, std::size_t count, Real* scratch,
                 Real* sums) {
  constexpr std::size_t lanes = Pack::count;
  std::size_t first = 0;
  const auto add_panels = [&]<std::size_t P>(std::size_t most_left) __attribute__((always_inline)) {
    while (task.columns - first > most_left) {
      const std::size_t left = task.columns - first;
      const std::size_t places = left < P * lanes ? left : P * lanes;
      make_panel<Pack, P>(slots, task.x + first, places, count, scratch);
      by_tiles<shape.rows>(task.rows, [&]<std::size_t T>(std::size_t row) __attribute__((always_inline)) {
        add_tile<Pack, T, P>(slots, task.g + row, scratch, count, sums + row * task.columns + first,
                             task.columns, places);
      });
      first += places;
    }
  };
  if constexpr (shape.packs >= 4) add_panels.template operator()<4>(3 * lanes);
  add_panels.template operator()<2>(lanes);
  add_panels.template operator()<1>(0);
}

/// How many sums a tile holds whose lanes are rounds: what each round adds to must be ready again by then.
template <class Pack, TileShape shape>
inline constexpr std::size_t dots = shape.packs >= 4 ? 16 : 8;

/// T by P sums, of the T slots at `a` with the P slots at `b`; those of slots that repeat the last one, since
/// there are fewer, are left out.
template <class Pack, std::size_t T, std::size_t P, class Real>
void add_dots(const Real* const (&a)[T], const Real* const (&b)[P], std::size_t count,
              Real (&numbers)[T * P]) {
  constexpr std::size_t lanes = Pack::count;
  Pack sum[T][P];
  unrolled<T * P>([&](auto i) __attribute__((always_inline)) { sum[i / P][i % P] = Pack::all(Real{0}); });
  const auto add = [&](auto load) __attribute__((always_inline)) {
    Pack factor[T];
    unrolled<T>([&](auto t) __attribute__((always_inline)) { factor[t] = load(a[t]); });
    unrolled<P>([&](auto p) __attribute__((always_inline)) {
      const Pack one = load(b[p]);
      unrolled<T>([&](auto t)
                      __attribute__((always_inline)) { sum[t][p] = add_product(sum[t][p], factor[t], one); });
    });
  };
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    add([i](const Real* from) __attribute__((always_inline)) { return Pack::load(from + i); });
  }
  if (i < count) {
    add([i, count](const Real* from)
            __attribute__((always_inline)) { return Pack::load(from + i).first(count - i); });
  }
  constexpr std::size_t at_once = lanes < T * P ? lanes : T * P;
  unrolled<T * P / at_once>([&](auto part) __attribute__((always_inline)) {
    Pack some[lanes];
    unrolled<lanes>([&](auto k) __attribute__((always_inline)) {
      constexpr std::size_t place = part * at_once + k % at_once;
      some[k] = sum[place / P][place % P];
    });
    const Pack sums = sum_each(some);
    if constexpr (at_once == lanes)
      sums.store(numbers + part * at_once);
    else
      sums.store_first(numbers, at_once);
  });
}

/// The sums with rounds as lanes, and the lanes of each added at the end. `g_step` and `x_step` lead from sum
/// to sum.
template <class Pack, TileShape shape, class Real>
void add_by_dots(const AddProducts<Real>& task, const Real* slots, std::size_t count, Real* sums,
                 std::size_t g_step, std::size_t x_step) {
  const auto add_rows = [&]<std::size_t T>(std::size_t row) __attribute__((always_inline)) {
    constexpr std::size_t P = dots<Pack, shape> / T;
    const Real* a[T];
    const Real* b[P];
    const auto clamped = [](std::size_t place, std::size_t end) { return place < end ? place : end - 1; };
    unrolled<T>([&](auto t)
                    __attribute__((always_inline)) { a[t] = slots + task.g[clamped(row + t, task.rows)]; });
    for (std::size_t column = 0; column < task.columns; column += P) {
      unrolled<P>([&](auto p) __attribute__((always_inline)) {
        b[p] = slots + task.x[clamped(column + p, task.columns)];
      });
      Real numbers[T * P];
      add_dots<Pack, T, P>(a, b, count, numbers);
      for (std::size_t t = 0; t < T && row + t < task.rows; ++t) {
        Real* const to = sums + (row + t) * g_step + column * x_step;
        for (std::size_t p = 0; p < P && column + p < task.columns; ++p) to[p * x_step] += numbers[t * P + p];
      }
    }
  };
  for (std::size_t row = 0; row < task.rows;) {
    const std::size_t left = task.rows - row;
    if (left > 2)
      add_rows.template operator()<4>(row);
    else if (left == 2)
      add_rows.template operator()<2>(row);
    else
      add_rows.template operator()<1>(row);
    row += left > 2 ? 4 : left;
  }
}

/// Adds the sums of `count` rounds. Slots are read to the end of the pack in which their last number is, and
/// `scratch` must have room for `panel_width` numbers for each round of those. Each sum depends on its own
/// slots only, but how its rounds are grouped depends on `count`, `rows` and `columns`.
template <class Pack, TileShape shape, class Real>
void add_products(const AddProducts<Real>& task, const Real* slots, std::size_t count, Real* scratch,
                  Real* sums) {
  if (task.rows == 0 || task.columns == 0) return;
  constexpr std::size_t lanes = Pack::count;
  const auto in_packs = [](std::size_t n) { return (n + lanes - 1) / lanes; };
  // Multiplications of packs, and what else takes as long: adding up lanes, or making rows.
  const std::size_t with_dots = task.rows * task.columns * (in_packs(count) + 8);
  const std::size_t with_rows = in_packs(task.columns) * count * (task.rows + lanes / 2);
  if (with_rows < with_dots) {
    add_by_rows<Pack, shape>(task, slots, count, scratch, sums);
  } else if (task.columns < task.rows) {
    add_by_dots<Pack, shape>({task.x, task.columns, task.g, task.rows}, slots, count, sums, 1, task.columns);
  } else {
    add_by_dots<Pack, shape>(task, slots, count, sums, task.columns, 1);
  }
}

}  // namespace micrograd::compiler
