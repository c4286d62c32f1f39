// The chain rule, from the last instruction to the first. What a row's partials are, the table says; a
// Reference turns them into instructions.
#include <micrograd/compiler/differentiate.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>

#include <micrograd/compiler/reference.hpp>
#include <micrograd/compiler/trace.hpp>

namespace micrograd::compiler {
namespace {

/// Contributions to one result's adjoint, those that vary from round to round (of one loop) apart from those
/// that do not.
///
/// A result that only the side of a select leads to is not reached in rounds that take the other side. Eager
/// code does not visit it there, so it must not multiply its adjoint, which is 0, with a partial that may be
/// infinite or NaN. `reached_…` say in which rounds it is (0 where not), unless it is everywhere.
struct Adjoint {
  Id uniform = none;
  Id varying = none;
  Id reached_by_uniform = none;
  Id reached_by_varying = none;
  bool everywhere = false;
};

class Reverse {
 public:
  Reverse(Code& code, std::span<const Id> wanted)
      : code_(code), adjoints_(code.size()), leads_(code.size(), 0) {
    for (const Id id : wanted) leads_[id] = 1;
    for (Id id = 0; id < code_.size(); ++id) {
      for_each_operand(code_, code_.instructions[id], [&](Id operand) { leads_[id] |= leads_[operand]; });
    }
  }

  void seed(Id output, Id seed) { add(output, seed, none); }

  void run() {
    for (std::size_t id = adjoints_.size(); id-- > 0;) {
      if (leads_[id] == 0) continue;
      const Id adjoint = adjoint_of(static_cast<Id>(id));
      if (adjoint == none) continue;
      reached_ = reached(static_cast<Id>(id));
      loop_ = code_.varying[id];
      visit(static_cast<Id>(id), adjoint);
    }
  }

  /// The sum of all contributions; none if there were none.
  Id adjoint_of(Id id) {
    Adjoint& adjoint = adjoints_[id];
    if (adjoint.varying != none && code_.varying[id] == 0) {
      // What is one number for all rounds is moved by every round.
      accumulate(adjoint.uniform, total(adjoint.varying));
      adjoint.varying = none;
    }
    if (adjoint.varying == none) return adjoint.uniform;
    if (adjoint.uniform != none) accumulate(adjoint.varying, std::exchange(adjoint.uniform, none));
    return adjoint.varying;
  }

  /// Adds to the adjoint of `id`, if anything wanted lies below it, in the rounds that reach the result under
  /// way.
  void add(Id id, Id contribution) { add(id, contribution, reached_); }
  /// The same with a product, which is nothing in rounds that do not reach the result under way.
  void add_product(Id id, Id product) {
    if (leads_[id] == 0) return;
    add(id, reached_ == none ? product : choose(reached_, product, code_.literal(0)));
  }

  Code& code() { return code_; }
  [[nodiscard]] bool leads(Id id) const { return leads_[id] != 0; }

 private:
  void accumulate(Id& sum, Id contribution) {
    sum =
        sum == none ? contribution : code_.append({.op = micrograd::code<Add>, .a = sum, .b = contribution});
  }

  void add(Id id, Id contribution, Id rounds) {
    if (leads_[id] == 0) return;
    Adjoint& adjoint = adjoints_[id];
    const bool varies = code_.varying[contribution] != 0;
    if (loop_ != 0 && !varies && code_.varying[id] == 0) contribution = total(contribution, loop_);
    if (varies && is_of_another_loop(adjoint.varying, contribution)) {
      accumulate(adjoint.uniform, total(std::exchange(adjoint.varying, none)));
    }
    accumulate(varies ? adjoint.varying : adjoint.uniform, contribution);
    if (rounds == none) adjoint.everywhere = true;
    if (adjoint.everywhere) return;
    if (code_.varying[rounds] == 0) {
      adjoint.reached_by_uniform = either(rounds, adjoint.reached_by_uniform);
      adjoint.everywhere = adjoint.reached_by_uniform == always;
      return;
    }
    if (is_of_another_loop(adjoint.reached_by_varying, rounds)) {
      const Id any = any_of(std::exchange(adjoint.reached_by_varying, none));
      adjoint.reached_by_uniform = either(any, adjoint.reached_by_uniform);
    }
    adjoint.reached_by_varying = either(rounds, adjoint.reached_by_varying);
    adjoint.everywhere = adjoint.reached_by_varying == always;
  }

