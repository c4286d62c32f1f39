// First it is decided, in order, which results become part of the instruction that uses them; then the sums
// are written down, each from its last term to its first and turned round.
#include <micrograd/compiler/collect.hpp>

#include <algorithm>
#include <cmath>

#include <micrograd/compiler/find_levels.hpp>

namespace micrograd::compiler {
namespace {

/// How far apart the instructions of one sum in a loop may lie: until it is computed, all that its terms need
/// must be kept in slots, and a sum over a whole program would keep the whole program.
constexpr Id longest_span = 1024;
/// Numbers of the program up to this one, and its reciprocal, are moved from a result to what uses it.
constexpr double largest_scale = 1024;
/// So many of them are taken together at most.
constexpr std::uint8_t most_scales = 8;
/// Two of them and this one can be multiplied.
constexpr double largest_factor = 1e300;

template <class Op> constexpr OpCode op = static_cast<OpCode>(code<Op>);

class Collector {
 public:
  Collector(Code before, bool outside_loops) : before_(std::move(before)), outside_loops_(outside_loops) {}

  Code run() {
    mark_exact();
    count_uses();
    decide();
    after_.reserve(before_.size());
    after_.products.reserve(before_.size());
    after_.loops = before_.loops;
    after_.is_for_one_row = before_.is_for_one_row;
    after_.columns = std::move(before_.columns);
    place_.assign(before_.size(), none);
    for (Id id = 0; id < before_.size(); ++id) {
      if (absorbed_[id] == 0 && scaled_[id] == 0) place_[id] = copy(id);
    }
    after_.take_labels(before_, place_);
    for (const Id output : before_.outputs) after_.outputs.push_back(place_[output]);
    for (const Guard& guard : before_.guards) {
      after_.guards.push_back({.comparison = place_[guard.comparison], .truth = guard.truth});
    }
    after_.indices = before_.indices;
    return std::move(after_);
  }

 private:
  bool varies(Id id) const { return before_.varying[id] != 0; }
  const Instruction& at(Id id) const { return before_.instructions[id]; }
  bool is_chain(Id id) const { return at(id).op == op<Add> || at(id).op == op<Subtract>; }
  bool is_part_of_sums(Id id) const {
    return (varies(id) || outside_loops_) &&
           (is_chain(id) || at(id).op == op<Negate> || at(id).op == op<Multiply>);
  }

  void count_uses() {
    uses_.assign(before_.size(), 0);
    whole_.assign(before_.size(), 0);
    const auto use = [this](Id id) { uses_[id] = static_cast<std::uint8_t>(std::min(uses_[id] + 1, 2)); };
    const auto use_whole = [&](Id id) {
      use(id);
      whole_[id] = 1;
    };
    for (Id id = 0; id < before_.size(); ++id) {
      takes_apart(id) ? for_each_operand(before_, at(id), use) : for_each_operand(before_, at(id), use_whole);
    }
    for (const Id output : before_.outputs) use_whole(output);
    for (const Guard& guard : before_.guards) use_whole(guard.comparison);
  }

  /// Whether it could use what a scaled operand is made of. A term has one factor that is no number of the
  /// program at most.
  bool takes_apart(Id id) const {
    if (!is_part_of_sums(id) || exact_[id] != 0) return false;
    const Instruction& x = at(id);
    if (x.op != op<Multiply> || (varies(x.a) && varies(x.b))) return true;
    const Id by = varies(x.a) ? x.b : x.a;
    return before_.is_number(by) && std::abs(before_.number(by)) < largest_factor;
  }

  /// -x, or x times a number of the program, if all that use it can use x as well: x is there anyway. The
  /// number is neither large nor small, since it moves to another place in a product, where nothing may
  /// overflow that would not have done so before.
  bool is_scaled(Id id) const {
    if (whole_[id] != 0 || !varies(id) || !is_part_of_sums(id)) return false;
    const Instruction& x = at(id);
    const Id by = varies(x.a) ? x.b : x.a, of = varies(x.a) ? x.a : x.b;
    if (scaled_[of] == most_scales) return false;
    if (x.op == op<Negate>) return scaled_[of] != 0 || !is_part_of_sums(of) || uses_[of] > 1;
    if (x.op != op<Multiply> || varies(x.a) == varies(x.b)) return false;
    if (!before_.is_number(by) || (scaled_[of] == 0 && uses_[of] == 1 && is_product_of_two(of))) return false;
    const double size = std::abs(factor_of(of).number * before_.number(by));
    return size >= 1 / largest_scale && size <= largest_scale;
  }

