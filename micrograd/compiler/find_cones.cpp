// One walk forward, to see where long sums end; one back, in which each instruction learns from its users
// which terms it belongs to.
#include <micrograd/compiler/find_cones.hpp>

#include <algorithm>

namespace micrograd::compiler {
namespace {

constexpr auto outside = Cones::outside;
constexpr auto in_a_spine = Cones::in_a_spine;
constexpr std::uint32_t unset = none - 2;
constexpr bool is_term(std::uint32_t owner) { return owner < unset; }

/// What the latest terms looked like, to tell the first term of a sum from the sum of still earlier ones.
class Recent {
 public:
  void add(std::uint64_t shape) { shapes_[next_++ % shapes_.size()] = shape; }
  [[nodiscard]] bool has(std::uint64_t shape) const {
    return std::find(shapes_.begin(), shapes_.end(), shape) != shapes_.end();
  }

 private:
  std::array<std::uint64_t, 4> shapes_{};
  std::size_t next_ = 0;
};

class Finder {
 public:
  Finder(const Code& code, std::span<const Known> known) : code_(code), known_(known) {}

  Cones run() {
    find_chains();
    if (longest_chain_ + 1 < fewest_rounds) return {};
    find_shapes();
    find_owners();
    if (found_.spines.empty()) return {};
    join_terms();
    settle_owners();
    collect_nodes();
    return std::move(found_);
  }

 private:
  bool varies(Id id) const { return code_.varying[id] != 0; }
  Known known(Id id) const { return known_.empty() ? Known::nothing : known_[id]; }
  static bool is_sum(OpCode op) { return op == code<Add> || op == code<Subtract>; }
  template <class Op> static constexpr OpCode code = static_cast<OpCode>(micrograd::code<Op>);

  void use(Id id) {
    if (uses_[id] < 2) ++uses_[id];
  }

  /// chain_[id]: how many additions lead to a sum, each the only user of the one before.
  void find_chains() {
    const std::size_t size = code_.size();
    uses_.assign(size, 0);
    for (Id id = 0; id < size; ++id) {
      for_each_operand(code_, code_.instructions[id], [this](Id operand) { use(operand); });
    }
    for (const Id output : code_.outputs) uses_[output] = 2;
    for (const Guard& guard : code_.guards) uses_[guard.comparison] = 2;
    chain_.assign(size, 0);
    for (Id id = 0; id < size; ++id) {
      const Instruction& x = code_.instructions[id];
      if (!is_sum(x.op) || varies(id)) continue;
      const std::uint32_t a = uses_[x.a] == 1 ? chain_[x.a] : 0;
      const std::uint32_t b = uses_[x.b] == 1 ? chain_[x.b] : 0;
      chain_[id] = 1 + std::max(a, b);
      longest_chain_ = std::max(longest_chain_, chain_[id]);
    }
  }

  /// A number for what a result is computed with, whatever it is computed from.
  void find_shapes() {
    shape_.resize(code_.size());
    for (Id id = 0; id < code_.size(); ++id) {
      const Instruction& x = code_.instructions[id];
      std::uint64_t shape = x.op + 1U;
      const std::size_t count = operand_count(x.op);
      const std::array<Id, 3> operands{x.a, x.b, x.c};
      for (std::size_t k = 0; k < count; ++k) {
        shape = (shape ^ shape_[operands[k]]) * 0x9e3779b97f4a7c15U;
        shape ^= shape >> 29U;
      }
      shape_[id] = shape;
    }
  }

  /// first_[id] to last_[id]: the terms that an instruction belongs to. Those of its operands include them,
  /// so whatever is found not to belong to one term need not be looked at again.
  void find_owners() {
    first_.assign(code_.size(), unset);
    last_.assign(code_.size(), unset);
    for (const Id output : code_.outputs) first_[output] = outside;
    for (const Guard& guard : code_.guards) first_[guard.comparison] = outside;
    for (auto id = static_cast<Id>(code_.size()); id-- > 0;) {
      std::uint32_t& first = first_[id];
      if (first == in_a_spine) continue;
      const Instruction& x = code_.instructions[id];
      if (first == unset || varies(id) || known(id) == Known::free || !may_be_in_a_round(code_, x)) {
        first = outside;
      }
      if (first != outside) {
        const std::uint32_t last = last_[id];
        for_each_operand(code_, x, [&](Id operand) { give(operand, first, last); });
      } else if (chain_[id] + 1 < fewest_rounds || !walk(id)) {
        for_each_operand(code_, x, [&](Id operand) { first_[operand] = outside; });
      }
    }
  }

