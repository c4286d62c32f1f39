// max(max(max(a, b), c), d): each result is the first operand of the next. Uses are counted, then the program
// is copied without the links.
#include <micrograd/compiler/join_extremes.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace micrograd::compiler {
namespace {

/// Of fewer a chain is as good.
constexpr std::size_t least_operands = 3;

class Joiner {
 public:
  explicit Joiner(const Code& before) : before_(before), used_(before.size(), 0), length_(before.size(), 0) {}

  std::optional<Code> run() {
    find_chains();
    if (!found_any_) return std::nullopt;
    Code after;
    after.is_for_one_row = before_.is_for_one_row;
    after.loops = before_.loops;
    after.reserve(before_.size());
    std::vector<Id> place(before_.size(), none);
    for (Id id = 0; id < before_.size(); ++id) {
      if (is_link(id)) continue;
      place[id] = is_end(id) ? after.append(joined(id, after, place)) : after.append_from(before_, id, place);
    }
    after.take_labels(before_, place);
    for (const Id output : before_.outputs) after.outputs.push_back(place[output]);
    for (const Guard& guard : before_.guards) {
      after.guards.push_back({.comparison = place[guard.comparison], .truth = guard.truth});
    }
    after.indices = before_.indices;
    return after;
  }

 private:
  template <class Op> static constexpr OpCode op = static_cast<OpCode>(code<Op>);

  const Instruction& at(Id id) const { return before_.instructions[id]; }
  bool is_extreme(Id id) const {
    return before_.varying[id] == 0 && (at(id).op == op<Max> || at(id).op == op<Min>);
  }
  bool is_end(Id id) const { return length_[id] >= least_operands; }
  /// Part of a chain that is joined.
  bool is_link(Id id) const { return length_[id] == part_of_one; }

  void find_chains() {
    const auto use = [this](Id id) { used_[id] = static_cast<std::uint8_t>(std::min(used_[id] + 1, 2)); };
    for (Id id = 0; id < before_.size(); ++id) for_each_operand(before_, at(id), use);
    for (const Id output : before_.outputs) use(output);
    for (const Guard& guard : before_.guards) use(guard.comparison);
    for (Id id = 0; id < before_.size(); ++id) {
      if (!is_extreme(id)) continue;
      const Id first = at(id).a;
      const bool goes_on = is_extreme(first) && at(first).op == at(id).op && used_[first] == 1;
      length_[id] = goes_on ? length_[first] + 1 : 2;
    }
    for (Id id = static_cast<Id>(before_.size()); id-- > 0;) {
      if (!is_extreme(id) || is_link(id) || !is_end(id)) continue;
      found_any_ = true;
      Id link = id;
      for (std::uint32_t left = length_[id]; left > 2; --left) {
        link = at(link).a;
        length_[link] = part_of_one;
      }
    }
  }

  Instruction joined(Id id, Code& after, const std::vector<Id>& place) const {
    std::vector<Id> list{place[at(id).b]};  // last one first
    Id top = at(id).a;
    for (; is_link(top); top = at(top).a) list.push_back(place[at(top).b]);
    list.push_back(place[top]);
    std::ranges::reverse(list);
    return {.op = at(id).op == op<Max> ? OpCode{special::greatest} : OpCode{special::least},
            .a = after.list(std::move(list))};
  }

  static constexpr std::uint32_t part_of_one = 1;

  const Code& before_;
  std::vector<std::uint8_t> used_;     ///< 0, 1, or 2 for more
  std::vector<std::uint32_t> length_;  ///< of the chain that ends there: its operands; or `part_of_one`
  bool found_any_ = false;
};

}  // namespace

std::optional<Code> join_extremes(const Code& code) {
  const auto is_one = [](const Instruction& x) {
    return x.op == micrograd::code<Max> || x.op == micrograd::code<Min>;
  };
  if (std::ranges::none_of(code.instructions, is_one)) return std::nullopt;
  return Joiner(code).run();
}

}  // namespace micrograd::compiler