  /// A result as a number times another one that is not scaled.
  struct Scaled {
    double number = 1;
    Id of = none;
    Id by = none;  ///< ± that number, if it is one of the program
  };
  Scaled factor_of(Id id) const {
    double number = 1;
    Id by = none;
    std::size_t numbers = 0;
    while (scaled_[id] != 0) {
      const Instruction& x = at(id);
      if (x.op == op<Negate>) {
        number = -number;
        id = x.a;
      } else {
        by = varies(x.a) ? x.b : x.a;
        number *= before_.number(by);
        ++numbers;
        id = varies(x.a) ? x.a : x.b;
      }
    }
    return {.number = number, .of = id, .by = numbers == 1 ? by : none};
  }

  /// 1 for what comparisons depend on.
  void mark_exact() {
    exact_.assign(before_.size(), 0);
    const auto compares = [](OpCode op) { return is_comparison(op) || op == special::which; };
    if (std::ranges::none_of(before_.instructions, compares, &Instruction::op)) return;
    for (std::size_t id = before_.size(); id-- > 0;) {
      const Instruction& x = before_.instructions[id];
      if (exact_[id] == 0 && (!compares(x.op) || asks_if_finite(x))) continue;
      for_each_operand(before_, x, [this](Id operand) { exact_[operand] = 1; });
    }
  }

  /// A comparison with a number so large that rounding is nothing beside it.
  bool asks_if_finite(const Instruction& comparison) const {
    constexpr double large = 1e300;
    return is_comparison(comparison.op) && before_.is_number(comparison.b) &&
           std::abs(before_.number(comparison.b)) >= large;
  }

  void decide() {
    absorbed_.assign(before_.size(), 0);
    scaled_.assign(before_.size(), 0);
    sum_of_squares_.assign(before_.size(), 0);
    start_.resize(before_.size());
    for (Id id = 0; id < before_.size(); ++id) {
      start_[id] = id;
      if (!is_part_of_sums(id)) continue;
      const Instruction& x = at(id);
      if (is_scaled(id)) {
        scaled_[id] = static_cast<std::uint8_t>(1 + scaled_[varies(x.a) ? x.a : x.b]);
        continue;
      }
      if (is_chain(id)) {
        absorb(x.a, id);
        const bool joins = exact_[id] == 0 ? is_product(x.b) || sum_of_squares_[x.b] != 0
                                           : x.op == op<Add> && is_weighted(x.b);
        if (joins) absorb(x.b, id);
        sum_of_squares_[id] = varies(id) && x.op == op<Add> && is_product(x.b) && is_square(x.b) &&
                              (is_square(x.a) || sum_of_squares_[x.a] != 0);
      } else if (x.op == op<Negate>) {
        absorb(x.a, id);
      } else if (varies(x.a) != varies(x.b)) {
        const Id inner = varies(x.a) ? x.a : x.b;
        if (exact_[id] == 0 && is_product_of_two(inner) && (takes_apart(id) || !has_scaled(inner)))
          absorb(inner, id);
      }
    }
  }

  void absorb(Id operand, Id user) {
    if (!is_part_of_sums(operand) || scaled_[operand] != 0) return;
    if (uses_[operand] != 1 || varies(operand) != varies(user)) return;
    if (varies(user) && user - start_[operand] > longest_span) return;
    absorbed_[operand] = 1;
    start_[user] = std::min(start_[user], start_[operand]);
  }
  /// x * x, or that times a positive number: a sum of such may be torn apart, since its terms do not cancel.
  bool is_square(Id id) const {
    const Instruction& x = at(id);
    if (x.op != op<Multiply>) return false;
    if (varies(x.a) == varies(x.b)) return x.a == x.b;
    const Id by = varies(x.a) ? x.b : x.a;
    return before_.is_number(by) && before_.number(by) > 0 && is_product_of_two(varies(x.a) ? x.a : x.b) &&
           is_square(varies(x.a) ? x.a : x.b);
  }
  bool is_product_of_two(Id id) const {
    const Instruction& x = at(id);
    return x.op == op<Multiply> && varies(x.a) && varies(x.b);
  }
  bool has_scaled(Id product) const { return scaled_[at(product).a] != 0 || scaled_[at(product).b] != 0; }
  /// A product with what is the same for all rounds, or outside loops with a parameter or a number, as in a
  /// neuron. Where comparisons depend on a sum, only such ones are added without rounding them first: a
  /// difference of equal products must stay 0.
  bool is_weighted(Id id) const {
    const Instruction& x = at(id);
    if (x.op != op<Multiply>) return false;
    if (!varies(id)) return is_weight(x.a) != is_weight(x.b);
    return varies(x.a) != varies(x.b) && absorbed_[varies(x.a) ? x.a : x.b] == 0;
  }
  bool is_weight(Id id) const { return at(id).op == special::parameter || before_.is_number(id); }
  /// A term, and not a sum: not to be torn apart where it stands to the right of a sign.
  bool is_product(Id id) const {
    while (at(id).op == op<Negate> && absorbed_[at(id).a] != 0) id = at(id).a;
    return !is_chain(id);
  }

