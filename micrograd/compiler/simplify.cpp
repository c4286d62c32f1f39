// One walk back, to see what is needed; one in order, copying what is new into another program; and both
// again, because what became known along the way may have left other things without use.
#include <micrograd/compiler/simplify.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <micrograd/compiler/known_instructions.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

/// 1 for what outputs and guards need.
std::vector<std::uint8_t> mark_needed(const Code& code) {
  std::vector<std::uint8_t> needed(code.size(), 0);
  for (const Id output : code.outputs) needed[output] = 1;
  for (const Guard& guard : code.guards) needed[guard.comparison] = 1;
  for (std::size_t id = code.size(); id-- > 0;) {
    if (needed[id] == 0) continue;
    for_each_operand(code, code.instructions[id], [&needed](Id operand) { needed[operand] = 1; });
  }
  return needed;
}

Code without_dead(Code& code) {
  const std::vector<std::uint8_t> needed = mark_needed(code);
  if (std::ranges::count(needed, 0) == 0) return std::move(code);
  Code kept;
  kept.loops = code.loops;
  kept.reserve(code.size());
  kept.is_for_one_row = code.is_for_one_row;
  std::vector<Id> place(code.size(), none);
  for (Id id = 0; id < code.size(); ++id) {
    if (needed[id] == 0) continue;
    place[id] = kept.append_from(code, id, place);
    const auto label = code.labels.find(id);
    if (label != code.labels.end()) kept.labels.emplace(place[id], label->second);
  }
  for (const Id output : code.outputs) kept.outputs.push_back(place[output]);
  for (const Guard& guard : code.guards) {
    kept.guards.push_back({.comparison = place[guard.comparison], .truth = guard.truth});
  }
  kept.indices = std::move(code.indices);
  return kept;
}

class Simplifier {
 public:
  Simplifier(const Code& before, const SimplifyOptions& options)
      : before_(before), options_(options), known_(options.merge_common ? before.size() : 0) {}

  Code run() {
    if (options_.drop_dead) {
      needed_ = mark_needed(before_);
    } else {
      needed_.assign(before_.size(), 1);
    }
    place_.assign(before_.size(), none);
    after_.loops = before_.loops;
    after_.is_for_one_row = before_.is_for_one_row;
    after_.reserve(before_.size());
    for (Id id = 0; id < before_.size(); ++id) {
      if (needed_[id] == 0) continue;
      place_[id] = place(after_.taken_from(before_, before_.instructions[id], place_));
    }
    after_.take_labels(before_, place_);
    for (const Id output : before_.outputs) after_.outputs.push_back(place_[output]);
    for (const Guard& guard : before_.guards) keep_guard(guard);
    after_.indices = before_.indices;
    return options_.drop_dead && has_settled_ ? without_dead(after_) : std::move(after_);
  }

 private:
  /// A guard on literals alone was settled when the program was traced.
  void keep_guard(const Guard& guard) {
    const Id comparison = place_[guard.comparison];
    if (known(comparison)) {
      has_settled_ = true;
      return;
    }
    for (const Guard& other : after_.guards) {
      if (other.comparison == comparison && other.truth == guard.truth) return;
    }
    after_.guards.push_back({.comparison = comparison, .truth = guard.truth});
  }

  std::optional<double> known(Id id) const {
    const OpCode op = after_.instructions[id].op;
    if (op == special::literal || (op == special::data && options_.simplify_upon_data))
      return after_.number(id);
    return std::nullopt;
  }

  Id place(const Instruction& instruction) {
    const OpCode op = instruction.op;
    if (op == special::literal || op == special::data) {
      const double number = before_.literals[instruction.a];
      if (op == special::literal || options_.simplify_upon_data) return after_.literal(number);
      after_.literals.push_back(number);
      return after_.append({.op = op, .a = static_cast<Id>(after_.literals.size() - 1)});
    }
    if (options_.fold_constants) {
      if (const auto number = folded(instruction)) {
        has_settled_ = true;
        return after_.literal(*number);
      }
    }
    if (options_.identities) {
      const Id same = identity(instruction);
      if (same != none) {
        has_settled_ = true;
        return same;
      }
    }
    if (!options_.merge_common || op == special::user) return after_.append(instruction);
    Id& slot = known_.slot_of(after_, instruction);
    if (slot == none) slot = after_.append(instruction);
    return slot;
  }

  std::optional<double> folded(const Instruction& instruction) const {
    const OpCode op = instruction.op;
    const bool is_row = op < Ops::size;
    if (!is_row && !is_comparison(op)) return std::nullopt;
    std::array<double, 3> x{};
    std::size_t i = 0;
    bool all_known = true;
    for_each_operand(after_, instruction, [&](Id id) {
      const std::optional<double> number = known(id);
      all_known &= number.has_value();
      x[i++] = number.value_or(0);
    });
    if (!all_known) return std::nullopt;
    if (is_row) return evaluate_row(op, x[0], x[1], x[2]);
    return holds(op, x[0], x[1]) ? 1.0 : 0.0;
  }

  bool is(Id id, double number) const {
    const std::optional<double> value = known(id);
    return value && *value == number && !std::signbit(*value);
  }

  /// What the instruction is known to equal; none if nothing is known.
  Id identity(const Instruction& x) {
    switch (x.op) {
      case code<Multiply>:
        if (is(x.b, 1)) return x.a;
        return is(x.a, 1) ? x.b : none;
      case code<Divide>:
        return is(x.b, 1) ? x.a : none;
      case code<Negate>: {
        const Instruction& inner = after_.instructions[x.a];
        return inner.op == code<Negate> ? inner.a : none;
      }
      case code<PowNumber>:
        if (is(x.b, 1)) return x.a;
        return is(x.b, 2) ? place({.op = code<Multiply>, .a = x.a, .b = x.a}) : none;
      case special::select:
        if (const auto condition = known(x.a)) return *condition != 0 ? x.b : x.c;
        return none;
      case special::pick: {
        const std::vector<Id>& list = after_.lists[x.a];
        const auto index = known(x.b);
        if (!index || !is_allowed({.size = list.size()}, *index)) return none;
        return list[static_cast<std::size_t>(*index)];
      }
      default:
        return none;
    }
  }

  const Code& before_;
  const SimplifyOptions options_;
  Code after_;
  KnownInstructions known_;
  bool has_settled_ = false;  ///< something became known, so that its operands may have lost their use
  std::vector<std::uint8_t> needed_;
  std::vector<Id> place_;
};

}  // namespace

Code simplify(const Code& code, const SimplifyOptions& options) { return Simplifier(code, options).run(); }

Code merge_choices(const Code& code, SimplifyOptions options) {
  if (code.lists.empty() || !options.merge_common) return code;
  options.identities = options.fold_constants = false;
  options.drop_dead = false;  // columns and parameters stay where they are
  return simplify(code, options);
}

}  // namespace micrograd::compiler
