// Results are sorted by how many sums over a whole loop must be known before them; then slots are given out
// in order of the instructions and taken back after the last use.
#include <micrograd/compiler/schedule.hpp>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace micrograd::compiler {
namespace {

/// Outputs that are stored together: as many doubles as a cache line holds.
constexpr std::size_t stored_together = 8;

bool is_sum_of_rounds(const Code& code, Id id) {
  const Instruction& x = code.instructions[id];
  if (x.op == special::total) return code.varying[x.a] != 0;
  return x.op == special::total_where && (code.varying[x.a] != 0 || code.varying[x.b] != 0);
}

/// What both kinds of places need to know.
class Places {
 public:
  Places(const Code& code, Schedule& schedule) : code_(code), schedule_(schedule), at_(code.size(), 0) {}

  std::uint32_t& of(Id id) { return at_[id]; }
  [[nodiscard]] Place place(Id id) const { return {.at = at_[id], .uniform = code_.varying[id] == 0}; }
  std::uint32_t place_in_list(Id id) { return at_[id] = static_cast<std::uint32_t>(schedule_.uniforms++); }

  Step step_of(Id id) {
    const Instruction& instruction = code_.instructions[id];
    Step step{
        .id = id, .op = instruction.op, .count = static_cast<std::uint8_t>(operand_count(instruction.op))};
    const std::array<Id, 3> operands{instruction.a, instruction.b, instruction.c};
    for (std::size_t i = 0; i < step.count; ++i) {
      step.operands[i] = at_[operands[i]];
      if (code_.varying[operands[i]] == 0) step.uniform |= static_cast<std::uint8_t>(1U << i);
    }
    if (step.count == 0) step.operands[0] = instruction.a;
    if (step.op == special::user || step.op == special::pick) {
      step.operands[0] = static_cast<std::uint32_t>(schedule_.operands.size());
      for_each_operand(code_, instruction, [&](Id operand) { schedule_.operands.push_back(place(operand)); });
      step.operands[1] = static_cast<std::uint32_t>(schedule_.operands.size());
    }
    return step;
  }

 private:
  const Code& code_;
  Schedule& schedule_;
  std::vector<std::uint32_t> at_;
};

/// Places one sweep's instructions.
class SweepScheduler {
 public:
  SweepScheduler(const Code& code, Places& places, std::vector<Id>& last_use, std::vector<Id>& pinned_until)
      : code_(code), places_(places), last_use_(last_use), pinned_until_(pinned_until) {}

  /// `members` in order; `totals` of them; the outputs to be stored.
  Sweep run(LoopNumber loop, const std::vector<Id>& members, const std::vector<Id>& totals,
            const std::vector<std::uint32_t>& outputs) {
    sweep_.loop = loop;
    find_uses(members, totals, outputs);
    group_outputs(outputs);
    std::size_t next_total = 0;
    for (const Id id : members) {
      while (next_total < totals.size() && totals[next_total] < id) place_total(totals[next_total++]);
      const auto total = total_of_.find(id);
      if (total != total_of_.end()) {
        place_sum_of_rounds(id, total->second);
      } else {
        place_varying(id);
      }
    }
    while (next_total < totals.size()) place_total(totals[next_total++]);
    sweep_.slots = std::max<std::size_t>(sweep_.slots, 1);
    return std::move(sweep_);
  }

 private:
  const Instruction& at(Id id) const { return code_.instructions[id]; }
  bool varies(Id id) const { return code_.varying[id] != 0; }

