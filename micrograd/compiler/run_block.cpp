// A block's way through a sweep, part after part.
#include <micrograd/compiler/sweep.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace micrograd::compiler {
namespace {

std::size_t round_up(std::size_t count, std::size_t to) { return (count + to - 1) / to * to; }

}  // namespace

/// One block on its way through the sweep.
template <class Real>
class SweepPlan<Real>::Block {
 public:
  Block(const SweepPlan& plan, Workplace& here, const Batch<Real>& batch, std::span<Real> list,
        std::span<double> sums)
      : plan_(plan), here_(here), batch_(batch), list_(list), uniforms_(list.data()), sums_(sums) {}

  void run(std::size_t first, std::size_t count) {
    here_.first = first;
    here_.count = count;
    here_.padded = round_up(count, plan_.machine_.lanes);
    here_.padded_to_group = round_up(count, 4 * plan_.machine_.lanes);
    here_.offsets_are_for = Workplace::not_known;
    const bool full = count == here_.padded;
    if (!full) {
      for (std::size_t i = 0; i < here_.padded; ++i) here_.mask[i] = i < count ? Real{1} : Real{0};
    }
    const TermTables<Real> tables{
        .slots = here_.slots.get(),
        .uniforms = uniforms_,
        .columns = plan_.columns_.data() + (plan_.sweep_.loop >= first_found_loop ? first : 0),
        .totals = here_.totals.data(),
        .mask = full ? nullptr : here_.mask.data(),
        .block = here_.padded};
    const Stretch* stretch = here_.stretches.data();
    for (const Part& part : plan_.parts_) {
      switch (part.kind) {
        case Kind::terms:
          plan_.machine_.run(&plan_.terms_[part.first], plan_.terms_.data() + part.end, tables);
          break;
        case Kind::inputs:
          stretch = load_inputs(stretch, part.end - part.first);
          break;
        case Kind::column:
          load_column(plan_.sweep_.steps[part.first]);
          break;
        case Kind::gather:
          gather(part);
          break;
        case Kind::kernel: {
          const Step& step = plan_.sweep_.steps[part.first];
          std::array<const Real*, 3> operands{};
          for (std::size_t k = 0; k < step.count; ++k) {
            operands[k] = (step.uniform >> k & 1U) != 0 ? &uniforms_[step.operands[k]]
                                                        : &here_.slots[step.operands[k] * plan_.stride_];
          }
          part.kernel(operands.data(), &here_.slots[step.out * plan_.stride_], here_.padded);
          break;
        }
        case Kind::multiply:
          multiply(part.first);
          break;
        case Kind::add_products: {
          const Product& product = plan_.add_products_[part.first];
          plan_.products_.add_products({.g = product.rows.data(),
                                        .rows = product.rows.size(),
                                        .x = product.x.data(),
                                        .columns = product.x.size()},
                                       here_.slots.get(), here_.count, here_.scratch.data(),
                                       &here_.products[product.first]);
          break;
        }
        case Kind::scatter:
          scatter(part);
          break;
        case Kind::total_where:
          add_where(part);
          break;
        case Kind::other:
          run_other(plan_.sweep_.steps[part.first]);
          break;
        case Kind::store:
          stretch = save(stretch, plan_.sweep_.stores[part.first]);
          break;
      }
    }
  }

 private:
  using Kind = typename Part::Kind;

  void multiply(std::uint32_t which) const {
    const MultipliedSlots& product = plan_.sweep_.multiplies[which];
    const auto weights = [this](const Matrix& matrix) {
      const auto step = [](std::uint32_t number) {  // backwards too
        return static_cast<std::size_t>(static_cast<std::ptrdiff_t>(static_cast<std::int32_t>(number)));
      };
      return Weights<Real>{.from = uniforms_ + matrix.first,
                           .row_step = step(matrix.row_step),
                           .column_step = step(matrix.column_step)};
    };
    plan_.products_.multiply({.weights = weights(product.weights),
                              .start = product.has_starts ? weights(product.starts) : Weights<Real>{},
                              .x = plan_.multiplies_[which].x.data(),
                              .terms = product.x.size(),
                              .out = plan_.multiplies_[which].rows.data(),
                              .rows = product.out.size()},
                             here_.slots.get(), round_up(here_.padded, 2 * plan_.machine_.lanes));
  }

