// A sweep made ready to run: blocks of rounds go through it part after part, sums of products by the machine
// of terms.hpp, the others each by a kernel over the whole block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include <hwy/aligned_allocator.h>

#include <micrograd/compiler/kernels.hpp>
#include <micrograd/compiler/products.hpp>
#include <micrograd/compiler/schedule.hpp>

namespace micrograd::compiler {

/// One number of every row: `data[row * stride]`.
template <class Real>
struct Column {
  Real* data = nullptr;
  std::size_t stride = 1;
};

/// What one run works on.
template <class Real>
struct Batch {
  std::vector<Column<const Real>> inputs;
  std::size_t rows = 0;
  std::span<const std::uint32_t> picked;  ///< the rows to take, in order; empty: all of them
  std::span<const Real> parameters;
  std::vector<Column<Real>> outputs;  ///< where results go, by row; `data` null: nowhere
  std::size_t threads = 1;

  [[nodiscard]] std::size_t count() const { return picked.empty() ? rows : picked.size(); }
  [[nodiscard]] std::size_t row(std::size_t i) const { return picked.empty() ? i : picked[i]; }
};

/// The kernel of an operation, null if it has none. Bit i of `uniform`: operand i is one number for all.
template <class Real>
Kernel<Real> kernel_of_op(OpCode op, unsigned uniform, simd::Target target);

/// A step of a user's row or a pick, for `count` rounds; `slots` are `stride` numbers each, or null for a
/// step that runs once. Operands and result may share slots, so each round is done with before the next.
template <class Real>
void run_listed(const Code& code, const Schedule& schedule, const Step& step, const Real* slots,
                std::size_t stride, const Real* uniforms, Real* out, std::size_t count);

template <class Real>
class SweepPlan {
 public:
  SweepPlan(const Code& code, const Schedule& schedule, const Sweep& sweep, simd::Target target);

  /// Columns of a table that lie side by side, and the slots that they go to or come from.
  struct Stretch {
    Column<Real> column;
    std::uint32_t first = 0;  ///< among the workplace's `row_slots`
    std::uint32_t count = 0;
  };

  /// What one thread works with.
  struct Workplace {
    static constexpr std::size_t not_known = std::numeric_limits<std::size_t>::max();

    hwy::AlignedFreeUniquePtr<Real[]> slots;
    std::vector<Real> totals;                 ///< a pack for each
    std::vector<Real> products;               ///< totals of products
    std::vector<Real> scratch;                ///< for them
    std::vector<Real> mask;                   ///< of a block that is not full
    std::vector<std::size_t> offsets = {};    ///< of the block's rows in a table with rows so far apart, …
    std::size_t offsets_are_for = not_known;  ///< … the last one again and again at its end
    std::vector<Stretch> stretches = {};      ///< of all parts that load or store, in order
    std::vector<Real*> row_slots = {};
    bool in_use = true;               ///< and so there may be something in the totals
    std::size_t first = 0;            ///< round of the block
    std::size_t count = 0;            ///< rounds of it
    std::size_t padded = 0;           ///< the same, filled up to whole packs
    std::size_t padded_to_group = 0;  ///< … and to four of them
  };

  /// A workplace for as long as this lives; they are kept for the next run.
  class Borrowed {
   public:
    Borrowed(const SweepPlan& plan, const Batch<Real>& batch)
        : plan_(plan), workplace_(plan.take_workplace()) {
      plan.find_stretches(*workplace_, batch);
    }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    ~Borrowed() { plan_.spare_->give(std::move(workplace_)); }
    Workplace& operator*() const { return *workplace_; }

   private:
    const SweepPlan& plan_;
    std::unique_ptr<Workplace> workplace_;
  };

  /// Rounds that go through together.
  [[nodiscard]] std::size_t block() const { return block_; }
  /// How many numbers the sums of a stripe are.
  [[nodiscard]] std::size_t sums() const { return sums_; }
  /// How many of them, the first ones, are no totals of products.
  [[nodiscard]] std::size_t single_sums() const { return sums_ - product_totals_; }

