// The first round is written, operand by operand; where rounds differ, all of them are gone through.
#include <micrograd/compiler/write_loop.hpp>

#include <algorithm>

#include <micrograd/compiler/known_instructions.hpp>

namespace micrograd::compiler {

void Moved::copy(Id id) {
  const Instruction& x = from_.instructions[id];
  for_each_operand(from_, x, [this](Id operand) { (*this)(operand); });
  place_[id] = to_.append(to_.taken_from(from_, x, place_));
}

Id Moved::move_number(Id id) {
  const double number = from_.number(id);
  if (from_.instructions[id].op == special::literal) return place_[id] = to_.literal(number);
  to_.literals.push_back(number);
  return place_[id] = to_.append({.op = special::data, .a = static_cast<Id>(to_.literals.size() - 1)});
}

/// A loop on its way.
class LoopWriter::Body {
 public:
  Body(LoopWriter& writer, const Rounds& rounds)
      : from_(writer.from_),
        to_(writer.to_),
        cones_(writer.cones_),
        moved_(writer.moved_),
        in_list_(writer.in_list_),
        rounds_(rounds),
        model_(cones_.nodes_of(rounds.cones[0])),
        loop_(static_cast<LoopNumber>(first_found_loop + to_.loops.size())),
        known_(model_.size() + 2 * static_cast<std::size_t>(std::ranges::count(rounds.differs, 1)) +
               cones_.terms_of(rounds.cones[0]).size()) {
    to_.loops.push_back({.rounds = rounds.cones.size()});
  }

  LoopTotal write() {
    for (std::size_t i = 0; i < model_.size(); ++i) moved_.put(model_[i], write_instruction(i));
    Id sum = none;
    const std::span<const SpineTerm> terms = cones_.terms_of(rounds_.cones[0]);
    const auto is_ours = [this](const SpineTerm& term) { return cones_.owner[term.id] == rounds_.cones[0]; };
    const bool all_minus =
        std::ranges::all_of(terms, [&](const SpineTerm& term) { return term.minus || !is_ours(term); });
    for (const bool minus : {all_minus, !all_minus}) {
      for (const SpineTerm& term : terms) {
        if (!is_ours(term) || term.minus != minus) continue;
        const OpCode op = minus == all_minus ? code<Add> : code<Subtract>;
        sum = sum == none ? moved_(term.id) : known({.op = op, .a = sum, .b = moved_(term.id)});
      }
    }
    return {.id = to_.append({.op = special::total, .a = sum, .b = loop_}), .minus = all_minus};
  }

 private:
  template <class Op> static constexpr OpCode code = static_cast<OpCode>(micrograd::code<Op>);

  Id known(const Instruction& instruction) {
    Id& slot = known_.slot_of(to_, instruction);
    if (slot == none) slot = to_.append(instruction);
    return slot;
  }

  Id write_instruction(std::size_t i) {
    Instruction x = from_.instructions[model_[i]];
    const Operands before = operands_of(from_, x);
    std::array<Id, Rounds::most_operands> ids{};
    for (std::size_t k = 0; k < before.count; ++k) {
      const bool differs = rounds_.differs[Rounds::most_operands * i + k] != 0;
      ids[k] = differs ? write_operand(i, k) : moved_(before.ids[k]);
    }
    if (x.op == special::user) {
      Call call = from_.calls[x.a];
      std::copy_n(ids.begin(), call.operands.size(), call.operands.begin());
      to_.calls.push_back(std::move(call));
      x.a = static_cast<Id>(to_.calls.size() - 1);
      return to_.append(x);
    }
    return known({.op = x.op, .a = ids[0], .b = ids[1], .c = ids[2]});
  }

  Id operand_of(std::uint32_t cone, std::size_t i, std::size_t k) const {
    return operands_of(from_, from_.instructions[cones_.nodes_of(cone)[i]]).ids[k];
  }

  /// An operand that differs from round to round.
  Id write_operand(std::size_t i, std::size_t k) {
    std::vector<double> column;
    column.reserve(rounds_.cones.size());
    const Id first = operand_of(rounds_.cones[0], i, k);
    if (from_.is_number(first)) {
      for (const std::uint32_t cone : rounds_.cones) column.push_back(from_.number(operand_of(cone, i, k)));
      return write_column(std::move(column));
    }
    const bool is_of_round = cones_.owner[first] == rounds_.cones[0];
    in_list_.resize(from_.size(), none);
    std::vector<Id> list;
    for (const std::uint32_t cone : rounds_.cones) {
      Id id = operand_of(cone, i, k);
      if (is_of_round) id = model_[cones_.position[id]];
      if (in_list_[id] == none) {
        in_list_[id] = static_cast<std::uint32_t>(list.size());
        list.push_back(id);
      }
      column.push_back(in_list_[id]);
    }
    for (Id& id : list) {
      in_list_[id] = none;
      id = moved_(id);
    }
    const Id index = write_column(std::move(column));
    return known({.op = special::pick, .a = to_.list(std::move(list)), .b = index});
  }

  Id write_column(std::vector<double> numbers) {
    return known({.op = special::column, .a = to_.column(std::move(numbers)), .b = loop_});
  }

  const Code& from_;
  Code& to_;
  const Cones& cones_;
  Moved& moved_;
  std::vector<std::uint32_t>& in_list_;
  const Rounds& rounds_;
  std::span<const Id> model_;
  LoopNumber loop_;
  KnownInstructions known_;
};

LoopTotal LoopWriter::write(const Rounds& rounds) { return Body(*this, rounds).write(); }

}  // namespace micrograd::compiler
