// The parts of a sweep made ready to run.
#include <micrograd/compiler/sweep.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

// A block's slots should stay in the first-level cache, and yet be long enough that finding the next kernel
// costs little beside running it.
constexpr std::size_t cache_bytes = std::size_t{48} * 1024;
constexpr std::size_t longest_block = 256;
/// Between slots, so that not all of them start in the same set of the cache.
constexpr std::size_t cache_line = 64;

std::size_t round_up(std::size_t count, std::size_t to) { return (count + to - 1) / to * to; }

template <class Real>
std::size_t block_for(std::size_t slots, std::size_t shortest) {
  std::size_t block = std::max(longest_block, shortest);
  while (block > shortest && slots * block * sizeof(Real) > cache_bytes) block /= 2;
  return block;
}

static_assert(special::not_equal - special::less == kernel_code<IsNotEqual> - kernel_code<IsLess>);

/// The code by which `kernel` knows an instruction, KernelOps::size if it does not.
std::size_t kernel_code_of(OpCode op) {
  if (op < Ops::size) return op;
  if (is_comparison(op)) return kernel_code<IsLess> + (op - special::less);
  return op == special::select ? kernel_code<Choose> : KernelOps::size;
}

}  // namespace

template <class Real>
Kernel<Real> kernel_of_op(OpCode op, unsigned uniform, simd::Target target) {
  const std::size_t code = kernel_code_of(op);
  return code < KernelOps::size ? kernel<Real>(code, uniform, target) : nullptr;
}
template Kernel<float> kernel_of_op(OpCode op, unsigned uniform, simd::Target target);
template Kernel<double> kernel_of_op(OpCode op, unsigned uniform, simd::Target target);

template <class Real>
void run_listed(const Code& code, const Schedule& schedule, const Step& step, const Real* slots,
                std::size_t stride, const Real* uniforms, Real* out, std::size_t count) {
  const std::span<const Place> places =
      std::span(schedule.operands).subspan(step.operands[0], step.operands[1] - step.operands[0]);
  const auto at = [&](const Place& place, std::size_t i) {
    return place.uniform ? uniforms[place.at] : slots[place.at * stride + i];
  };
  if (step.op == special::pick) {
    const std::size_t size = places.size() - 1;
    for (std::size_t i = 0; i < count; ++i) {
      const Real number = at(places[size], i);
      const bool is_place = number >= 0 && number < static_cast<Real>(size);
      out[i] =
          is_place ? at(places[static_cast<std::size_t>(number)], i) : std::numeric_limits<Real>::quiet_NaN();
    }
    return;
  }
  const Call& call = code.calls[code.instructions[step.id].a];
  std::array<double, 3> operands{};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < places.size(); ++k) operands[k] = static_cast<double>(at(places[k], i));
    out[i] = static_cast<Real>(call.rule->value(std::span(operands).first(places.size())));
  }
}
template void run_listed(const Code&, const Schedule&, const Step&, const float*, std::size_t, const float*,
                         float*, std::size_t);
template void run_listed(const Code&, const Schedule&, const Step&, const double*, std::size_t, const double*,
                         double*, std::size_t);

template <class Real>
SweepPlan<Real>::SweepPlan(const Code& code, const Schedule& schedule, const Sweep& sweep,
                           simd::Target target)
    : code_(code),
      schedule_(schedule),
      sweep_(sweep),
      target_(target),
      machine_(term_runner<Real>(target)),
      products_(product_runner<Real>(target)),
      block_(block_for<Real>(sweep.slots, 4 * machine_.lanes)),
      terms_(sweep.terms) {
  if (sweep.loop >= first_found_loop) {
    const std::size_t rounds = code.rounds(sweep.loop, 0);
    block_ = std::min(block_, round_up(rounds, 4 * machine_.lanes));
  }
  stride_ = block_ + cache_line / sizeof(Real);
  if (sweep.slots > std::numeric_limits<std::uint32_t>::max() / stride_) {
    throw UsageError("compile: the program needs too many numbers at once (got " +
                     std::to_string(sweep.slots) + " for each row, expected at most " +
                     std::to_string(std::numeric_limits<std::uint32_t>::max() / stride_) + ")");
  }
  copy_columns();
  set_offsets();
  sums_ = sweep.totals.size();
  totals_where_first_.assign(sweep.totals_where.size(), 0);
  for (const Step& step : sweep.steps) {
    if (step.kind != Step::Kind::total_where) continue;
    totals_where_first_[step.operands[2]] = is_scatter(step) ? no_sum : sums_;
    if (!is_scatter(step)) sums_ += sweep.totals_where[step.operands[2]].size;
  }
  prepare_products();
  divide();
}