  void find_uses(const std::vector<Id>& members, const std::vector<Id>& totals,
                 const std::vector<std::uint32_t>& outputs) {
    std::unordered_map<Id, std::uint32_t> uses;  // of the dots that totals add up
    for (const Id total : totals) {
      if (at(total).op == special::total && at(at(total).a).op == special::dot) uses[at(total).a] = 0;
    }
    const auto use = [&](Id operand, Id user) {
      if (!varies(operand)) return;
      last_use_[operand] = std::max(last_use_[operand], user);
      const auto known = uses.find(operand);
      if (known != uses.end()) ++known->second;
    };
    for (const Id id : members) {
      last_use_[id] = id;
      pinned_until_[id] = none;
    }
    for (const Id id : members) for_each_operand(code_, at(id), [&](Id operand) { use(operand, id); });
    for (const Id id : totals) for_each_operand(code_, at(id), [&](Id operand) { use(operand, id); });
    for (const std::uint32_t k : outputs) use(code_.outputs[k], 0);
    // A sum of products that only a total needs is added to it at once, and never stored.
    for (const Id total : totals) {
      if (at(total).op == special::total && at(at(total).a).op == special::dot && uses[at(total).a] == 1)
        total_of_.emplace(at(total).a, total);
    }
  }

  /// Outputs keep their slots until the last one of their group is there.
  void group_outputs(const std::vector<std::uint32_t>& outputs) {
    for (std::size_t first = 0; first < outputs.size();) {
      const std::size_t group = outputs[first] / stored_together;
      std::size_t end = first;
      Id latest = 0;
      for (; end < outputs.size() && outputs[end] / stored_together == group; ++end) {
        latest = std::max(latest, code_.outputs[outputs[end]]);
      }
      for (std::size_t k = first; k < end; ++k) {
        Id& pinned = pinned_until_[code_.outputs[outputs[k]]];
        if (pinned == none || pinned < latest) pinned = latest;
      }
      groups_[latest].emplace_back(outputs.begin() + static_cast<std::ptrdiff_t>(first),
                                   outputs.begin() + static_cast<std::ptrdiff_t>(end));
      first = end;
    }
  }

  // ---- what becomes of a block's results: totals

  void place_total(Id id) {
    if (at(id).op == special::total_where) {
      place_total_where(id);
    } else if (!total_of_.contains(at(id).a)) {
      const auto first = static_cast<std::uint32_t>(sweep_.terms.size());
      sweep_.terms.push_back({.code = term_code(TermKind::x, false, true), .x = places_.of(at(id).a)});
      append_total(id, first);
    } else {
      return;  // done with its operand
    }
    for_each_operand(code_, at(id), [&](Id operand) { release(operand, id); });
  }

  void append_total(Id id, std::uint32_t first) {
    sweep_.terms.push_back({.code = total_code, .x = static_cast<std::uint32_t>(sweep_.totals.size())});
    sweep_.totals.push_back({.id = id, .out = places_.place_in_list(id)});
    sweep_.steps.push_back({.id = id,
                            .op = special::dot,
                            .out = places_.of(id),
                            .operands = {first, static_cast<std::uint32_t>(sweep_.terms.size()), 0}});
  }

  /// The first total of a result by an index makes a step for all of them.
  void place_total_where(Id id) {
    const Instruction& instruction = at(id);
    Step step = places_.step_of(id);
    step.out = places_.place_in_list(id);
    const std::uint64_t key = std::uint64_t{instruction.a} << 32U | instruction.b;
    const auto [known, is_new] = totals_where_.try_emplace(key, sweep_.totals_where.size());
    if (is_new) {
      step.operands[2] = static_cast<std::uint32_t>(known->second);
      sweep_.totals_where.emplace_back();
      sweep_.steps.push_back(step);
    }
    TotalsWhere& all = sweep_.totals_where[known->second];
    all.totals.push_back({.id = id, .number = instruction.c, .out = step.out});
    all.size = std::max<std::size_t>(all.size, instruction.c + 1);
  }

  void place_sum_of_rounds(Id dot, Id total) {
    const std::uint32_t first = append_terms(dot);
    append_total(total, first);
    for_each_operand(code_, at(dot), [&](Id operand) { release(operand, dot); });
  }

