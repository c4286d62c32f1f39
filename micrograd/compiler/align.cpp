// Cones in which the same is done in the same order are brought together, by a hash, and then compared.
#include <micrograd/compiler/align.hpp>

#include <algorithm>
#include <bit>

namespace micrograd::compiler {
namespace {

constexpr std::size_t most_operands = Rounds::most_operands;

/// How many sorts of terms are told apart among those with the same hash.
constexpr std::size_t most_tries = 8;

/// Bit i: operand i of the row is a plain number, of which the row's partials are made.
constexpr auto plain_operands = [] {
  std::array<std::uint8_t, Ops::size> list{};
  for_each_op([&list]<class Op>() {
    if (Op::info.number_operand == NumberOperand::first) list[code<Op>] = 1;
    if (Op::info.number_operand == NumberOperand::second) list[code<Op>] = 2;
  });
  return list;
}();

bool wants_plain(OpCode op, std::size_t operand) {
  return op < Ops::size && (plain_operands[op] >> operand & 1U) != 0;
}

/// By hash: the number of its bucket, from 0 up.
class Buckets {
 public:
  explicit Buckets(std::size_t most) : slots_(std::bit_ceil(2 * most), none) {}

  std::uint32_t of(std::uint64_t hash) {
    std::size_t at = hash >> 20U & (slots_.size() - 1);
    while (slots_[at] != none && hashes_[slots_[at]] != hash) at = (at + 1) & (slots_.size() - 1);
    if (slots_[at] == none) {
      slots_[at] = static_cast<std::uint32_t>(hashes_.size());
      hashes_.push_back(hash);
    }
    return slots_[at];
  }
  [[nodiscard]] std::size_t size() const { return hashes_.size(); }

 private:
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint64_t> hashes_;
};

class Aligner {
 public:
  Aligner(const Code& code, const Cones& cones) : code_(code), cones_(cones) {}

  std::vector<Rounds> run(const Spine& spine) {
    Buckets buckets(spine.cones);
    std::vector<std::uint32_t> bucket_of(spine.cones);
    for (std::uint32_t i = 0; i < spine.cones; ++i) bucket_of[i] = buckets.of(hash(spine.first_cone + i));
    std::vector<std::uint32_t> first(buckets.size() + 1);
    for (const std::uint32_t bucket : bucket_of) ++first[bucket + 1];
    for (std::size_t b = 0; b < buckets.size(); ++b) first[b + 1] += first[b];
    std::vector<std::uint32_t> members(spine.cones);
    std::vector<std::uint32_t> next(first);
    for (std::uint32_t i = 0; i < spine.cones; ++i) members[next[bucket_of[i]]++] = spine.first_cone + i;
    for (std::size_t b = 0; b < buckets.size(); ++b) {
      const auto of_bucket = members.begin();
      sort_out({of_bucket + first[b], of_bucket + first[b + 1]});
    }
    return std::move(found_);
  }

 private:
  /// Where an operand comes from: two that do not agree in this are never of the same instruction.
  enum class From : std::uint8_t { outside, round, literal, data };
  From from(Id operand, std::uint32_t cone) const {
    if (cones_.owner[operand] == cone) return From::round;
    const OpCode op = code_.instructions[operand].op;
    if (op == special::literal) return From::literal;
    return op == special::data ? From::data : From::outside;
  }

  std::uint64_t hash(std::uint32_t cone) const {
    std::uint64_t found = cones_.cones[cone].terms;
    for (const Id id : cones_.nodes_of(cone)) {
      found = (found ^ code_.instructions[id].op) * 0x9e3779b97f4a7c15U;
      found ^= found >> 29U;
    }
    return found;
  }

  void sort_out(std::vector<std::uint32_t> left) {
    for (std::size_t tries = 0; tries < most_tries && left.size() >= fewest_rounds; ++tries) {
      Rounds rounds{.cones = {left[0]},
                    .differs = std::vector<std::uint8_t>(most_operands * cones_.cones[left[0]].nodes)};
      choices_left_ = 2 + cones_.cones[left[0]].nodes / 8;
      std::vector<std::uint32_t> others;
      for (std::size_t i = 1; i < left.size(); ++i) {
        (take(rounds, left[i]) ? rounds.cones : others).push_back(left[i]);
      }
      if (rounds.cones.size() >= fewest_rounds) found_.push_back(std::move(rounds));
      left = std::move(others);
    }
  }

  /// Whether the cone does what the first of the rounds does; then notes in what it differs.
  bool take(Rounds& rounds, std::uint32_t cone) {
    const std::uint32_t model = rounds.cones[0];
    if (cones_.cones[cone].nodes != cones_.cones[model].nodes || !have_same_terms(model, cone)) return false;
    const std::span<const Id> of_model = cones_.nodes_of(model);
    const std::span<const Id> of_cone = cones_.nodes_of(cone);
    differences_.clear();
    std::size_t choices = 0;
    for (std::size_t i = 0; i < of_model.size(); ++i) {
      const Instruction& x = code_.instructions[of_model[i]];
      const Instruction& y = code_.instructions[of_cone[i]];
      if (x.op != y.op || (x.op == special::user && !is_same_row(x, y))) return false;
      const Operands a = operands_of(code_, x);
      const Operands b = operands_of(code_, y);
      for (std::uint32_t k = 0; k < a.count; ++k) {
        if (a.ids[k] == b.ids[k]) continue;
        const From origin = from(a.ids[k], model);
        if (origin != from(b.ids[k], cone)) return false;
        if (is_same(origin, a.ids[k], b.ids[k])) continue;
        if (wants_plain(x.op, k)) return false;
        const std::size_t operand = most_operands * i + k;
        if (rounds.differs[operand] != 0) continue;
        if (origin == From::round && ++choices > choices_left_) return false;
        differences_.push_back(operand);
      }
    }
    choices_left_ -= choices;
    for (const std::size_t operand : differences_) rounds.differs[operand] = 1;
    return true;
  }

  bool is_same_row(const Instruction& x, const Instruction& y) const {
    const Call& f = code_.calls[x.a];
    const Call& g = code_.calls[y.a];
    return f.rule == g.rule && f.name == g.name && f.operands.size() == g.operands.size();
  }

  bool is_same(From origin, Id a, Id b) const {
    switch (origin) {
      case From::outside:
        return a == b;
      case From::round:
        return cones_.position[a] == cones_.position[b];
      default:
        return std::bit_cast<std::uint64_t>(code_.number(a)) == std::bit_cast<std::uint64_t>(code_.number(b));
    }
  }

  bool have_same_terms(std::uint32_t x, std::uint32_t y) const {
    const std::span<const SpineTerm> of_x = cones_.terms_of(x);
    const std::span<const SpineTerm> of_y = cones_.terms_of(y);
    return std::ranges::equal(of_x, of_y, [&](const SpineTerm& a, const SpineTerm& b) {
      const bool in_x = cones_.owner[a.id] == x;
      if (a.minus != b.minus || in_x != (cones_.owner[b.id] == y)) return false;
      return !in_x || cones_.position[a.id] == cones_.position[b.id];
    });
  }

  const Code& code_;
  const Cones& cones_;
  std::vector<Rounds> found_;
  std::size_t choices_left_ = 0;  ///< how many more operands may be chosen within the round
  std::vector<std::size_t> differences_;
};

}  // namespace

std::vector<Rounds> align(const Code& code, const Cones& cones, const Spine& spine) {
  return Aligner(code, cones).run(spine);
}

}  // namespace micrograd::compiler
