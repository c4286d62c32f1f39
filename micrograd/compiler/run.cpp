// Kernels over blocks of rows, and threads over stripes of blocks.
#include <micrograd/compiler/run.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

namespace micrograd::compiler {
namespace {

// A block's slots should stay in the second-level cache, and yet be long enough that finding the next kernel
// costs little beside running it.
constexpr std::size_t cache_bytes = std::size_t{192} * 1024;
constexpr std::size_t shortest_block = 16;
constexpr std::size_t longest_block = 256;
/// Rows are dealt out in so many parts at most, each with sums of its own, whatever the number of threads.
constexpr std::size_t most_stripes = 64;

template <class Real> std::size_t block_for(std::size_t slots) {
  std::size_t block = longest_block;
  while (block > shortest_block && slots * block * sizeof(Real) > cache_bytes) block /= 2;
  return block;
}

/// The sum of a block, in an order that depends on its length only; in double, so that a float program's
/// gradients do not suffer from long sums.
template <class Real> double sum_of(const Real* x, std::size_t count) {
  std::array<double, 8> part{};
  std::size_t i = 0;
  for (; i + part.size() <= count; i += part.size()) {
    for (std::size_t k = 0; k < part.size(); ++k) part[k] += static_cast<double>(x[i + k]);
  }
  for (; i < count; ++i) part[i % part.size()] += static_cast<double>(x[i]);
  return ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
}

static_assert(special::not_equal - special::less == kernel_code<IsNotEqual> - kernel_code<IsLess>);

/// The code by which `kernel` knows an instruction, KernelOps::size if it does not.
std::size_t kernel_code_of(OpCode op) {
  if (op < Ops::size) return op;
  if (is_comparison(op)) return kernel_code<IsLess> + (op - special::less);
  return op == special::select ? kernel_code<Choose> : KernelOps::size;
}

template <class Real>
std::vector<Kernel<Real>> kernels_of(const std::vector<Step>& steps, simd::Target target) {
  std::vector<Kernel<Real>> kernels;
  kernels.reserve(steps.size());
  for (const Step& step : steps) {
    const std::size_t code = kernel_code_of(step.op);
    kernels.push_back(code < KernelOps::size ? kernel<Real>(code, step.uniform, target) : nullptr);
  }
  return kernels;
}

}  // namespace

/// One run: the numbers that are the same for all rows, and the sums.
template <class Real>
class Plan<Real>::Run {
 public:
  Run(const Plan& plan, const Batch<Real>& batch)
      : plan_(plan), batch_(batch), rows_(batch.picked.empty() ? batch.rows : batch.picked.size()) {
    uniforms_.resize(plan.schedule_.uniforms);
    for (const Step& step : plan.schedule_.rows) {
      if (step.op != special::total && step.op != special::total_where) continue;
      totals_.push_back(&step);
      sums_ += sums_of(step);
    }
  }

  std::vector<double> run() {
    run_uniform(plan_.schedule_.before, plan_.before_);
    run_rows();
    run_uniform(plan_.schedule_.after, plan_.after_);
    std::vector<double> results(plan_.code_.outputs.size());
    for (std::size_t k = 0; k < results.size(); ++k) {
      const Id id = plan_.code_.outputs[k];
      if (plan_.code_.varying[id] != 0) continue;
      const Real result = uniforms_[plan_.schedule_.place[id]];
      results[k] = static_cast<double>(result);
      spread(k, result);
    }
    return results;
  }

 private:
  /// How many sums the step adds up.
  std::size_t sums_of(const Step& step) const {
    return step.op == special::total ? 1 : plan_.schedule_.totals_where[step.operands[2]].size;
  }

  void spread(std::size_t output, Real result) const {
    if (output >= batch_.outputs.size() || batch_.outputs[output].data == nullptr) return;
    const Column<Real>& column = batch_.outputs[output];
    for (std::size_t i = 0; i < rows_; ++i) column.data[row(i) * column.stride] = result;
  }

  std::size_t row(std::size_t i) const { return batch_.picked.empty() ? i : batch_.picked[i]; }

  const Real* uniform(std::uint32_t place) const { return &uniforms_[place]; }