  void give(Id id, std::uint32_t first, std::uint32_t last) {
    if (first_[id] == unset) {
      first_[id] = first;
      last_[id] = last;
      return;
    }
    if (first_[id] == outside || (first_[id] == first && last_[id] == last)) return;
    const std::uint32_t lowest = std::min(first_[id], first);
    const std::uint32_t highest = std::max(last_[id], last);
    const std::uint32_t spine = spine_of_[lowest];
    const bool together = spine == spine_of_[highest] && highest - lowest < widest(found_.spines[spine]);
    first_[id] = together ? lowest : outside;
    last_[id] = highest;
  }

  /// How many terms may make one cone, so that there can be enough cones.
  static std::uint32_t widest(const Spine& spine) {
    return std::max<std::uint32_t>(1, static_cast<std::uint32_t>(spine.terms / fewest_rounds));
  }

  /// Follows a sum from its last addition down, and gives the terms their numbers. False if it has too few
  /// that could be rounds.
  bool walk(Id top) {
    Spine spine{.top = top,
                .first_instruction = static_cast<std::uint32_t>(found_.spine_instructions.size()),
                .first_term = static_cast<std::uint32_t>(found_.terms.size())};
    follow(top);
    spine.instructions =
        static_cast<std::uint32_t>(found_.spine_instructions.size()) - spine.first_instruction;
    spine.terms = static_cast<std::uint32_t>(found_.terms.size()) - spine.first_term;
    const auto terms = std::span(found_.terms).subspan(spine.first_term);
    std::ranges::reverse(terms);
    std::size_t rounds = 0;
    std::vector<std::uint8_t> is_round(terms.size());
    for (std::size_t j = 0; j < terms.size(); ++j) {
      is_round[j] = may_be_round(terms, j) ? 1 : 0;
      rounds += is_round[j];
    }
    const auto instructions = std::span(found_.spine_instructions).subspan(spine.first_instruction);
    if (rounds < fewest_rounds) {
      for (const Id id : instructions) chain_[id] = 0;  // not to be walked again
      found_.spine_instructions.resize(spine.first_instruction);
      found_.terms.resize(spine.first_term);
      return false;
    }
    for (const Id id : instructions) first_[id] = in_a_spine;
    for (std::size_t j = 0; j < terms.size(); ++j) {
      first_[terms[j].id] = is_round[j] != 0 ? spine.first_term + static_cast<std::uint32_t>(j) : outside;
      last_[terms[j].id] = first_[terms[j].id];
    }
    spine_of_.resize(found_.terms.size(), static_cast<std::uint32_t>(found_.spines.size()));
    found_.spines.push_back(spine);
    return true;
  }

  /// The terms come last to first.
  void follow(Id top) {
    Recent recent;
    bool minus = false;
    for (Id at = top;;) {
      found_.spine_instructions.push_back(at);
      const Instruction& x = code_.instructions[at];
      const SpineTerm a{.id = x.a, .minus = minus};
      const SpineTerm b{.id = x.b, .minus = minus != (x.op == code<Subtract>)};
      const bool to_a = may_follow(x.a, recent);
      const bool to_b = may_follow(x.b, recent);
      if (!to_a && !to_b) {
        found_.terms.push_back(b);
        found_.terms.push_back(a);
        return;
      }
      const bool is_a = to_a && (!to_b || chain_[x.a] >= chain_[x.b]);
      const SpineTerm& beside = is_a ? b : a;
      found_.terms.push_back(beside);
      recent.add(shape_[beside.id]);
      at = is_a ? x.a : x.b;
      minus = is_a ? a.minus : b.minus;
    }
  }

  bool may_follow(Id id, const Recent& recent) const {
    return chain_[id] > 0 && uses_[id] == 1 && !recent.has(shape_[id]);
  }

