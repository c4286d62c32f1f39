// Results are sorted by how many sums over a whole loop must be known before them; then slots are given out
// in order of the instructions and taken back after the last use.
#include <micrograd/compiler/schedule.hpp>

#include <algorithm>
#include <map>

#include <micrograd/compiler/place_sweep.hpp>
#include <micrograd/compiler/place_vectors.hpp>

namespace micrograd::compiler {
namespace {

bool is_sum_of_rounds(const Code& code, Id id) {
  const Instruction& x = code.instructions[id];
  if (x.op == special::total) return code.varying[x.a] != 0;
  return x.op == special::total_where && (code.varying[x.a] != 0 || code.varying[x.b] != 0);
}

class Scheduler {
 public:
  Scheduler(const Code& code, bool side_by_side)
      : code_(code), side_by_side_(side_by_side), places_(code, result_) {}

  Schedule run() {
    find_needed_and_depths();
    sort_work();
    reached_by_.assign(code_.size(), 0);
    for (std::size_t phase = 0; phase < result_.phases.size(); ++phase) {
      place_once(result_.phases[phase], once_[phase]);
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

  void place_once(Phase& phase, std::span<const Id> ids) {
    if (side_by_side_ && goes_side_by_side(code_, ids)) {
      level_.resize(code_.size());
      return place_vectors(code_, places_, ids, level_, result_, phase);
    }
    for (const Id id : ids) {
      Step step = places_.step_of(id);
      step.out = places_.place_in_list(id);
      phase.once.push_back(step);
    }
  }

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
    std::size_t next = 0;
    while (next < members.size()) for_each_operand(code_, code_.instructions[members[next++]], reach);
    put_in_order(members);
    result_.phases[phase].sweeps.push_back(
        place_sweep(code_, places_,
                    {.loop = loop, .members = members, .totals = roots.totals, .outputs = roots.outputs}));
  }

  /// Of the latest sweep. Where they lie close together, they are read off the marks.
  void put_in_order(std::vector<Id>& members) const {
    if (members.empty()) return;
    const auto [least, most] = std::ranges::minmax(members);
    if ((most - least) / 8 > members.size()) {
      std::ranges::sort(members);
      return;
    }
    members.clear();
    for (Id id = least; id <= most; ++id) {
      if (reached_by_[id] == sweeps_) members.push_back(id);
    }
  }

  const Code& code_;
  const bool side_by_side_;
  Schedule result_;
  Places places_;
  std::vector<std::uint32_t> depth_;
  std::vector<std::uint32_t> level_;  ///< all 0
  std::vector<std::uint8_t> needed_;
  std::vector<std::vector<Id>> once_;               ///< by phase
  std::vector<std::map<LoopNumber, Roots>> roots_;  ///< by phase
  std::vector<std::uint32_t> reached_by_;           ///< the latest sweep that needs the result
  std::uint32_t sweeps_ = 0;
};

}  // namespace

Schedule make_schedule(const Code& code, bool side_by_side) { return Scheduler(code, side_by_side).run(); }

}  // namespace micrograd::compiler
