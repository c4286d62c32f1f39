// The level of an instruction is one more than the highest of its operands'; instructions are sorted by
// level, then by kind.
#include <micrograd/compiler/find_levels.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

namespace micrograd::compiler {
namespace {

/// Side by side only if so many go together on average; else finding their operands costs more than it saves.
constexpr std::size_t least_together = 4;

/// In longer programs it would cost too much to find out what goes well together, and it is of no use where
/// there is little on a level.
constexpr std::size_t most_moved = std::size_t{1} << 20U;
constexpr std::size_t least_on_level = 32;

/// Of each row the operand that must be a plain number; its kernel wants it to be the same for all. 3: none.
constexpr auto number_operands = [] {
  std::array<std::uint8_t, Ops::size> list{};
  for_each_op([&list]<class Op>() {
    std::uint8_t& place = list[code<Op>];
    place = 3;
    [&place]<std::size_t... I>(std::index_sequence<I...> /*operands*/) {
      ((std::is_same_v<Operand<Op, I, Code>, double> ? void(place = I) : void()), ...);
    }(std::make_index_sequence<arity<Op>>());
  });
  return list;
}();

/// What must be equal, beside the operation, for two instructions to run side by side.
Id shared_operand(const Code& code, const Instruction& x, Id id) {
  if (x.op < Ops::size) {
    const std::array<Id, 4> operands{x.a, x.b, x.c, none};
    return operands[number_operands[x.op]];
  }
  switch (x.op) {
    case special::pick:
    case special::which:
      return x.b;
    case special::user:
    case special::rows:
    case special::share:
    case special::total:
      return id;  // alone
    case special::total_where:
      return code.is_for_one_row ? none : id;
    default:
      return none;
  }
}

/// How many of each kind there are on each level, while levels change.
class Alike {
 public:
  Alike(const Code& code, std::span<const Id> ids, std::span<const std::uint32_t> level, std::size_t levels)
      : levels_(levels) {
    kinds_.reserve(ids.size());
    for (const Id id : ids) {
      const Instruction& x = code.instructions[id];
      // Sums go best with others of as many terms. What runs alone may run at any time.
      const Id shared = x.op == special::dot ? x.b : shared_operand(code, x, id);
      const std::uint64_t kind = std::uint64_t{x.op} << 32U | (shared == id ? none : shared);
      kinds_.push_back(numbers_.try_emplace(kind, numbers_.size()).first->second);
    }
    if (numbers_.size() > most_counts / levels) return;
    counts_.resize(numbers_.size() * levels);
    for (std::size_t i = 0; i < ids.size(); ++i) ++counts_[kinds_[i] * levels_ + level[ids[i]]];
  }

  [[nodiscard]] bool too_many() const { return counts_.empty(); }
  /// Of the `i`-th instruction's kind; by level.
  std::span<std::uint32_t> counts(std::size_t i) {
    return std::span(counts_).subspan(kinds_[i] * levels_, levels_);
  }

 private:
  static constexpr std::size_t most_counts = std::size_t{1} << 22U;

  const std::size_t levels_;
  std::unordered_map<std::uint64_t, std::size_t> numbers_;  ///< of kinds
  std::vector<std::size_t> kinds_;
  std::vector<std::uint32_t> counts_;  ///< by kind, then by level
};

/// What nothing needs until later, and what is then done beside more of its kind, is done then: one position
/// of a sequence, say, that took a shorter way than the others. `level`: as found, of these in order.
void move_later(const Code& code, std::span<const Id> ids, std::vector<std::uint32_t>& level,
                std::uint32_t highest) {
  constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();
  constexpr std::uint32_t looked_at = 64;  // levels from the first one on; and the last one
  Alike alike(code, ids, level, highest + 1);
  if (alike.too_many()) return;
  std::vector<std::uint32_t> needed_at(code.size(), never);
  for (std::size_t i = ids.size(); i-- > 0;) {
    const Id id = ids[i];
    const std::uint32_t first = level[id];
    if (needed_at[id] != never && needed_at[id] > first + 1) {
      const std::span<std::uint32_t> counts = alike.counts(i);
      const std::uint32_t last = needed_at[id] - 1;
      std::uint32_t best = last;
      if (counts[last] + 1 < counts[first]) {
        for (std::uint32_t l = std::min(last, first + looked_at); l > first; --l) {
          if (counts[l] > counts[best]) best = l;
        }
      }
      if (counts[best] + 1 >= counts[first]) {
        --counts[first];
        ++counts[best];
        level[id] = best;
      }
    }
    for_each_operand(code, code.instructions[id],
                     [&](Id operand) { needed_at[operand] = std::min(needed_at[operand], level[id]); });
  }
}

}  // namespace

Levels find_levels(const Code& code, std::span<const Id> ids, std::vector<std::uint32_t>& level) {
  Levels found;
  found.first.push_back(0);
  if (ids.empty()) return found;

  std::uint32_t highest = 0;
  for (const Id id : ids) {
    std::uint32_t here = 0;
    const Instruction& x = code.instructions[id];
    for_each_operand(code, x, [&](Id operand) { here = std::max(here, level[operand]); });
    level[id] = here + 1;
    highest = std::max(highest, level[id]);
  }

  if (ids.size() <= most_moved && ids.size() >= least_on_level * highest)
    move_later(code, ids, level, highest);

  // By level, in the order of the program.
  std::vector<std::uint32_t> next(highest + 2, 0);
  for (const Id id : ids) ++next[level[id] + 1];
  for (std::size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  const std::vector<std::uint32_t> begin = next;
  found.order.resize(ids.size());
  for (const Id id : ids) found.order[next[level[id]]++] = id;
  for (const Id id : ids) level[id] = 0;

  // In each level, by kind.
  const auto kind = [&code](Id id) {
    const Instruction& x = code.instructions[id];
    return std::uint64_t{x.op} << 32U | shared_operand(code, x, id);
  };
  std::size_t computed = 0, groups_computed = 0;
  for (std::uint32_t l = 1; l <= highest; ++l) {
    const auto members = std::span(found.order).subspan(begin[l], begin[l + 1] - begin[l]);
    std::ranges::sort(members, {}, [&kind](Id id) { return std::pair(kind(id), id); });
    for (std::size_t i = 0; i < members.size(); ++i) {
      const bool ends = i + 1 == members.size() || kind(members[i + 1]) != kind(members[i]);
      if (!ends) continue;
      found.first.push_back(static_cast<std::uint32_t>(begin[l] + i + 1));
      groups_computed += l > 1 ? 1 : 0;
    }
    computed += l > 1 ? members.size() : 0;
  }
  if (computed >= least_together * groups_computed) return found;

  found.order.assign(ids.begin(), ids.end());
  found.first.resize(ids.size() + 1);
  for (std::uint32_t i = 0; i <= ids.size(); ++i) found.first[i] = i;
  return found;
}

}  // namespace micrograd::compiler