  [[nodiscard]] bool is_of_another_loop(Id known, Id varying) const {
    return known != none && code_.varying[known] != code_.varying[varying];
  }

  /// Adds to the adjoint of `id`, which is one number for all rounds, what those with this number in `index`
  /// give. `is_met`: it is known that there are some.
  void add_where(Id id, Id index, std::size_t number, Id contribution, bool is_met = false) {
    if (leads_[id] == 0) return;
    Adjoint& adjoint = adjoints_[id];
    accumulate(adjoint.uniform, total_where(contribution, index, number));
    adjoint.everywhere |= is_met && reached_ == none;
    if (adjoint.everywhere) return;
    const Id rounds = total_where(reached_ == none ? code_.literal(1) : reached_, index, number);
    const Id any = code_.append({.op = special::greater, .a = rounds, .b = code_.literal(0)});
    adjoint.reached_by_uniform = either(any, adjoint.reached_by_uniform);
  }

  /// Adds to the adjoint of `id` in the rounds with this number in `index` only. `possible`: 1 for the
  /// numbers that there may be; empty if that is not known.
  void add_if(Id id, Id index, std::size_t number, Id contribution,
              std::span<const std::uint8_t> possible = {}) {
    if (leads_[id] == 0) return;
    const Id zero = code_.literal(0);
    const Id is_it =
        code_.append({.op = special::equal, .a = index, .b = code_.literal(static_cast<double>(number))});
    if (reached_ == none && !possible.empty()) {
      Cases cases{.index = index, .left = {possible.begin(), possible.end()}};
      cases.left[number] = 0;
      cases_.emplace(is_it, std::move(cases));
    }
    add(id, choose(is_it, contribution, zero), reached_ == none ? is_it : choose(is_it, reached_, zero));
  }

  /// In which rounds the result is reached, none for all; what is one number for all of them is if one
  /// reaches it.
  Id reached(Id id) {
    const Adjoint& adjoint = adjoints_[id];
    if (adjoint.everywhere) return none;
    Id rounds = adjoint.reached_by_varying;
    if (rounds != none && code_.varying[id] == 0) rounds = any_of(rounds);
    return either(adjoint.reached_by_uniform, rounds);
  }

  Id any_of(Id rounds) {
    return code_.append({.op = special::greater, .a = total(rounds), .b = code_.literal(0)});
  }

  /// `always` if the two together are all rounds.
  Id either(Id x, Id y) {
    if (x == none || x == y) return y;
    if (y == none) return x;
    const auto cases = cases_.find(x), others = cases_.find(y);
    if (cases == cases_.end() || others == cases_.end() || cases->second.index != others->second.index) {
      return choose(x, code_.literal(1), y);
    }
    Cases both = cases->second;
    for (std::size_t k = 0; k < both.left.size(); ++k) both.left[k] &= others->second.left[k];
    if (std::ranges::count(both.left, 1) == 0) return always;
    const Id rounds = choose(x, code_.literal(1), y);
    cases_.emplace(rounds, std::move(both));
    return rounds;
  }
  /// Over the loop of x, or else over this one, or else over the rows.
  Id total(Id x, LoopNumber loop = 0) { return code_.append({.op = special::total, .a = x, .b = loop}); }
  Id total_where(Id x, Id index, std::size_t number) {
    return code_.append({.op = special::total_where, .a = x, .b = index, .c = static_cast<Id>(number)});
  }
  Id choose(Id condition, Id x, Id y) {
    return code_.append({.op = special::select, .a = condition, .b = x, .c = y});
  }