  Id copy(Id id) {
    const Instruction& x = at(id);
    if (is_part_of_sums(id)) return append_dot(id);
    if (x.op == special::column) return after_.append(x, before_.varying[id]);  // all of them came along
    if (before_.is_number(id)) return after_.append_from(before_, id, place_);
    return after_.append(after_.taken_from(before_, x, place_), before_.varying[id]);
  }

  Id append_dot(Id id) {
    in_loop_ = varies(id);
    write_terms(id);
    const Id first = static_cast<Id>(after_.products.size());
    for (std::size_t i = terms_.size(); i-- > 0;) {
      const Product& term = terms_[i];
      const bool is_second = after_.products.size() == first + 1;
      if (!(is_second && after_.products.back() == term && doubled(after_.products.back()))) {
        after_.products.push_back(term);
      }
    }
    terms_.clear();
    return after_.append(
        {.op = special::dot, .a = first, .b = static_cast<Id>(after_.products.size() - first)},
        before_.varying[id]);
  }

  /// The terms of a sum, last one first.
  void write_terms(Id id, bool minus = false) {
    while (true) {
      const Instruction& x = at(id);
      if (x.op == op<Multiply>) return write_product(id, minus);
      if (is_chain(id)) write_operand(x.b, minus != (x.op == op<Subtract>));
      if (x.op == op<Negate>) minus = !minus;
      if (absorbed_[x.a] == 0) return write_plain(x.a, minus);
      id = x.a;
    }
  }

  void write_operand(Id id, bool minus) {
    while (absorbed_[id] != 0 && at(id).op == op<Negate>) {
      id = at(id).a;
      minus = !minus;
    }
    if (absorbed_[id] == 0) return write_plain(id, minus);
    is_chain(id) ? write_terms(id, minus) : write_product(id, minus);
  }

  void write_plain(Id id, bool minus) {
    if (is_factor(id)) {
      terms_.push_back({.minus = minus, .factor = place_[id]});
      return;
    }
    write(minus, none, id, none);
  }

  void write_product(Id id, bool minus) {
    const Instruction& x = at(id);
    if (!is_factor(x.a) && !is_factor(x.b)) return write(minus, none, x.a, x.b);
    const Id inner = varies(x.a) ? x.a : x.b;
    const Id factor = varies(x.a) ? x.b : x.a;
    absorbed_[inner] != 0 ? write(minus, factor, at(inner).a, at(inner).b)
                          : write(minus, factor, inner, none);
  }

  /// The term ± factor * (x * y), of what x and y are made of.
  void write(bool minus, Id factor, Id x, Id y) {
    const Scaled first = factor_of(x);
    const Scaled second = y == none ? Scaled{} : factor_of(y);
    const double number = first.number * second.number;
    Product term{.minus = minus != std::signbit(number),
                 .factor = factor == none ? none : place_[factor],
                 .x = place_[first.of],
                 .y = y == none ? none : place_[second.of]};
    if (factor == none && second.of == none && first.by != none && before_.number(first.by) > 0) {
      term.factor = place_[first.by];
    } else if (std::abs(number) != 1) {
      const double by = factor == none ? 1 : before_.number(factor);
      term.factor = after_.literal(std::abs(number) * by);
    }
    terms_.push_back(term);
  }

  /// Whether it is the same for all rounds of the loop that the sum is in.
  bool is_factor(Id id) const { return in_loop_ && !varies(id); }

  /// Makes it twice as large, if that can be done without rounding; not for a factor that is not known.
  bool doubled(Product& term) {
    if (!in_loop_ || term.x == none || (term.factor != none && !after_.is_number(term.factor))) return false;
    const double twice = term.factor == none ? 2.0 : 2.0 * after_.number(term.factor);
    if (!std::isfinite(twice)) return false;
    term.factor = after_.literal(twice);
    return true;
  }

  Code before_;
  const bool outside_loops_;
  Code after_;
  std::vector<std::uint8_t> uses_;   ///< 0, 1, or 2 for more
  std::vector<std::uint8_t> whole_;  ///< 1: something needs the result itself
  std::vector<std::uint8_t> exact_;
  std::vector<std::uint8_t> scaled_;    ///< 0, or part of all that use it: how many deep
  std::vector<std::uint8_t> absorbed_;  ///< 1: part of the one instruction that uses it
  std::vector<std::uint8_t> sum_of_squares_;
  std::vector<Id> start_;  ///< of the earliest instruction that became part of this one
  std::vector<Id> place_;
  std::vector<Product> terms_;
  bool in_loop_ = false;  ///< the sum that is being written
};

}  // namespace

Code collect(Code code, bool outside_loops) {
  if (outside_loops) {
    std::size_t count = 0;
    for (Id id = 0; id < code.size(); ++id) {
      count += code.varying[id] == 0 && operand_count(code.instructions[id].op) > 0 ? 1 : 0;
    }
    outside_loops = count >= least_side_by_side;
  }
  return Collector(std::move(code), outside_loops).run();
}

}  // namespace micrograd::compiler