  // Rows of a table lie in memory one after the other, slots column after column: some columns together, so
  // that what is fetched for one number of a row serves the next ones too.

  /// The stretches from this one on that have so many columns together; returns the next one.
  const Stretch* load_inputs(const Stretch* stretch, std::size_t columns) const {
    for (std::size_t done = 0; done < columns; done += stretch++->count) {
      find_offsets(stretch->column.stride);
      plan_.products_.load(stretch->column.data, here_.offsets.data(), here_.padded_to_group, stretch->count,
                           &here_.row_slots[stretch->first]);
    }
    return stretch;
  }
  const Stretch* save(const Stretch* stretch, const Store& store) const {
    for (std::size_t done = store.first; done < store.end; done += stretch++->count) {
      if (stretch->column.data == nullptr) continue;
      find_offsets(stretch->column.stride);
      plan_.products_.save(stretch->column.data, here_.offsets.data(), here_.count, stretch->count,
                           &here_.row_slots[stretch->first]);
    }
    return stretch;
  }

  /// Where the rows of the block begin.
  void find_offsets(std::size_t row_stride) const {
    if (std::exchange(here_.offsets_are_for, row_stride) == row_stride) return;
    std::size_t* const offsets = here_.offsets.data();
    for (std::size_t i = 0; i < here_.count; ++i) offsets[i] = batch_.row(here_.first + i) * row_stride;
    std::fill(offsets + here_.count, offsets + here_.padded_to_group, offsets[here_.count - 1]);
  }

  void load_column(const Step& step) const {
    const Real* const from = &plan_.columns_[plan_.column_first_[step.operands[0]] + here_.first];
    Real* const to = &here_.slots[step.out * plan_.stride_];
    std::copy_n(from, here_.padded, to);
  }

  void gather(const Part& part) const {
    const Gather& gather = plan_.gathers_[part.end];
    const std::uint32_t* const from = &gather.places[here_.first];
    Real* const to = &here_.slots[plan_.sweep_.steps[part.first].out * plan_.stride_];
    if (gather.in_order) {
      std::copy_n(&uniforms_[*from], here_.count, to);
    } else {
      for (std::size_t i = 0; i < here_.count; ++i) to[i] = uniforms_[from[i]];
    }
    std::fill(to + here_.count, to + here_.padded, to[here_.count - 1]);
  }

  void scatter(const Part& part) const {
    const Gather& places = plan_.gathers_[part.end];
    const Step& step = plan_.sweep_.steps[part.first];
    const bool same = (step.uniform & 1U) != 0;
    const Real* const from = same ? &list_[step.operands[0]] : &here_.slots[step.operands[0] * plan_.stride_];
    for (std::size_t i = 0; i < here_.count; ++i) {
      // As a sum that begins with 0 gives it.
      list_[places.places[here_.first + i]] = Real{0} + from[same ? 0 : i];
    }
  }

  void add_where(const Part& part) const {
    const Step& step = plan_.sweep_.steps[part.first];
    double* const to = &sums_[plan_.totals_where_first_[step.operands[2]]];
    const auto operand = [&](unsigned k) {
      return (step.uniform >> k & 1U) != 0 ? &uniforms_[step.operands[k]]
                                           : &here_.slots[step.operands[k] * plan_.stride_];
    };
    const Real* const x = operand(0);
    const std::size_t each = (step.uniform & 1U) != 0 ? 0 : 1;
    if (part.end != none) {  // numbers of the program, known to be in range
      const std::uint32_t* const numbers = &plan_.gathers_[part.end].places[here_.first];
      for (std::size_t i = 0; i < here_.count; ++i) to[numbers[i]] += static_cast<double>(x[i * each]);
      return;
    }
    const auto size = static_cast<Real>(plan_.sweep_.totals_where[step.operands[2]].size);
    const Real* const index = operand(1);
    const std::size_t each_index = (step.uniform & 2U) != 0 ? 0 : 1;
    for (std::size_t i = 0; i < here_.count; ++i) {
      const Real number = index[i * each_index];
      if (number >= 0 && number < size)
        to[static_cast<std::size_t>(number)] += static_cast<double>(x[i * each]);
    }
  }