  void visit(Id id, Id adjoint);
  void visit_select(const Instruction& instruction, Id adjoint);
  void visit_call(Id id, Id adjoint);
  void visit_pick(const Instruction& instruction, Id adjoint);
  void visit_total_where(const Instruction& instruction, Id adjoint);
  void visit_extreme(const Instruction& instruction, Id adjoint);

  /// Rounds that are those with some numbers in `index`.
  struct Cases {
    Id index = none;
    std::vector<std::uint8_t> left;  ///< 1 for the other numbers that there may be
  };
  static constexpr Id always = none - 1;

  Code& code_;
  std::vector<Adjoint> adjoints_;
  std::unordered_map<Id, Cases> cases_;
  std::vector<std::uint8_t> leads_;  ///< 1 where something wanted is below
  Id reached_ = none;                ///< in which rounds the result under way is; none: in all
  LoopNumber loop_ = 0;  ///< of the result under way; its share of what does not vary is of every round
};

/// Adds g times a partial, which rows give as a plain 1 or -1 where it is that.
void add_times(Reverse& reverse, Id operand, const Reference& g, const Reference& partial) {
  Code& code = reverse.code();
  if (partial.is_plain() && partial.number() == 1) return reverse.add(operand, g.in(code));
  if (partial.is_plain() && partial.number() == -1) return reverse.add(operand, (-g).in(code));
  reverse.add_product(operand, (g * partial).in(code));
}

/// Operand `I` of a row: where the row wants a plain number, the literal that it is.
template <class Op, std::size_t I> auto operand_for(Code& code, Id id) {
  if constexpr (std::is_same_v<Operand<Op, I, Reference>, double>) {
    return code.number(id);
  } else {
    return Reference(code, id);
  }
}

template <class Op> void push_partials(Reverse& reverse, Id id, Id adjoint) {
  Code& code = reverse.code();
  const Instruction instruction = code.instructions[id];
  const std::array<Id, 3> operands{instruction.a, instruction.b, instruction.c};
  const Reference g(code, adjoint);
  const Reference result(code, id);
  [&]<std::size_t... I>(std::index_sequence<I...> /*operands*/) {
    const auto push = [&]<std::size_t i>() {
      if constexpr (!Op::info.flat[i]) {
        if (!reverse.leads(operands[i])) return;
        const Reference by = partial<Op, i, Reference>(operand_for<Op, I>(code, operands[I])..., result);
        add_times(reverse, operands[i], g, by);
      }
    };
    (push.template operator()<I>(), ...);
  }(std::make_index_sequence<arity<Op>>());
}

using Push = void (*)(Reverse& reverse, Id id, Id adjoint);

constexpr auto pushes = [] {
  std::array<Push, Ops::size> list{};
  for_each_op([&list]<class Op>() { list[code<Op>] = push_partials<Op>; });
  return list;
}();

void Reverse::visit(Id id, Id adjoint) {
  const Instruction instruction = code_.instructions[id];
  if (instruction.op == micrograd::code<Multiply> && instruction.a == instruction.b) {
    // One contribution in place of two that are the same; twice the adjoint is often known.
    const Reference twice = 2 * Reference(code_, adjoint);
    add_product(instruction.a, (twice * Reference(code_, instruction.a)).in(code_));
  } else if (instruction.op < Ops::size) {
    pushes[instruction.op](*this, id, adjoint);
  } else if (instruction.op == special::select) {
    visit_select(instruction, adjoint);
  } else if (instruction.op == special::total) {
    const bool varies = code_.varying[instruction.a] != 0;
    add(instruction.a, varies ? adjoint : total(adjoint, code_.loop_of_total(instruction)));
  } else if (instruction.op == special::total_where) {
    visit_total_where(instruction, adjoint);
  } else if (instruction.op == special::user) {
    visit_call(id, adjoint);
  } else if (instruction.op == special::pick) {
    visit_pick(instruction, adjoint);
  } else if (instruction.op == special::greatest || instruction.op == special::least) {
    visit_extreme(instruction, adjoint);
  }
}

/// The side not taken gets a plain 0 and counts as not reached: a NaN on that side cannot leak.
void Reverse::visit_select(const Instruction& instruction, Id adjoint) {
  const Id condition = instruction.a;
  const Id zero = code_.literal(0);
  const Id rounds = reached_ == none ? code_.literal(1) : reached_;
  if (leads(instruction.b)) {
    add(instruction.b, choose(condition, adjoint, zero), choose(condition, rounds, zero));
  }
  if (leads(instruction.c)) {
    add(instruction.c, choose(condition, zero, adjoint), choose(condition, zero, rounds));
  }
}

/// A value that was not picked counts as not reached. A list may hold one several times.
void Reverse::visit_pick(const Instruction& instruction, Id adjoint) {
  const std::vector<Id> list = code_.lists[instruction.a];
  const Instruction index = code_.instructions[instruction.b];
  std::vector<std::uint8_t> possible;
  if (index.op == special::column) {
    possible.resize(list.size(), 0);
    for (const double number : code_.columns[index.a]) {
      if (is_allowed({.size = list.size()}, number)) possible[static_cast<std::size_t>(number)] = 1;
    }
  }
  const bool is_met = !possible.empty();
  if (index.op == special::input) {
    const auto known = std::ranges::find(code_.indices, index.a, &IndexColumn::column);
    if (known != code_.indices.end() && known->size <= list.size()) {
      possible.assign(list.size(), 0);
      std::fill_n(possible.begin(), known->size, 1);
    }
  }
  for (Id k = 0; k < list.size(); ++k) {
    if (loop_ != 0 && code_.varying[list[k]] == 0) {
      add_where(list[k], instruction.b, k, adjoint, is_met && possible[k] != 0);
    } else {
      add_if(list[k], instruction.b, k, adjoint, possible);
    }
  }
}

void Reverse::visit_total_where(const Instruction& instruction, Id adjoint) {
  if (code_.varying[instruction.a] != 0) {
    add_if(instruction.a, instruction.b, instruction.c, adjoint);
  } else if (code_.varying[instruction.b] != 0) {
    add_where(instruction.a, instruction.b, instruction.c, adjoint);
  } else {
    add_if(instruction.a, instruction.b, instruction.c, total(adjoint));
  }
}

/// All of it goes to the one that is taken; the others get theirs times 0, as from a chain of max.
void Reverse::visit_extreme(const Instruction& instruction, Id adjoint) {
  const std::vector<Id> list = code_.lists[instruction.a];
  const Id which = code_.append({.op = special::which, .a = instruction.a, .b = instruction.op});
  for (Id k = 0; k < list.size(); ++k) {
    if (!leads(list[k])) continue;
    const Id is_it = code_.append({.op = special::is_place, .a = which, .b = k});
    add_product(list[k], code_.append({.op = micrograd::code<Multiply>, .a = adjoint, .b = is_it}));
  }
}

/// A user's row states its partials as functions of Values: recorded once, their graph becomes instructions.
void Reverse::visit_call(Id id, Id adjoint) {
  const Call call = code_.calls[code_.instructions[id].a];
  std::vector<Id> known(call.operands);
  known.push_back(id);
  for (std::size_t i = 0; i < call.operands.size(); ++i) {
    if (call.rule->flat[i] || !leads(call.operands[i])) continue;
    const Id place = append_run(code_, call.name, known, [&](std::span<const Value> values) {
      return call.rule->partial_value(values.first(call.operands.size()), values.back(), i);
    });
    add_product(call.operands[i], code_.append({.op = micrograd::code<Multiply>, .a = adjoint, .b = place}));
  }
}

}  // namespace

std::vector<Id> differentiate(Code& code, std::span<const Id> outputs, std::span<const Id> seeds,
                              std::span<const Id> wanted) {
  Reverse reverse(code, wanted);
  for (std::size_t k = 0; k < outputs.size(); ++k) reverse.seed(outputs[k], seeds[k]);
  reverse.run();
  std::vector<Id> gradients;
  for (const Id id : wanted) {
    const Id adjoint = reverse.adjoint_of(id);
    gradients.push_back(adjoint == none ? code.literal(0) : adjoint);
  }
  return gradients;
}

}  // namespace micrograd::compiler