/// All columns of the loop, one after the other, each filled up with copies of its last number.
template <class Real>
void SweepPlan<Real>::copy_columns() {
  column_first_.assign(code_.columns.size(), none);
  std::vector<std::uint32_t> read;
  for (const Instruction& x : code_.instructions) {
    if (x.op == special::column && x.b == sweep_.loop) read.push_back(x.a);
  }
  if (read.empty()) return;
  const std::size_t length = round_up(code_.rounds(sweep_.loop, 0), block_);
  for (const std::uint32_t column : read) {
    if (column_first_[column] != none) continue;
    if (columns_.size() > std::numeric_limits<std::uint32_t>::max() - length) {
      throw UsageError("compile: the loops have too many numbers of their own (got more than 4294967295)");
    }
    column_first_[column] = static_cast<std::uint32_t>(columns_.size());
    const std::vector<double>& numbers = code_.columns[column];
    columns_.insert(columns_.end(), numbers.begin(), numbers.end());
    columns_.resize(column_first_[column] + length, static_cast<Real>(numbers.back()));
  }
}

template <class Real>
void SweepPlan<Real>::set_offsets() {
  const auto slot = [this](std::uint32_t& place) { place *= static_cast<std::uint32_t>(stride_); };
  for (TermStep& step : terms_) {
    if (step.code == total_code) {
      step.x *= static_cast<std::uint32_t>(machine_.lanes);
    } else if (step.code < store_code) {
      const auto kind = static_cast<TermKind>(step.code / 4);
      const bool x_is_column = kind == TermKind::c || kind == TermKind::uc;
      if (x_is_column) step.x = column_first_[step.x];
      if (kind == TermKind::xc) step.y = column_first_[step.y];
      if (!x_is_column) slot(step.x);
      if (kind != TermKind::xc) slot(step.y);
    } else if (step.code != row_code(LightRows::size - 1, RowForm::u_held)) {  // there x is not in a slot
      slot(step.x);
      slot(step.y);
    }
  }
}

template <class Real>
void SweepPlan<Real>::prepare_products() {
  const auto offsets = [this](const std::vector<std::uint32_t>& slots) {
    std::vector<std::uint32_t> found;
    found.reserve(slots.size());
    for (const std::uint32_t slot : slots) found.push_back(slot * static_cast<std::uint32_t>(stride_));
    return found;
  };
  for (const MultipliedSlots& product : sweep_.multiplies) {
    multiplies_.push_back({.rows = offsets(product.out), .x = offsets(product.x)});
  }
  for (const TotalsOfProducts& product : sweep_.add_products) {
    const std::uint32_t first = product.totals.front().out;
    bool in_order = true;
    for (std::size_t k = 0; k < product.totals.size(); ++k) in_order &= product.totals[k].out == first + k;
    add_products_.push_back({.rows = offsets(product.g),
                             .x = offsets(product.x),
                             .first = product_totals_,
                             .first_sum = sums_,
                             .in_order = in_order});
    product_totals_ += product.totals.size();
    sums_ += product.totals.size();
    scratch_ = std::max(scratch_, products_.scratch_for(block_));
  }
}

template <class Real>
void SweepPlan<Real>::divide() {
  using Kind = typename Part::Kind;
  parts_.reserve(sweep_.steps.size() + sweep_.stores.size());
  std::size_t next_store = 0;
  for (std::uint32_t s = 0; s < sweep_.steps.size(); ++s) {
    const Step& step = sweep_.steps[s];
    Part part{.kind = Kind::other, .first = s, .end = s + 1};
    switch (step.kind) {
      case Step::Kind::light:
        part = {.kind = Kind::terms, .first = step.operands[0], .end = step.operands[1]};
        break;
      case Step::Kind::multiply:
        part = {.kind = Kind::multiply, .first = step.operands[0]};
        break;
      case Step::Kind::add_products:
        part = {.kind = Kind::add_products, .first = step.operands[0]};
        break;
      case Step::Kind::total_where:
        part.kind = Kind::total_where;
        part.end = none;
        if (is_scatter(step)) {
          part = {.kind = Kind::scatter, .first = s, .end = make_scatter(step)};
        } else if (const std::vector<double>* const index = column_of(code_.instructions[step.id].b)) {
          const auto size = static_cast<double>(sweep_.totals_where[step.operands[2]].size);
          const bool all_there =
              std::ranges::all_of(*index, [size](double number) { return number >= 0 && number < size; });
          if (all_there) part.end = add_gather({index->begin(), index->end()});
        }
        break;
      case Step::Kind::plain:
        choose_how(step, part);
    }
    const bool goes_on = !parts_.empty() && parts_.back().kind == part.kind &&
                         parts_.back().end == part.first &&
                         (part.kind == Kind::terms || part.kind == Kind::inputs);
    goes_on ? void(parts_.back().end = part.end) : parts_.push_back(part);
    for (; next_store < sweep_.stores.size() && sweep_.stores[next_store].after == s + 1; ++next_store) {
      parts_.push_back({.kind = Kind::store, .first = static_cast<std::uint32_t>(next_store)});
    }
  }
}