  void run_other(const Step& step) const {
    Real* const out = &here_.slots[step.out * plan_.stride_];
    if (step.op == special::stop) {
      const Real* const from = &here_.slots[step.operands[0] * plan_.stride_];
      if (out != from) std::copy_n(from, here_.padded, out);
      return;
    }
    run_listed(plan_.code_, plan_.schedule_, step, here_.slots.get(), plan_.stride_, uniforms_, out,
               here_.count);
    std::fill(out + here_.count, out + here_.padded, out[here_.count - 1]);
  }

  const SweepPlan& plan_;
  Workplace& here_;
  const Batch<Real>& batch_;
  std::span<Real> list_;
  const Real* uniforms_;  ///< the list, to read from
  std::span<double> sums_;
};

/// Finds for a run which columns lie side by side.
template <class Real>
void SweepPlan<Real>::find_stretches(Workplace& here, const Batch<Real>& batch) const {
  here.stretches.clear();
  here.row_slots.clear();
  const auto append = [&](const Column<Real>& column, std::uint32_t slot, bool is_first) {
    Stretch* const last = is_first ? nullptr : &here.stretches.back();
    const bool goes_on = last != nullptr && last->column.stride == column.stride &&
                         (column.data == nullptr ? last->column.data == nullptr
                                                 : last->column.data != nullptr &&
                                                       column.data == last->column.data + last->count);
    if (goes_on) {
      ++last->count;
    } else {
      here.stretches.push_back(
          {.column = column, .first = static_cast<std::uint32_t>(here.row_slots.size()), .count = 1});
    }
    here.row_slots.push_back(&here.slots[slot * stride_]);
  };
  for (const Part& part : parts_) {
    if (part.kind == Part::Kind::inputs) {
      for (std::uint32_t s = part.first; s < part.end; ++s) {
        const Column<const Real>& column = batch.inputs[sweep_.steps[s].operands[0]];
        // Only read: what is loaded and what is stored have one list.
        append({const_cast<Real*>(column.data), column.stride}, sweep_.steps[s].out, s == part.first);
      }
    } else if (part.kind == Part::Kind::store) {
      const Store& store = sweep_.stores[part.first];
      for (std::uint32_t k = store.first; k < store.end; ++k) {
        const std::uint32_t output = sweep_.stored[k].output;
        append(output < batch.outputs.size() ? batch.outputs[output] : Column<Real>(), sweep_.stored[k].slot,
               k == store.first);
      }
    }
  }
}
template void SweepPlan<float>::find_stretches(Workplace&, const Batch<float>&) const;
template void SweepPlan<double>::find_stretches(Workplace&, const Batch<double>&) const;

template <class Real>
void SweepPlan<Real>::run_block(Workplace& here, const Batch<Real>& batch, std::span<Real> list,
                                std::size_t first, std::size_t count, std::span<double> sums) const {
  Block(*this, here, batch, list, sums).run(first, count);
}
template void SweepPlan<float>::run_block(Workplace&, const Batch<float>&, std::span<float>, std::size_t,
                                          std::size_t, std::span<double>) const;
template void SweepPlan<double>::run_block(Workplace&, const Batch<double>&, std::span<double>, std::size_t,
                                           std::size_t, std::span<double>) const;

}  // namespace micrograd::compiler
