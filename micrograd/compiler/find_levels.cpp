// The level of an instruction is one more than the highest of its operands'; instructions are sorted by
// level, then by kind.
#include <micrograd/compiler/find_levels.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace micrograd::compiler {
namespace {

/// Side by side only if so many go together on average; else finding their operands costs more than it saves.
constexpr std::size_t least_together = 4;

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