  /// The steps of a sum up to what becomes of it; the place of the first one.
  std::uint32_t append_terms(Id dot) {
    const auto first = static_cast<std::uint32_t>(sweep_.terms.size());
    bool is_first = true;
    for (const Product& term : code_.products_of(at(dot))) {
      TermKind kind = term.factor == none ? TermKind::x : TermKind::ux;
      if (term.y != none) kind = term.factor == none ? TermKind::xy : TermKind::uxy;
      if (term.x == none) kind = TermKind::u;
      const auto place = [this](Id id) { return id == none ? 0 : places_.of(id); };
      sweep_.terms.push_back({.code = term_code(kind, term.minus, is_first),
                              .u = place(term.factor),
                              .x = place(term.x),
                              .y = place(term.y)});
      is_first = false;
    }
    return first;
  }

  // ---- results of each round

  void place_varying(Id id) {
    const bool is_dot = at(id).op == special::dot;
    Step step = is_dot ? Step{.id = id, .op = special::dot} : places_.step_of(id);
    if (is_dot) step.operands[0] = append_terms(id);
    // Operands whose last use this is give up their slots first: a kernel may write over its operands. One
    // that is not a kernel of the table reads all before it writes.
    for_each_operand(code_, at(id), [&](Id operand) { release(operand, id); });
    if (free_.empty()) free_.push_back(static_cast<std::uint32_t>(sweep_.slots++));
    step.out = free_.back();
    free_.pop_back();
    places_.of(id) = step.out;
    if (is_dot) {
      sweep_.terms.push_back({.code = store_code, .x = step.out});
      step.operands[1] = static_cast<std::uint32_t>(sweep_.terms.size());
    }
    sweep_.steps.push_back(step);
    store_groups_that_end_at(id);
    const bool is_pinned = pinned_until_[id] != none && pinned_until_[id] > id;
    if (last_use_[id] == id && !is_pinned) free_slot_of(id);
  }

  void store_groups_that_end_at(Id id) {
    const auto groups = groups_.find(id);
    if (groups == groups_.end()) return;
    for (const std::vector<std::uint32_t>& group : groups->second) {
      Store store{.after = sweep_.steps.size(), .first = static_cast<std::uint32_t>(sweep_.stored.size())};
      for (const std::uint32_t k : group) {
        sweep_.stored.push_back({.output = k, .slot = places_.of(code_.outputs[k])});
      }
      store.end = static_cast<std::uint32_t>(sweep_.stored.size());
      sweep_.stores.push_back(store);
    }
    for (const std::vector<std::uint32_t>& group : groups->second) {
      for (const std::uint32_t k : group) {
        const Id output = code_.outputs[k];
        if (output != id && pinned_until_[output] == id && last_use_[output] <= id) free_slot_of(output);
      }
    }
  }

  void release(Id operand, Id user) {
    if (!varies(operand) || last_use_[operand] != user) return;
    if (pinned_until_[operand] == none || pinned_until_[operand] < user) free_slot_of(operand);
  }
  void free_slot_of(Id id) {
    last_use_[id] = none;  // an operand may stand twice in one instruction, and an output in one group
    free_.push_back(places_.of(id));
  }

  const Code& code_;
  Places& places_;
  std::vector<Id>& last_use_;
  std::vector<Id>& pinned_until_;        ///< outputs: when the last group that they are in is stored
  std::unordered_map<Id, Id> total_of_;  ///< of a sum of products: the total that is all it is for
  std::unordered_map<Id, std::vector<std::vector<std::uint32_t>>> groups_;  ///< of outputs, by the last one
  std::unordered_map<std::uint64_t, std::size_t> totals_where_;
  std::vector<std::uint32_t> free_;
  Sweep sweep_;
};

class Scheduler {
 public:
  explicit Scheduler(const Code& code) : code_(code), places_(code, result_) {}