  void run_uniform(const std::vector<Step>& steps, const std::vector<Kernel<Real>>& kernels) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Step& step = steps[i];
      Real* const out = &uniforms_[step.out];
      std::array<const Real*, 3> operands{};
      for (std::size_t k = 0; k < step.count; ++k) operands[k] = uniform(step.operands[k]);
      if (kernels[i] != nullptr) {
        kernels[i](operands.data(), out, 1);
      } else if (step.op == special::user) {
        run_call(step, nullptr, out, 1);
      } else if (step.op == special::pick) {
        run_pick(step, nullptr, out, 1);
      } else {
        run_special(step, operands, out, 1);
      }
    }
  }

  /// A step that has no kernel and is no call.
  void run_special(const Step& step, const std::array<const Real*, 3>& operands, Real* out,
                   std::size_t count) const {
    switch (step.op) {
      case special::literal:
      case special::data:
        *out = static_cast<Real>(plan_.code_.literals[step.operands[0]]);
        return;
      case special::parameter:
        *out = static_cast<Real>(batch_.parameters[step.operands[0]]);
        return;
      case special::rows:
        *out = static_cast<Real>(batch_.rows);
        return;
      case special::share:
        // Of no rows at all, what counts once still does.
        *out = batch_.rows == 0
                   ? Real{1}
                   : static_cast<Real>(static_cast<double>(rows_) / static_cast<double>(batch_.rows));
        return;
      case special::total:  // of what is the same for all rows
        *out = *operands[0] * static_cast<Real>(rows_);
        return;
      case special::total_where:
        *out = *operands[1] == static_cast<Real>(plan_.code_.instructions[step.id].c)
                   ? *operands[0] * static_cast<Real>(rows_)
                   : Real{0};
        return;
      default:  // stop
        if (out != operands[0]) std::copy_n(operands[0], count, out);
        return;
    }
  }

  void run_rows() {
    const std::size_t block = plan_.block_;
    const std::size_t blocks = (rows_ + block - 1) / block;
    const std::size_t blocks_each = std::max<std::size_t>(1, (blocks + most_stripes - 1) / most_stripes);
    const std::size_t stripes = (blocks + blocks_each - 1) / blocks_each;
    std::vector<double> sums(stripes * sums_);

    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
      try {
        std::vector<Real> slots(plan_.schedule_.slots * block);
        for (std::size_t stripe = next++; stripe < stripes; stripe = next++) {
          double* const sums_here = sums.data() + stripe * sums_;
          const std::size_t end = std::min(rows_, (stripe + 1) * blocks_each * block);
          for (std::size_t first = stripe * blocks_each * block; first < end; first += block) {
            run_block(slots.data(), first, std::min(block, end - first), sums_here);
          }
        }
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    };
    const std::size_t threads = std::min(std::max<std::size_t>(batch_.threads, 1), stripes);
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
    if (failure) std::rethrow_exception(failure);

    const auto sum_at = [&](std::size_t k) {
      double sum = 0;
      for (std::size_t stripe = 0; stripe < stripes; ++stripe) sum += sums[stripe * sums_ + k];
      return static_cast<Real>(sum);
    };
    std::size_t first = 0;
    for (const Step* const step : totals_) {
      if (step->op == special::total) {
        uniforms_[step->out] = sum_at(first);
      } else {
        for (const TotalsWhere::One& one : plan_.schedule_.totals_where[step->operands[2]].totals) {
          uniforms_[one.out] = sum_at(first + one.number);
        }
      }
      first += sums_of(*step);
    }
  }

  void run_block(Real* slots, std::size_t first, std::size_t count, double* sums) const {
    const std::vector<Step>& steps = plan_.schedule_.rows;
    const std::size_t block = plan_.block_;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Step& step = steps[i];
      std::array<const Real*, 3> operands{};
      for (std::size_t k = 0; k < step.count; ++k) {
        operands[k] =
            (step.uniform >> k & 1U) != 0 ? uniform(step.operands[k]) : slots + step.operands[k] * block;
      }
      Real* const out = slots + step.out * block;
      if (plan_.rows_[i] != nullptr) [[likely]] {
        plan_.rows_[i](operands.data(), out, count);
      } else if (step.op == special::input) {
        load(batch_.inputs[step.operands[0]], first, count, out);
      } else if (step.op == special::total) {
        *sums++ += sum_of(operands[0], count);
        continue;
      } else if (step.op == special::total_where) {
        add_where(step, operands, count, sums);
        sums += sums_of(step);
        continue;
      } else if (step.op == special::pick) {
        run_pick(step, slots, out, count);
      } else if (step.op == special::user) {
        run_call(step, slots, out, count);
      } else {
        run_special(step, operands, out, count);
      }
      for (const Store& store : plan_.schedule_.stores[i]) {
        if (store.output < batch_.outputs.size()) save(batch_.outputs[store.output], first, count, out);
      }
    }
  }

  void load(const Column<const Real>& column, std::size_t first, std::size_t count, Real* out) const {
    for (std::size_t i = 0; i < count; ++i) out[i] = column.data[row(first + i) * column.stride];
  }
  void save(const Column<Real>& column, std::size_t first, std::size_t count, const Real* from) const {
    if (column.data == nullptr) return;
    for (std::size_t i = 0; i < count; ++i) column.data[row(first + i) * column.stride] = from[i];
  }

  void run_call(const Step& step, const Real* slots, Real* out, std::size_t count) const {
    const Call& call = plan_.code_.calls[step.operands[0]];
    std::array<double, 3> operands{};
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < call.operands.size(); ++k) {
        const std::uint32_t place = plan_.schedule_.place[call.operands[k]];
        const bool varies = plan_.code_.varying[call.operands[k]] != 0;
        operands[k] = static_cast<double>(varies ? slots[place * plan_.block_ + i] : uniforms_[place]);
      }
      out[i] = static_cast<Real>(call.rule->value(std::span(operands).first(call.operands.size())));
    }
  }

  /// The operands and the result may share slots, so each row is done with before the next.
  void run_pick(const Step& step, const Real* slots, Real* out, std::size_t count) const {
    const Instruction& instruction = plan_.code_.instructions[step.id];
    const std::vector<Id>& list = plan_.code_.lists[instruction.a];
    const auto at = [&](Id id, std::size_t i) {
      const std::uint32_t place = plan_.schedule_.place[id];
      return plan_.code_.varying[id] != 0 ? slots[place * plan_.block_ + i] : uniforms_[place];
    };
    for (std::size_t i = 0; i < count; ++i) {
      const Real number = at(instruction.b, i);
      const bool is_place = number >= 0 && number < static_cast<Real>(list.size());
      out[i] =
          is_place ? at(list[static_cast<std::size_t>(number)], i) : std::numeric_limits<Real>::quiet_NaN();
    }
  }

  void add_where(const Step& step, const std::array<const Real*, 3>& operands, std::size_t count,
                 double* sums) const {
    const auto size = static_cast<Real>(sums_of(step));
    const std::size_t each = (step.uniform & 1U) != 0 ? 0 : 1;
    const std::size_t each_index = (step.uniform & 2U) != 0 ? 0 : 1;
    for (std::size_t i = 0; i < count; ++i) {
      const Real number = operands[1][i * each_index];
      if (number >= 0 && number < size)
        sums[static_cast<std::size_t>(number)] += static_cast<double>(operands[0][i * each]);
    }
  }

  const Plan& plan_;
  const Batch<Real>& batch_;
  std::size_t rows_;
  std::vector<Real> uniforms_;
  std::vector<const Step*> totals_;  ///< in order of the rows' steps
  std::size_t sums_ = 0;             ///< that they add up
};

template <class Real>
Plan<Real>::Plan(Code code, simd::Target target)
    : code_(std::move(code)),
      schedule_(make_schedule(code_)),
      block_(block_for<Real>(schedule_.slots)),
      before_(kernels_of<Real>(schedule_.before, target)),
      rows_(kernels_of<Real>(schedule_.rows, target)),
      after_(kernels_of<Real>(schedule_.after, target)) {}

template <class Real>
std::vector<double> Plan<Real>::run(const Batch<Real>& batch) const {
  return Run(*this, batch).run();
}

template class Plan<float>;
template class Plan<double>;

}  // namespace micrograd::compiler