  /// A term that is a long sum itself and looks like none of its neighbours is left for a loop of its own.
  bool may_be_round(std::span<const SpineTerm> terms, std::size_t j) const {
    const Id id = terms[j].id;
    if (uses_[id] != 1 || varies(id) || known(id) == Known::free ||
        !may_be_in_a_round(code_, code_.instructions[id])) {
      return false;
    }
    if (chain_[id] + 1 < fewest_rounds) return true;
    constexpr std::size_t near = 4;
    for (std::size_t k = j - std::min(j, near); k < std::min(terms.size(), j + near + 1); ++k) {
      if (k != j && shape_[terms[k].id] == shape_[id]) return true;
    }
    return false;
  }

  /// Terms between which something is shared make one cone, unless that runs on and on.
  void join_terms() {
    std::vector<std::int64_t> joined(found_.terms.size() + 1);  // to the next: as differences
    for (Id id = 0; id < code_.size(); ++id) {
      if (!is_term(first_[id]) || first_[id] == last_[id]) continue;
      ++joined[first_[id]];
      --joined[last_[id]];
    }
    for (std::size_t j = 1; j < joined.size(); ++j) joined[j] += joined[j - 1];
    cone_of_.assign(found_.terms.size(), outside);
    for (Spine& spine : found_.spines) {
      spine.first_cone = static_cast<std::uint32_t>(found_.cones.size());
      const std::uint32_t end = spine.first_term + spine.terms;
      for (std::uint32_t first = spine.first_term, last = first; first < end; first = ++last) {
        while (last + 1 < end && joined[last] > 0 && !is_apart(last) && !is_apart(last + 1)) ++last;
        if (last - first < widest(spine)) {
          add_cone(first, last);
        } else {
          for (std::uint32_t j = first; j <= last; ++j) add_cone(j, j);
        }
      }
      spine.cones = static_cast<std::uint32_t>(found_.cones.size()) - spine.first_cone;
    }
  }

  bool is_apart(std::uint32_t term) const { return known(found_.terms[term].id) == Known::apart; }

  void add_cone(std::uint32_t first, std::uint32_t last) {
    if (first == last && first_[found_.terms[first].id] != first) return;
    std::fill(cone_of_.begin() + first, cone_of_.begin() + last + 1,
              static_cast<std::uint32_t>(found_.cones.size()));
    found_.cones.push_back({.first_term = first, .terms = last - first + 1});
  }

  void settle_owners() {
    for (Id id = 0; id < code_.size(); ++id) {
      std::uint32_t& owner = first_[id];
      if (is_term(owner)) {
        const std::uint32_t cone = cone_of_[owner];
        owner = cone == cone_of_[last_[id]] ? cone : outside;
      }
      if (owner == outside && chain_[id] + 1 >= fewest_rounds) found_.sums_outside.push_back(id);
    }
    found_.owner = std::move(first_);
  }

  void collect_nodes() {
    for (const std::uint32_t owner : found_.owner) {
      if (is_term(owner)) ++found_.cones[owner].nodes;
    }
    std::uint32_t first = 0;
    for (Cone& cone : found_.cones) {
      cone.first_node = first;
      first += cone.nodes;
      cone.nodes = 0;
    }
    found_.nodes.resize(first);
    found_.position = std::move(last_);
    for (Id id = 0; id < code_.size(); ++id) {
      if (!is_term(found_.owner[id])) continue;
      Cone& cone = found_.cones[found_.owner[id]];
      cone.holds_sum |= chain_[id] + 1 >= fewest_rounds;
      found_.position[id] = cone.nodes;
      found_.nodes[cone.first_node + cone.nodes++] = id;
    }
  }

  const Code& code_;
  std::span<const Known> known_;
  Cones found_;
  std::vector<std::uint8_t> uses_;  ///< 2: or more, or by whoever runs the program
  std::vector<std::uint32_t> chain_;
  std::uint32_t longest_chain_ = 0;
  std::vector<std::uint64_t> shape_;
  std::vector<std::uint32_t> first_, last_;
  std::vector<std::uint32_t> spine_of_, cone_of_;  ///< of each term
};

}  // namespace

bool may_be_in_a_round(const Code& code, const Instruction& instruction) {
  const OpCode op = instruction.op;
  if (op == special::user) return code.calls[instruction.a].operands.size() <= 3;
  return op < Ops::size || is_comparison(op) || op == special::select || op == special::stop;
}

Cones find_cones(const Code& code, std::span<const Known> known) { return Finder(code, known).run(); }

}  // namespace micrograd::compiler
