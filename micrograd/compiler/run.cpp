// Phase after phase; in each, what runs once, and then threads over stripes of blocks.
#include <micrograd/compiler/run.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

namespace micrograd::compiler {
namespace {

/// Rounds are dealt out in so many parts at most, each with sums of its own, whatever the number of threads.
constexpr std::size_t most_stripes = 64;
/// So many blocks are added up in Real, then the sum goes on in double: a float program's gradients must not
/// suffer from long sums.
constexpr std::size_t blocks_in_a_sum = 64;

/// Sums that every stripe has whatever its length; more stripes than these and the rounds pay for are a
/// waste.
constexpr std::size_t cheap_sums = 65536;

/// A loop's rounds, cut up.
struct Stripes {
  Stripes(std::size_t rounds, std::size_t block, std::size_t sums)
      : blocks((rounds + block - 1) / block),
        blocks_each(std::max<std::size_t>(1, (blocks + most(rounds, sums) - 1) / most(rounds, sums))),
        count((blocks + blocks_each - 1) / blocks_each) {}

  std::size_t blocks;
  std::size_t blocks_each;
  std::size_t count;

 private:
  static std::size_t most(std::size_t rounds, std::size_t sums) {
    return std::clamp<std::size_t>((4 * rounds + cheap_sums) / (sums + 1), 1, most_stripes);
  }
};

}  // namespace

/// One run: the numbers that are the same for all rounds.
template <class Real>
class Plan<Real>::Run {
 public:
  Run(const Plan& plan, const Batch<Real>& batch)
      : plan_(plan),
        code_(plan.code()),
        schedule_(plan.schedule()),
        parts_(plan.phases_),
        spare_(*plan.spare_),
        batch_(batch) {
    {
      const std::scoped_lock lock(spare_.mutex);
      if (!spare_.kept.empty()) {
        uniforms_ = std::move(spare_.kept.back().uniforms);
        sums_ = std::move(spare_.kept.back().sums);
        spare_.kept.pop_back();
        return;
      }
    }
    uniforms_.resize(schedule_.uniforms + behind_list);
    for (const auto& [place, number] : schedule_.numbers) uniforms_[place] = static_cast<Real>(number);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    try {
      const std::scoped_lock lock(spare_.mutex);
      spare_.kept.push_back({.uniforms = std::move(uniforms_), .sums = std::move(sums_)});
    } catch (const std::bad_alloc&) {
      uniforms_.clear();  // the next run makes other ones
    }
  }

  void run(const Found<Real>& found) {
    for (std::size_t phase = 0; phase < parts_.size(); ++phase) {
      const std::vector<Step>& once = schedule_.phases[phase].once;
      if (parts_[phase].vectors.empty()) {
        for (std::size_t i = 0; i < once.size(); ++i) run_once(once[i], parts_[phase].once[i]);
      } else {
        parts_[phase].vectors.run(uniforms_.data(), batch_.parameters,
                                  [&](std::size_t i) { run_once(once[i], parts_[phase].once[i]); });
      }
      for (std::size_t s = 0; s < parts_[phase].sweeps.size(); ++s) {
        const Sweep& sweep = schedule_.phases[phase].sweeps[s];
        for (const Copy& copy : sweep.copies) {
          uniforms_[copy.to] = copy.from == Copy::zero ? Real{0} : uniforms_[copy.from];
        }
        run_sweep(parts_[phase].sweeps[s], rounds_of(sweep.loop));
      }
    }
    const std::size_t by_row = std::min(schedule_.outputs.size(), batch_.outputs.size());
    for (std::size_t k = 0; k < by_row; ++k) {
      if (schedule_.outputs[k].uniform) spread(k, uniforms_[schedule_.outputs[k].at]);
    }
    if (!found.wanted()) return;
    if (!plan_.all_are_uniform_) {
      std::ranges::fill(found.first, Real{0});
      std::ranges::fill(found.others, Real{0});
    }
    for (const Outputs& some : plan_.uniform_outputs_) {
      plan_.runner_.gather(uniforms_.data(), some.places.data(), some.places.size(), found.at(some.first));
    }
  }

 private:
  std::size_t rounds_of(LoopNumber loop) const { return code_.rounds(loop, batch_.count()); }

  void spread(std::size_t output, Real result) const {
    if (batch_.outputs[output].data == nullptr) return;
    const Column<Real>& column = batch_.outputs[output];
    for (std::size_t i = 0; i < batch_.count(); ++i) column.data[batch_.row(i) * column.stride] = result;
  }

  void run_once(const Step& step, Kernel<Real> kernel) {
    Real* const out = &uniforms_[step.out];
    if (step.op == special::parameter) {
      *out = batch_.parameters[step.operands[0]];
    } else if (kernel != nullptr) {
      std::array<const Real*, 3> operands{};
      for (std::size_t k = 0; k < step.count; ++k) operands[k] = &uniforms_[step.operands[k]];
      kernel(operands.data(), out, 1);
    } else if (step.op == special::user || step.op == special::pick) {
      run_listed(code_, schedule_, step, static_cast<const Real*>(nullptr), 0,
                 static_cast<const Real*>(uniforms_.data()), out, 1);
    } else {
      *out = special_of(step);
    }
  }

