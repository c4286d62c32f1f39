// In which order a program's instructions run, and where their results lie: phase after phase, each some
// instructions that run once, one by one or side by side, and then loops that are gone through block by
// block.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <micrograd/compiler/code.hpp>
#include <micrograd/compiler/terms.hpp>

namespace micrograd::compiler {

/// Where a result lies: in a slot, which has one number for each round of the block, or in the one list of
/// what is the same for all.
struct Place {
  std::uint32_t at = 0;
  bool uniform = false;
};

/// One instruction with the places of its operands and its result, which lies in a slot if it varies; or
/// several that a sweep carries out together.
struct Step {
  enum class Kind : std::uint8_t {
    plain,
    light,         ///< what the machine does: a sum of products or a light row, stored or added to a total
    multiply,      ///< a matrix product
    add_products,  ///< totals of products
    total_where    ///< totals by the number in a column
  };

  Id id = 0;  ///< the instruction, or one of them
  OpCode op = 0;
  Kind kind = Kind::plain;
  std::uint8_t count = 0;     ///< operands
  std::uint8_t uniform = 0;   ///< bit i: operand i is in the list
  bool is_held_only = false;  ///< the machine hands the result on, and it has no slot
  std::uint32_t out = 0;
  /// Places. Of what the machine does: its first step among the sweep's terms, and one past its last. Of a
  /// user's row and a pick (whose index comes last): the first among the schedule's operands, and one past
  /// the last. Of products: their place among the sweep's; of total_where that is the third.
  std::array<std::uint32_t, 3> operands{};
};

/// Results that are stored when the first `after` steps have run: those of Sweep::stored from `first` to
/// `end`. They go together because rows are written faster so.
struct Store {
  std::size_t after = 0;
  std::uint32_t first = 0;
  std::uint32_t end = 0;
};
struct Stored {
  std::uint32_t output = 0;
  std::uint32_t slot = 0;
};

/// A sum over all rounds, and where it goes in the list.
struct Total {
  Id id = 0;
  std::uint32_t out = 0;
};

/// Totals of one result by the number in one column: one step finds them all.
struct TotalsWhere {
  struct One {
    Id id = 0;
    std::uint32_t number = 0;
    std::uint32_t out = 0;
  };
  std::vector<One> totals;
  std::size_t size = 0;  ///< all numbers are less
};

/// Numbers of the list that lie evenly: that of a row and a column at first + row * row_step + column *
/// column_step (which may go backwards, modulo 2^32).
struct Matrix {
  std::uint32_t first = 0;
  std::uint32_t row_step = 0;
  std::uint32_t column_step = 0;
};

/// out[r] = starts(r) + Σ weights(r, k) x[k]; slots.
struct MultipliedSlots {
  Matrix weights, starts;
  bool has_starts = false;
  std::vector<std::uint32_t> x, out;
  std::vector<Id> ids;  ///< whose results they are
};

/// totals[r * x.size() + c] = Σ over rounds of g[r] x[c]; slots.
struct TotalsOfProducts {
  std::vector<std::uint32_t> g, x;
  std::vector<Total> totals;
};

/// A number of the list that is wanted in another place too; before the sweep.
struct Copy {
  static constexpr std::uint32_t zero = none;  ///< from nowhere: 0
  std::uint32_t from = 0;
  std::uint32_t to = 0;
};

/// A loop gone through once, block by block. What an earlier sweep of the loop has computed is computed again
/// where it is needed.
struct Sweep {
  LoopNumber loop = 0;
  std::vector<Copy> copies;
  std::vector<Step> steps;
  std::vector<TermStep> terms;  ///< x and y are slots, or of a total its place among `totals`
  std::vector<Total> totals;
  std::vector<TotalsWhere> totals_where;
  std::vector<MultipliedSlots> multiplies;
  std::vector<TotalsOfProducts> add_products;
  std::vector<Stored> stored;
  std::vector<Store> stores;  ///< in order of `after`
  std::size_t slots = 0;
};

/// Results that lie side by side in the list, computed together from numbers that do. Of those of four or
/// more, what follows in the list up to a whole pack is scratch.
struct VectorStep {
  enum class Kind : std::uint8_t {
    parameters,  ///< operand 0: the first of the parameters' numbers in `places`
    gather,      ///< numbers that lie elsewhere; operand 0: the first of `places`
    machine,     ///< its steps among `terms` from operand 0 to operand 1
    kernel,      ///< operands: the first number, or bit i of `uniform`: the only one
    sums,        ///< operand 0: the first of `sums`; operand 1 is not 0: added to what is there; operand 2 is
                 ///< not 0: every y is 1
    product,     ///< operand 0: which of `products`
    pick,        ///< operand 0: the first of `picks`; operand 1: the place of the index
    scatter,     ///< 0, but where an index says so; operand 0: the first of `scatters`; operand 1: how many
    extreme,     ///< the greatest or the least, or which is; operand 0: the first of `picks`
    once         ///< operand 0: the step among the phase's `once`
  };

