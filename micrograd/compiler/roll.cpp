// Loops are looked for in the outermost sums first; where these give none, in what they are made of. Then the
// program is copied, and each loop is written where its sum was complete.
#include <micrograd/compiler/roll.hpp>

#include <algorithm>
#include <limits>
#include <span>

#include <micrograd/compiler/align.hpp>
#include <micrograd/compiler/find_cones.hpp>
#include <micrograd/compiler/write_loop.hpp>

namespace micrograd::compiler {
namespace {

/// Each search but the last knows more of what makes no loop.
constexpr int most_searches = 4;
constexpr std::size_t most_loops = std::numeric_limits<LoopNumber>::max() - first_found_loop;

/// A sum and the loops that it becomes.
struct Rolled {
  const Spine* spine = nullptr;
  std::vector<Rounds> loops;
};

class Roller {
 public:
  explicit Roller(const Code& before) : before_(before) {}

  std::optional<Code> run() {
    for (int search = 1; search <= most_searches; ++search) {
      cones_ = find_cones(before_, known_);
      find_loops();
      if (search == most_searches || !look_again()) break;
    }
    if (rolled_.empty() || are_small()) return std::nullopt;
    return write();
  }

 private:
  void find_loops() {
    rolled_.clear();
    in_loop_.assign(cones_.cones.size(), 0);
    std::size_t count = before_.loops.size();
    for (const Spine& spine : cones_.spines) {
      Rolled rolled{.spine = &spine, .loops = align(before_, cones_, spine)};
      std::erase_if(rolled.loops, [&](const Rounds& loop) { return !pays(loop) || ++count > most_loops; });
      if (rolled.loops.empty()) continue;
      for (const Rounds& loop : rolled.loops) {
        for (const std::uint32_t cone : loop.cones) in_loop_[cone] = 1;
      }
      rolled_.push_back(std::move(rolled));
    }
  }

  /// Next to nothing of a long program is in loops. They would keep what they are a part of from going side
  /// by side with others (find_levels.hpp).
  bool are_small() const {
    constexpr std::size_t long_program = 2048;
    constexpr std::size_t least_part = 4;
    std::size_t instructions = 0;
    for (const Rolled& rolled : rolled_) {
      for (const Rounds& loop : rolled.loops) {
        instructions += loop.cones.size() * cones_.nodes_of(loop.cones[0]).size();
      }
    }
    return before_.size() >= long_program && instructions * least_part < before_.size();
  }

  /// What a round takes from outside has to be brought there one by one, so it should be computed with: in a
  /// sum of w[i] * x[i] two results are gathered for one product, and nothing is gained.
  bool pays(const Rounds& loop) const {
    const std::span<const Id> model = cones_.nodes_of(loop.cones[0]);
    std::vector<Id> taken;
    for (std::size_t i = 0; i < model.size(); ++i) {
      const Operands operands = operands_of(before_, before_.instructions[model[i]]);
      for (std::size_t k = 0; k < operands.count; ++k) {
        const Id id = operands.ids[k];
        if (loop.differs[Rounds::most_operands * i + k] == 0 || before_.is_number(id)) continue;
        if (cones_.owner[id] != loop.cones[0]) taken.push_back(id);
      }
    }
    std::ranges::sort(taken);
    const auto repeated = std::ranges::unique(taken);
    return taken.size() - repeated.size() <= model.size();
  }

  /// Notes which cones are in no loop. Whether another search could find one in their place.
  bool look_again() {
    known_.resize(before_.size(), Known::nothing);
    bool again = false;
    for (std::uint32_t c = 0; c < cones_.cones.size(); ++c) {
      if (in_loop_[c] != 0) continue;
      const bool is_one = cones_.cones[c].terms == 1;
      again |= !is_one || cones_.cones[c].holds_sum;
      for (const SpineTerm& term : cones_.terms_of(c)) known_[term.id] = is_one ? Known::free : Known::apart;
    }
    for (const Id id : cones_.sums_outside) {
      again |= known_[id] != Known::free;
      known_[id] = Known::free;
    }
    return again;
  }

  Code write() {
    Code after;
    after.loops = before_.loops;
    Moved moved(before_, after);
    LoopWriter writer(before_, after, cones_, moved);
    std::vector<std::uint8_t> is_gone(before_.size(), 0);
    std::size_t gone = 0;
    for (const Rolled& rolled : rolled_) {
      const auto of_spine = std::span(cones_.spine_instructions)
                                .subspan(rolled.spine->first_instruction, rolled.spine->instructions);
      for (const Id id : of_spine) is_gone[id] = 1;
      gone += of_spine.size();
      for (const Rounds& loop : rolled.loops) {
        for (const std::uint32_t cone : loop.cones) {
          for (const Id id : cones_.nodes_of(cone)) is_gone[id] = 1;
          gone += cones_.cones[cone].nodes;
        }
      }
    }
    after.reserve(before_.size() - gone);
    auto next = rolled_.rbegin();  // in the order of the program
    for (Id id = 0; id < before_.size(); ++id) {
      if (next != rolled_.rend() && id == next->spine->top) {
        moved.put(id, write_sum(*next++, after, moved, writer));
      } else if (is_gone[id] == 0 && !before_.is_number(id)) {
        moved.copy(id);
      }
    }
    for (const Id output : before_.outputs) after.outputs.push_back(moved(output));
    for (const Guard& guard : before_.guards) {
      after.guards.push_back({.comparison = moved(guard.comparison), .truth = guard.truth});
    }
    after.indices = before_.indices;
    moved.keep_labels();
    return after;
  }

  /// The terms that are in no loop, and then the loops.
  Id write_sum(const Rolled& rolled, Code& after, Moved& moved, LoopWriter& writer) const {
    std::vector<LoopTotal> parts;
    const Spine& spine = *rolled.spine;
    for (const SpineTerm& term : std::span(cones_.terms).subspan(spine.first_term, spine.terms)) {
      const std::uint32_t owner = cones_.owner[term.id];
      if (owner < Cones::in_a_spine && in_loop_[owner] != 0) continue;
      if (before_.is_number(term.id) && before_.number(term.id) == 0) continue;  // what the sum began with
      parts.push_back({.id = moved(term.id), .minus = term.minus});
    }
    for (const Rounds& loop : rolled.loops) parts.push_back(writer.write(loop));
    const auto first = std::ranges::find(parts, false, &LoopTotal::minus);
    if (first == parts.end()) {
      parts[0].id = after.append({.op = code<Negate>, .a = parts[0].id});
      parts[0].minus = false;
    } else {
      std::rotate(parts.begin(), first, first + 1);
    }
    Id sum = parts[0].id;
    for (const LoopTotal& part : std::span(parts).subspan(1)) {
      sum = after.append({.op = part.minus ? code<Subtract> : code<Add>, .a = sum, .b = part.id});
    }
    return sum;
  }

  template <class Op> static constexpr OpCode code = static_cast<OpCode>(micrograd::code<Op>);

  const Code& before_;
  std::vector<Known> known_;
  Cones cones_;
  std::vector<Rolled> rolled_;
  std::vector<std::uint8_t> in_loop_;  ///< of each cone
};

}  // namespace

std::optional<Code> find_loops(const Code& code) { return Roller(code).run(); }

Code roll(const Code& code) { return find_loops(code).value_or(code); }

}  // namespace micrograd::compiler