  /// A step that has no kernel and no list of operands.
  Real special_of(const Step& step) const {
    const auto operand = [&](std::size_t k) { return uniforms_[step.operands[k]]; };
    const auto all_rows = static_cast<double>(batch_.rows);
    switch (step.op) {
      case special::literal:
      case special::data:
        return static_cast<Real>(code_.literals[step.operands[0]]);
      case special::input: {  // of the one row
        const Column<const Real>& column = batch_.inputs[step.operands[0]];
        return column.data[batch_.row(0) * column.stride];
      }
      case special::rows:
        return static_cast<Real>(batch_.rows);
      case special::share:
        // Of no rows at all, what counts once still does.
        return batch_.rows == 0 ? Real{1} : static_cast<Real>(static_cast<double>(batch_.count()) / all_rows);
      case special::total:  // of what is the same for all rounds
        return operand(0) * static_cast<Real>(rounds_of(code_.loop_of_total(code_.instructions[step.id])));
      case special::total_where: {
        const bool is_it = operand(1) == static_cast<Real>(code_.instructions[step.id].c);
        return is_it ? operand(0) * static_cast<Real>(batch_.count()) : Real{0};
      }
      default:  // stop
        return operand(0);
    }
  }

  void run_sweep(const SweepPlan<Real>& sweep, std::size_t rounds) {
    const Stripes stripes(rounds, sweep.block(), sweep.sums());
    // So few that there is nothing to be gained by sums in double.
    const bool are_few = stripes.count == 1 && stripes.blocks <= blocks_in_a_sum;
    const std::size_t sums_each = are_few ? sweep.single_sums() : sweep.sums();
    sums_.assign(std::max<std::size_t>(stripes.count, 1) * sums_each, 0.0);  // of no rounds: 0
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    const auto work = [&] {
      try {
        const typename SweepPlan<Real>::Borrowed borrowed(sweep, batch_);
        typename SweepPlan<Real>::Workplace& here = *borrowed;
        for (std::size_t stripe = next++; stripe < stripes.count; stripe = next++) {
          const std::span<double> sums_here = std::span(sums_).subspan(stripe * sums_each, sums_each);
          const std::size_t end = std::min(stripes.blocks, (stripe + 1) * stripes.blocks_each);
          for (std::size_t at = stripe * stripes.blocks_each; at < end; ++at) {
            const std::size_t first = at * sweep.block();
            sweep.run_block(here, batch_, uniforms_, first, std::min(sweep.block(), rounds - first),
                            sums_here);
            if ((at + 1) % blocks_in_a_sum == 0 || at + 1 == end) sweep.take_totals(here, sums_here);
          }
        }
        if (are_few) sweep.finish(sums_, here, uniforms_);
        here.in_use = false;
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    };
    const std::size_t threads = std::min(std::max<std::size_t>(batch_.threads, 1), stripes.count);
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
    work();
    for (std::thread& other : others) other.join();
    if (failure) std::rethrow_exception(failure);
    if (!are_few) sweep.finish(sums_, uniforms_);
  }

  const Plan& plan_;
  const Code& code_;
  const Schedule& schedule_;
  const std::vector<Part>& parts_;
  SpareLists& spare_;
  const Batch<Real>& batch_;
  std::vector<Real> uniforms_;
  std::vector<double> sums_;
};

template <class Real>
Plan<Real>::Plan(Code code, simd::Target target, bool side_by_side) : runner_(product_runner<Real>(target)) {
  auto program = std::make_unique<Scheduled>();
  program->code = std::move(code);
  program->schedule = make_schedule(program->code, side_by_side);
  program_ = std::move(program);
  for (const Phase& phase : schedule().phases) {
    Part& part = phases_.emplace_back(Part{.once = {}, .vectors = {phase.vectors, target}, .sweeps = {}});
    for (const Step& step : phase.once)
      part.once.push_back(kernel_of_op<Real>(step.op, step.uniform, target));
    for (const Sweep& sweep : phase.sweeps) part.sweeps.emplace_back(this->code(), schedule(), sweep, target);
  }
  find_outputs();
}

template <class Real>
void Plan<Real>::find_outputs() {
  const std::vector<Place>& outputs = schedule().outputs;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    all_are_uniform_ &= outputs[k].uniform;
    if (!outputs[k].uniform) continue;
    const bool goes_on = k > 1 && outputs[k - 1].uniform;  // the first one may go elsewhere
    if (!goes_on) uniform_outputs_.push_back({.first = k, .places = {}});
    uniform_outputs_.back().places.push_back(outputs[k].at);
  }
}

template <class Real>
std::vector<std::size_t> Plan<Real>::blocks() const {
  std::vector<std::size_t> blocks;
  for (const Part& phase : phases_) {
    for (const SweepPlan<Real>& sweep : phase.sweeps) blocks.push_back(sweep.block());
  }
  return blocks;
}

template <class Real>
void Plan<Real>::run(const Batch<Real>& batch, const Found<Real>& found) const {
  Run(*this, batch).run(found);
}

template <class Real>
std::vector<Real> Plan<Real>::run(const Batch<Real>& batch) const {
  std::vector<Real> found(schedule().outputs.size());
  run(batch, {.first = {}, .others = found});
  return found;
}

template class Plan<float>;
template class Plan<double>;

}  // namespace micrograd::compiler