  Kind kind = Kind::kernel;
  std::uint8_t uniform = 0;
  OpCode op = 0;
  std::uint32_t count = 0;
  std::uint32_t out = 0;
  std::array<std::uint32_t, 3> operands{};
};

/// Of a place of the list: minus the number there.
inline constexpr std::uint32_t minus_bit = 1U << 31U;

/// Terms of sums: ± the number at x, times that at y.
struct ListTerms {
  std::vector<std::uint32_t> x;  ///< maybe with the bit for minus
  std::vector<std::uint32_t> y;
};

/// out(r, c) = Σ_k a(r, k) * b(k, c), out row after row; the columns of b side by side.
struct ListProduct {
  Matrix a, b;
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::uint32_t terms = 0;
  std::uint32_t scratch = 0;  ///< room for rows of whole packs

  /// From row to row of the scratch: two of the longest packs, so that every target can write them.
  [[nodiscard]] std::uint32_t scratch_step() const { return (columns + 31) / 32 * 32; }
};

/// What one is taken of: from `first` on among the `places`, so many.
struct ListPick {
  std::uint32_t first = 0;
  std::uint32_t size = 0;
};

/// Of `size` results from `out` on, for the numbers from `number` on, the one for the index is x; places.
struct ListScatter {
  std::uint32_t x = 0;
  std::uint32_t index = 0;
  std::uint32_t number = 0;
  std::uint32_t out = 0;
  std::uint32_t size = 0;
};

struct Vectors {
  std::vector<VectorStep> steps;  ///< in order; empty: the phase's `once` as it is
  std::vector<TermStep> terms;    ///< all numbers are in the list
  std::vector<std::uint32_t> places;
  std::vector<std::uint32_t> sums;  ///< the first term of each; and where the last one ends
  ListTerms sum_terms;
  std::vector<ListProduct> products;
  std::vector<ListPick> picks;
  std::vector<ListScatter> scatters;
  std::vector<std::pair<Id, std::uint32_t>> results;  ///< where each is, for people
};

struct Phase {
  std::vector<Step> once;
  Vectors vectors;
  std::vector<Sweep> sweeps;  ///< in any order
};

struct Schedule {
  std::vector<Phase> phases;
  std::vector<Place> operands;  ///< of picks and users' rows
  std::vector<Place> outputs;   ///< those that are the same for all rows
  std::size_t uniforms = 0;
  /// Numbers that never change: literals, by their place in the list, for phases with vectors.
  std::vector<std::pair<std::uint32_t, double>> numbers;
};

/// The schedule of all that outputs need. `side_by_side`: much that runs once runs as vectors.
/// O(instructions) and what is computed again.
Schedule make_schedule(const Code& code, bool side_by_side = true);

}  // namespace micrograd::compiler