  /// The block of `count` rounds from `first` on.
  /// What only one round gives goes into the list at once.
  void run_block(Workplace& here, const Batch<Real>& batch, std::span<Real> list, std::size_t first,
                 std::size_t count, std::span<double> sums) const;
  /// Adds what the totals are so far to the sums, all or the single ones, and starts them anew.
  void take_totals(Workplace& here, std::span<double> sums) const;
  /// Adds up the sums of all stripes, at least one, which lie one after the other; puts them into their
  /// places.
  void finish(std::span<double> sums, std::span<Real> uniforms) const;
  /// The same if nothing has been taken yet of the totals of products in one workplace, which holds all of
  /// them: `sums` are the single ones. The same bits.
  void finish(std::span<double> sums, Workplace& here, std::span<Real> uniforms) const;

 private:
  class Block;

  /// Some of the steps that run in the same way: sums of products together, inputs that are loaded together,
  /// or one of any other kind; or one entry of the sweep's stores.
  struct Part {
    enum class Kind : std::uint8_t {
      terms,
      inputs,
      column,
      gather,
      kernel,
      multiply,
      add_products,
      scatter,
      total_where,
      other,
      store
    } kind;
    std::uint32_t first = 0;  ///< a term, a step, a store, or a product
    std::uint32_t end = 0;    ///< of a gather, a scatter, and maybe a total_where: its place among `gathers_`
    Kernel<Real> kernel = nullptr;
  };
  /// What each round takes from the list of what is the same for all, or puts there.
  struct Gather {
    std::vector<std::uint32_t> places;
    bool in_order = false;  ///< one after the other in the list
  };

  /// A product with offsets for slots, and where its numbers are in lists.
  struct Product {
    std::vector<std::uint32_t> rows, x;  ///< rows: out or g
    std::size_t first = 0;               ///< of the totals among the workplace's products
    std::size_t first_sum = 0;           ///< of the totals among the sums
    bool in_order = false;               ///< the totals' places in the list
  };

  /// The place of sums that need none: every round gives one of them.
  static constexpr std::size_t no_sum = std::numeric_limits<std::size_t>::max();

  /// Workplaces that no run uses.
  class Spare {
   public:
    std::unique_ptr<Workplace> take();
    void give(std::unique_ptr<Workplace> workplace) noexcept;

   private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Workplace>> kept_;
  };

  std::unique_ptr<Workplace> take_workplace() const;
  void find_stretches(Workplace& here, const Batch<Real>& batch) const;
  void divide();
  void choose_how(const Step& step, Part& part);
  void copy_columns();
  void set_offsets();
  void prepare_products();
  void finish_single(std::span<const double> sums, std::span<Real> uniforms) const;
  const std::vector<double>* column_of(Id id) const;  ///< null if it is none
  std::uint32_t make_gather(const Step& step, const std::vector<double>& index);
  std::uint32_t add_gather(std::vector<std::uint32_t> places);
  bool is_scatter(const Step& step) const;
  std::uint32_t make_scatter(const Step& step);

  std::unique_ptr<Spare> spare_ = std::make_unique<Spare>();
  const Code& code_;
  const Schedule& schedule_;
  const Sweep& sweep_;
  simd::Target target_;
  TermRunner<Real> machine_;
  ProductRunner<Real> products_;
  std::size_t block_ = 0;
  std::size_t stride_ = 0;  ///< from slot to slot
  std::size_t sums_ = 0;
  std::vector<Part> parts_;
  std::vector<TermStep> terms_;  ///< the sweep's, with offsets for slots
  std::vector<Gather> gathers_;
  std::vector<Real> columns_;                    ///< those of the loop, one after the other
  std::vector<std::uint32_t> column_first_;      ///< of each column of the program, its first number there
  std::vector<std::size_t> totals_where_first_;  ///< of each, its first sum
  std::vector<Product> multiplies_, add_products_;
  std::size_t product_totals_ = 0;
  std::size_t scratch_ = 0;
};

extern template class SweepPlan<float>;
extern template class SweepPlan<double>;

}  // namespace micrograd::compiler
