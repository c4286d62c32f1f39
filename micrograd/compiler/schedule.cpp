// Slots are given out in order of the instructions and taken back after the last use.
#include <micrograd/compiler/schedule.hpp>

#include <algorithm>
#include <unordered_map>

#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

class Scheduler {
 public:
  explicit Scheduler(const Code& code) : code_(code) {}

  Schedule run() {
    find_phases();
    find_last_uses();
    result_.place.assign(code_.size(), 0);
    for (Id id = 0; id < code_.size(); ++id) {
      if (code_.varying[id] != 0) {
        place_varying(id);
      } else {
        place_uniform(id);
      }
    }
    result_.slots = std::max<std::size_t>(result_.slots, 1);
    return std::move(result_);
  }

 private:
  /// after_total_[id]: 1 if the result needs a total of all rows.
  void find_phases() {
    after_total_.assign(code_.size(), 0);
    for (Id id = 0; id < code_.size(); ++id) {
      const Instruction& instruction = code_.instructions[id];
      bool after = instruction.op == special::total || instruction.op == special::total_where;
      for_each_operand(code_, instruction, [&](Id operand) { after |= after_total_[operand] != 0; });
      after_total_[id] = after ? 1 : 0;
      if (after && code_.varying[id] != 0) {
        throw UsageError("compile: a result of each row needs a sum over all rows, which is not known then");
      }
    }
  }

  void find_last_uses() {
    last_use_.resize(code_.size());
    for (Id id = 0; id < code_.size(); ++id) {
      last_use_[id] = id;
      for_each_operand(code_, code_.instructions[id], [&](Id operand) { last_use_[operand] = id; });
    }
  }

  Step step_of(Id id) const {
    const Instruction& instruction = code_.instructions[id];
    Step step{
        .id = id, .op = instruction.op, .count = static_cast<std::uint8_t>(operand_count(instruction.op))};
    const std::array<Id, 3> operands{instruction.a, instruction.b, instruction.c};
    for (std::size_t i = 0; i < step.count; ++i) {
      step.operands[i] = result_.place[operands[i]];
      if (code_.varying[operands[i]] == 0) step.uniform |= static_cast<std::uint8_t>(1U << i);
    }
    if (step.count == 0) step.operands[0] = instruction.a;
    return step;
  }

  void place_uniform(Id id) {
    result_.place[id] = static_cast<std::uint32_t>(result_.uniforms++);
    Step step = step_of(id);
    step.out = result_.place[id];
    if (step.op == special::total && code_.varying[code_.instructions[id].a] != 0) {
      result_.rows.push_back(step);  // adds up while the rows go by
      result_.stores.emplace_back();
      release(code_.instructions[id].a, id);
      return;
    }
    if (step.op == special::total_where && step.uniform != 3) {
      place_total_where(step);
      for_each_operand(code_, code_.instructions[id], [&](Id operand) { release(operand, id); });
      return;
    }
    (after_total_[id] != 0 ? result_.after : result_.before).push_back(step);
  }

  /// The first total of a result by an index makes a step for all of them.
  void place_total_where(Step& step) {
    const Instruction& instruction = code_.instructions[step.id];
    const std::uint64_t key = std::uint64_t{instruction.a} << 32U | instruction.b;
    const auto [at, is_new] = totals_where_.try_emplace(key, result_.totals_where.size());
    if (is_new) {
      step.operands[2] = static_cast<std::uint32_t>(at->second);
      result_.totals_where.emplace_back();
      result_.rows.push_back(step);
      result_.stores.emplace_back();
    }
    TotalsWhere& all = result_.totals_where[at->second];
    all.totals.push_back({.id = step.id, .number = instruction.c, .out = step.out});
    all.size = std::max<std::size_t>(all.size, instruction.c + 1);
  }

  void place_varying(Id id) {
    Step step = step_of(id);
    // Operands whose last use this is give up their slots first: a kernel may write over its operands. One
    // that is not a kernel of the table reads all before it writes.
    for_each_operand(code_, code_.instructions[id], [&](Id operand) { release(operand, id); });
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(result_.slots++));
    }
    step.out = free_.back();
    free_.pop_back();
    result_.place[id] = step.out;
    result_.rows.push_back(step);
    std::vector<Store> stores;
    for (std::size_t k = 0; k < code_.outputs.size(); ++k) {
      if (code_.outputs[k] == id)
        stores.push_back({.output = static_cast<std::uint32_t>(k), .slot = step.out});
    }
    result_.stores.push_back(std::move(stores));
    if (last_use_[id] == id) free_.push_back(step.out);
  }

  void release(Id operand, Id user) {
    if (code_.varying[operand] == 0 || last_use_[operand] != user) return;
    last_use_[operand] = none;  // an operand may stand twice in one instruction
    free_.push_back(result_.place[operand]);
  }

  const Code& code_;
  Schedule result_;
  std::vector<std::uint8_t> after_total_;
  std::vector<Id> last_use_;
  std::vector<std::uint32_t> free_;
  std::unordered_map<std::uint64_t, std::size_t> totals_where_;
};

}  // namespace

Schedule make_schedule(const Code& code) { return Scheduler(code).run(); }

}  // namespace micrograd::compiler