  Schedule run() {
    find_needed_and_depths();
    sort_work();
    last_use_.assign(code_.size(), none);
    pinned_until_.assign(code_.size(), none);
    reached_by_.assign(code_.size(), 0);
    for (std::size_t phase = 0; phase < result_.phases.size(); ++phase) {
      for (const Id id : once_[phase]) {
        Step step = places_.step_of(id);
        step.out = places_.place_in_list(id);
        result_.phases[phase].once.push_back(step);
      }
      for (const auto& [loop, roots] : roots_[phase]) make_sweep(phase, loop, roots);
    }
    for (const Id output : code_.outputs) result_.outputs.push_back(places_.place(output));
    return std::move(result_);
  }

 private:
  /// What a sweep is for.
  struct Roots {
    std::vector<Id> totals;
    std::vector<std::uint32_t> outputs;
  };

  /// depth_[id]: how many sums over rounds, one needing the other, must be known first.
  void find_needed_and_depths() {
    depth_.assign(code_.size(), 0);
    std::uint32_t deepest = 0;
    for (Id id = 0; id < code_.size(); ++id) {
      std::uint32_t& depth = depth_[id];
      for_each_operand(code_, code_.instructions[id],
                       [&](Id operand) { depth = std::max(depth, depth_[operand]); });
      if (is_sum_of_rounds(code_, id)) ++depth;
      deepest = std::max(deepest, depth);
    }
    needed_.assign(code_.size(), 0);
    for (const Id output : code_.outputs) needed_[output] = 1;
    for (std::size_t id = code_.size(); id-- > 0;) {
      if (needed_[id] == 0) continue;
      for_each_operand(code_, code_.instructions[id], [this](Id operand) { needed_[operand] = 1; });
    }
    result_.phases.resize(deepest + 1);
    once_.resize(deepest + 1);
    roots_.resize(deepest + 1);
  }

  void sort_work() {
    for (Id id = 0; id < code_.size(); ++id) {
      if (needed_[id] == 0 || code_.varying[id] != 0) continue;
      if (!is_sum_of_rounds(code_, id)) {
        once_[depth_[id]].push_back(id);
        continue;
      }
      const LoopNumber loop = code_.loop_of_total(code_.instructions[id]);
      roots_[depth_[id] - 1][loop].totals.push_back(id);
    }
    for (std::uint32_t k = 0; k < code_.outputs.size(); ++k) {
      const Id id = code_.outputs[k];
      if (code_.varying[id] != 0) roots_[depth_[id]][code_.varying[id]].outputs.push_back(k);
    }
  }

  void make_sweep(std::size_t phase, LoopNumber loop, const Roots& roots) {
    ++sweeps_;
    std::vector<Id> members;
    const auto reach = [&](Id id) {
      if (code_.varying[id] == 0 || reached_by_[id] == sweeps_) return;
      reached_by_[id] = sweeps_;
      members.push_back(id);
    };
    for (const Id total : roots.totals) for_each_operand(code_, code_.instructions[total], reach);
    for (const std::uint32_t k : roots.outputs) reach(code_.outputs[k]);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const Instruction x = code_.instructions[members[i]];
      for_each_operand(code_, x, reach);
    }
    std::ranges::sort(members);
    result_.phases[phase].sweeps.push_back(SweepScheduler(code_, places_, last_use_, pinned_until_)
                                               .run(loop, members, roots.totals, roots.outputs));
  }

  const Code& code_;
  Schedule result_;
  Places places_;
  std::vector<std::uint32_t> depth_;
  std::vector<std::uint8_t> needed_;
  std::vector<std::vector<Id>> once_;               ///< by phase
  std::vector<std::map<LoopNumber, Roots>> roots_;  ///< by phase
  std::vector<Id> last_use_, pinned_until_;
  std::vector<std::uint32_t> reached_by_;  ///< the latest sweep that needs the result
  std::uint32_t sweeps_ = 0;
};

}  // namespace

Schedule make_schedule(const Code& code) { return Scheduler(code).run(); }

}  // namespace micrograd::compiler