template <class Real>
void SweepPlan<Real>::choose_how(const Step& step, Part& part) {
  using Kind = typename Part::Kind;
  switch (step.op) {
    case special::input:
      part.kind = Kind::inputs;
      break;
    case special::column: {
      part.kind = Kind::column;
      break;
    }
    case special::pick: {
      const Instruction& index = code_.instructions[code_.instructions[step.id].b];
      const auto places =
          std::span(schedule_.operands).subspan(step.operands[0], step.operands[1] - step.operands[0] - 1);
      if (index.op == special::column && std::ranges::all_of(places, &Place::uniform)) {
        part.kind = Kind::gather;
        part.end = make_gather(step, code_.columns[index.a]);
      }
      break;
    }
    default:
      part.kernel = kernel_of_op<Real>(step.op, step.uniform, target_);
      if (part.kernel != nullptr) part.kind = Kind::kernel;
  }
}

template <class Real>
const std::vector<double>* SweepPlan<Real>::column_of(Id id) const {
  const Instruction& x = code_.instructions[id];
  return x.op == special::column ? &code_.columns[x.a] : nullptr;
}

template <class Real>
std::uint32_t SweepPlan<Real>::make_gather(const Step& step, const std::vector<double>& index) {
  std::vector<std::uint32_t> places;
  places.reserve(index.size());
  for (const double number : index) {
    places.push_back(schedule_.operands[step.operands[0] + static_cast<std::size_t>(number)].at);
  }
  return add_gather(std::move(places));
}

template <class Real>
std::uint32_t SweepPlan<Real>::add_gather(std::vector<std::uint32_t> places) {
  Gather made{.places = std::move(places), .in_order = true};
  for (std::size_t i = 1; i < made.places.size(); ++i)
    made.in_order &= made.places[i] == made.places[i - 1] + 1;
  gathers_.push_back(std::move(made));
  return static_cast<std::uint32_t>(gathers_.size() - 1);
}

/// Whether every round gives to a total of its own, and every total has one.
template <class Real>
bool SweepPlan<Real>::is_scatter(const Step& step) const {
  const Instruction& index = code_.instructions[code_.instructions[step.id].b];
  const TotalsWhere& totals = sweep_.totals_where[step.operands[2]];
  if (index.op != special::column || totals.totals.size() != totals.size) return false;
  const std::vector<double>& numbers = code_.columns[index.a];
  if (numbers.size() != totals.size) return false;
  std::vector<std::uint8_t> seen(totals.size, 0);
  for (const double number : numbers) {
    const bool has_one = number >= 0 && number < static_cast<double>(totals.size);
    if (!has_one) return false;
    if (std::exchange(seen[static_cast<std::size_t>(number)], 1) != 0) return false;
  }
  return true;
}

template <class Real>
std::uint32_t SweepPlan<Real>::make_scatter(const Step& step) {
  const TotalsWhere& totals = sweep_.totals_where[step.operands[2]];
  std::vector<std::uint32_t> out_of(totals.size);
  for (const TotalsWhere::One& one : totals.totals) out_of[one.number] = one.out;
  std::vector<std::uint32_t> places;
  for (const double number : code_.columns[code_.instructions[code_.instructions[step.id].b].a]) {
    places.push_back(out_of[static_cast<std::size_t>(number)]);
  }
  return add_gather(std::move(places));
}

template class SweepPlan<float>;
template class SweepPlan<double>;

}  // namespace micrograd::compiler
