// Group after group of find_levels. What its operands are decides how: numbers side by side are read where
// they lie, the same number for all is spread, and others are brought together first.
#include <micrograd/compiler/place_vectors.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

#include <micrograd/compiler/find_levels.hpp>
#include <micrograd/compiler/find_matrices.hpp>
#include <micrograd/compiler/lane_rows.hpp>
#include <micrograd/compiler/write_terms.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

/// Fewer instructions than these run one by one, as they come.
constexpr std::size_t least_instructions = 256;
/// Fewer results than these are not worth the machine.
constexpr std::size_t least_in_machine = 4;
/// What the longest pack holds.
constexpr std::size_t longest_pack = 16;
/// Terms that the machine takes for results side by side; longer sums are added up one after the other.
constexpr std::size_t most_terms_in_machine = 64;

class VectorPlacer {
 public:
  VectorPlacer(const Code& code, Places& places, Schedule& schedule, Phase& phase)
      : code_(code), places_(places), schedule_(schedule), phase_(phase), to_(phase.vectors) {}

  void run(std::span<const Id> ids) {
    const Levels levels = find_levels(code_, ids);
    one_ = place_number(1);
    for (std::size_t g = 0; g < levels.groups(); ++g) place_group(levels.group(g));
    to_.results.reserve(ids.size());
    for (const Id id : ids) to_.results.emplace_back(id, places_.of(id));
    to_.sums.push_back(static_cast<std::uint32_t>(to_.sum_terms.size()));
    if (schedule_.uniforms >= minus_bit) {
      throw UsageError("compile: the program has too many numbers outside loops (got " +
                       std::to_string(schedule_.uniforms) + ", expected less than " +
                       std::to_string(minus_bit) + ")");
    }
  }

 private:
  using Kind = VectorStep::Kind;

  /// Numbers that the machine reads, in the list.
  struct Read {
    std::uint32_t at = 0;
    std::uint32_t count = 1;
  };

  /// Some places of the list in order.
  struct Operand {
    enum class Kind { together, same, scattered } kind = Kind::same;
    std::uint32_t at = 0;  ///< the first, or the only one
    std::uint32_t count = 0;
    std::vector<std::uint32_t> places = {};  ///< scattered ones
  };
  static Read read_of(const Operand& operand) {
    return {.at = operand.at, .count = operand.kind == Operand::Kind::same ? 1 : operand.count};
  }

  const Instruction& at(Id id) const { return code_.instructions[id]; }

  std::uint32_t place_number(double number) {
    const std::uint32_t place = places_.take_places(1);
    schedule_.numbers.emplace_back(place, number);
    return place;
  }

  std::uint32_t take_places(std::size_t count) {
    return places_.take_places(count < least_in_machine ? count : count + longest_pack);
  }
  /// Results side by side.
  std::uint32_t place_results(std::span<const Id> ids) {
    const std::uint32_t first = take_places(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) places_.of(ids[i]) = first + static_cast<std::uint32_t>(i);
    return first;
  }

  VectorStep& append(Kind kind, std::size_t count, std::uint32_t out) {
    to_.steps.push_back({.kind = kind, .count = static_cast<std::uint32_t>(count), .out = out});
    return to_.steps.back();
  }

  // ---- groups by kind

  void place_group(std::span<const Id> ids) {
    const OpCode op = at(ids[0]).op;
    switch (op) {
      case special::literal:
      case special::data: {
        const std::uint32_t first = place_results(ids);
        for (std::size_t i = 0; i < ids.size(); ++i) {
          schedule_.numbers.emplace_back(first + static_cast<std::uint32_t>(i), code_.number(ids[i]));
        }
        return;
      }
      case special::parameter: {
        const std::uint32_t first = static_cast<std::uint32_t>(to_.places.size());
        for (const Id id : ids) to_.places.push_back(at(id).a);
        append(Kind::parameters, ids.size(), place_results(ids)).operands[0] = first;
        return;
      }
      case special::input: {
        place_results(ids);
        for (const Id id : ids) append_once(id);
        return;
      }
      case special::stop:
        for (const Id id : ids) places_.of(id) = places_.of(at(id).a);
        return;
      case special::dot:
        return place_sums(ids);
      case special::pick:
      case special::greatest:
      case special::least:
        return place_picks(ids);
      case special::user:
      case special::rows:
      case special::share:
      case special::total_where:
        if (code_.is_for_one_row) return place_scatters(ids);
        [[fallthrough]];
      case special::total:
        places_.place_in_list(ids[0]);
        return append_once(ids[0]);
      default:
        return place_rows(ids);
    }
  }

  void append_once(Id id) {
    Step step = places_.step_of(id);
    step.out = places_.of(id);
    append(Kind::once, 1, step.out).operands[0] = static_cast<std::uint32_t>(phase_.once.size());
    phase_.once.push_back(step);
  }

  void place_picks(std::span<const Id> ids) {
    const std::uint32_t first = static_cast<std::uint32_t>(to_.picks.size());
    for (const Id id : ids) {
      const std::vector<Id>& list = code_.lists[at(id).a];
      to_.picks.push_back({.first = static_cast<std::uint32_t>(to_.places.size()),
                           .size = static_cast<std::uint32_t>(list.size())});
      for (const Id from : list) to_.places.push_back(places_.of(from));
    }
    const bool by_index = at(ids[0]).op == special::pick;
    VectorStep& step = append(by_index ? Kind::pick : Kind::extreme, ids.size(), place_results(ids));
    step.op = at(ids[0]).op;
    step.operands = {first, by_index ? places_.of(at(ids[0]).b) : 0, 0};
  }

  /// Totals over one row by an index: its number where it is the one that counts.
  void place_scatters(std::span<const Id> ids) {
    const std::uint32_t out = place_results(ids);
    const auto first = static_cast<std::uint32_t>(to_.scatters.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const Instruction& x = at(ids[i]);
      if (i > 0 && x.a == at(ids[i - 1]).a && x.b == at(ids[i - 1]).b && x.c == at(ids[i - 1]).c + 1) {
        ++to_.scatters.back().size;
        continue;
      }
      to_.scatters.push_back({.x = places_.of(x.a),
                              .index = places_.of(x.b),
                              .number = x.c,
                              .out = out + static_cast<std::uint32_t>(i),
                              .size = 1});
    }
    const auto count = static_cast<std::uint32_t>(to_.scatters.size()) - first;
    append(Kind::scatter, ids.size(), out).operands = {first, count, 0};
  }

  void place_rows(std::span<const Id> ids) {
    const OpCode op = at(ids[0]).op;
    const std::size_t count = operand_count(op);
    std::array<Operand, 3> operands;
    for (std::size_t k = 0; k < count; ++k) {
      operands[k] = operand_of(ids, [this, k](Id id) {
        const Instruction& x = at(id);
        return k == 0 ? x.a : k == 1 ? x.b : x.c;
      });
      bring_together(operands[k]);
    }
    const std::uint32_t out = place_results(ids);
    if (ids.size() >= least_in_machine && light_row_of(op) < LightRows::size) {
      return append_light(light_row_of(op), std::span(operands).first(count), ids.size(), out);
    }
    VectorStep& step = append(Kind::kernel, ids.size(), out);
    step.op = op;
    for (std::size_t k = 0; k < count; ++k) {
      step.operands[k] = operands[k].at;
      if (operands[k].kind == Operand::Kind::same) step.uniform |= static_cast<std::uint8_t>(1U << k);
    }
  }

  void append_light(std::size_t row, std::span<const Operand> operands, std::size_t count,
                    std::uint32_t out) {
    const std::uint32_t first = static_cast<std::uint32_t>(to_.terms.size());
    const auto is_same = [&](std::size_t k) { return operands[k].kind == Operand::Kind::same; };
    const std::size_t held = operands.size() == 2 && is_same(0) ? 1 : 0;
    for (const Operand& operand : operands) reads_.push_back(read_of(operand));
    append_term(false, true, operands[held], nullptr);
    if (operands.size() == 1) {
      to_.terms.push_back({.code = row_code(row, RowForm::held_x)});
    } else if (operands.size() == 2) {
      const Operand& other = operands[1 - held];
      const bool uniform = is_same(1 - held);
      const RowForm form = held == 0 ? (uniform ? RowForm::held_u : RowForm::held_x)
                                     : (uniform ? RowForm::u_held : RowForm::x_held);
      TermStep step{.code = row_code(row, form)};
      (uniform ? step.u : step.x) = other.at;
      to_.terms.push_back(step);
    } else {
      TermStep step;
      RowForm form = RowForm::held_x;
      if (!is_same(1)) {
        step.x = operands[1].at;
        form = is_same(2) ? RowForm::held_u : RowForm::held_x;
        (is_same(2) ? step.u : step.y) = operands[2].at;
      } else {
        step.u = operands[1].at;
        step.x = operands[2].at;
        form = is_same(2) ? RowForm::u_held : RowForm::x_held;
      }
      step.code = row_code(row, form);
      to_.terms.push_back(step);
    }
    close_machine(first, count, out);
  }

  /// Joins the machine's steps before these if they are for as many results: all of them are then done for
  /// some packs first, and for the others later. So nothing computed there may be read here but what lies in
  /// the same pack.
  void close_machine(std::uint32_t first, std::size_t count, std::uint32_t out) {
    to_.terms.push_back({.code = store_code, .x = out});
    const auto end = static_cast<std::uint32_t>(to_.terms.size());
    bool goes_on = !to_.steps.empty() && to_.steps.back().kind == Kind::machine &&
                   to_.steps.back().count == count && to_.steps.back().operands[1] == first;
    for (const Read& read : reads_) {
      for (const std::uint32_t stored : stored_) {
        const bool is_there = read.at < stored + count && read.at + read.count > stored;
        goes_on &= !is_there || (read.at == stored && read.count == count);
      }
    }
    reads_.clear();
    if (goes_on) {
      to_.steps.back().operands[1] = end;
    } else {
      append(Kind::machine, count, out).operands = {first, end, 0};
      stored_.clear();
    }
    stored_.push_back(out);
  }

  /// A term of results side by side, of one operand or of two, that are not both the same for all.
  void append_term(bool minus, bool is_first, const Operand& x, const Operand* y) {
    TermStep step;
    TermKind kind = TermKind::x;
    const bool x_is_same = x.kind == Operand::Kind::same;
    if (y == nullptr) {
      kind = x_is_same ? TermKind::u : TermKind::x;
      (x_is_same ? step.u : step.x) = x.at;
    } else if (x_is_same || y->kind == Operand::Kind::same) {
      kind = TermKind::ux;
      step.u = x_is_same ? x.at : y->at;
      step.x = x_is_same ? y->at : x.at;
    } else {
      kind = TermKind::xy;
      step.x = x.at;
      step.y = y->at;
    }
    step.code = term_code(kind, minus, is_first);
    to_.terms.push_back(step);
  }

  // ---- operands

  template <class Get>
  Operand operand_of(std::span<const Id> ids, const Get& get) const {
    Operand operand{.at = places_.of(get(ids[0])), .count = static_cast<std::uint32_t>(ids.size())};
    bool together = true, same = true;
    for (std::size_t i = 1; i < ids.size(); ++i) {
      const std::uint32_t place = places_.of(get(ids[i]));
      together &= place == operand.at + i;
      same &= place == operand.at;
      if (!together && !same) break;
    }
    if (together || same) {
      operand.kind = same ? Operand::Kind::same : Operand::Kind::together;
      return operand;
    }
    operand.kind = Operand::Kind::scattered;
    operand.places.reserve(ids.size());
    for (const Id id : ids) operand.places.push_back(places_.of(get(id)));
    return operand;
  }

  /// Copies what is scattered, unless that has been done.
  void bring_together(Operand& operand) {
    if (operand.kind != Operand::Kind::scattered) return;
    operand.kind = Operand::Kind::together;
    operand.at = gathered(operand.places);
  }
  [[nodiscard]] bool is_gathered(const Operand& operand) const {
    return operand.kind != Operand::Kind::scattered || find_gathered(operand.places) != none;
  }

  std::uint32_t gathered(std::span<const std::uint32_t> places) {
    const std::uint32_t known = find_gathered(places);
    if (known != none) return to_.steps[known].out;
    const auto first = static_cast<std::uint32_t>(to_.places.size());
    to_.places.insert(to_.places.end(), places.begin(), places.end());
    gathers_.emplace(hash_of(places), static_cast<std::uint32_t>(to_.steps.size()));
    const std::uint32_t out = take_places(places.size());
    append(Kind::gather, places.size(), out).operands[0] = first;
    return out;
  }
  static std::uint64_t hash_of(std::span<const std::uint32_t> places) {
    std::uint64_t hash = places.size();
    for (const std::uint32_t place : places) hash = (hash ^ place) * 0x9e3779b97f4a7c15U ^ hash >> 29U;
    return hash;
  }
  /// The step that gathers these places.
  [[nodiscard]] std::uint32_t find_gathered(std::span<const std::uint32_t> places) const {
    const auto [first, last] = gathers_.equal_range(hash_of(places));
    for (auto known = first; known != last; ++known) {
      const VectorStep& step = to_.steps[known->second];
      const auto there = std::span(to_.places).subspan(step.operands[0], step.count);
      if (std::ranges::equal(there, places)) return known->second;
    }
    return none;
  }

  // ---- sums of products

  std::span<const Product> terms_of(Id dot) const { return code_.products_of(at(dot)); }

  void place_sums(std::span<const Id> ids) {
    FoundMatrices found;
    if (ids.size() < least_in_machine) {
      found.others.assign(ids.begin(), ids.end());
    } else {
      found = find_matrices(code_, ids);
    }
    for (const FoundMatrix& product : found.products) place_product(product);
    // Alike: as many terms with the same signs.
    const auto alike = [this](Id x, Id y) {
      return std::ranges::equal(terms_of(x), terms_of(y), [](const Product& a, const Product& b) {
        return a.minus == b.minus && (a.y == none) == (b.y == none);
      });
    };
    std::vector<std::vector<Id>> classes;
    std::unordered_multimap<std::uint64_t, std::size_t> known;
    for (const Id id : found.others) {
      std::uint64_t hash = terms_of(id).size();
      for (const Product& term : terms_of(id)) {
        hash = mixed(hash, (term.minus ? 2U : 0U) + (term.y == none ? 1U : 0U));
      }
      const auto [first, last] = known.equal_range(hash);
      const auto same = std::find_if(
          first, last, [&](const auto& entry) { return alike(classes[entry.second].front(), id); });
      if (same != last) {
        classes[same->second].push_back(id);
      } else {
        known.emplace(hash, classes.size());
        classes.push_back({id});
      }
    }
    // Few of a kind lie beside one another all the same.
    std::vector<Id> few;
    for (const std::vector<Id>& one : classes) {
      if (one.size() < least_in_machine) {
        few.insert(few.end(), one.begin(), one.end());
      } else {
        place_alike(one);
      }
    }
    std::ranges::sort(few);
    if (!few.empty()) append_sums(few, place_results(few), [](const Product&) { return true; }, false);
  }
  static std::uint64_t mixed(std::uint64_t hash, std::uint64_t x) {
    hash = (hash ^ x) * 0x9e3779b97f4a7c15U;
    return hash ^ hash >> 32U;
  }

  /// Sums with as many terms of the same kinds.
  void place_alike(std::span<const Id> ids) {
    const std::uint32_t out = place_results(ids);
    if (!append_side_by_side(ids, out, [](const Product&) { return true; }, false)) {
      append_sums(ids, out, [](const Product&) { return true; }, false);
    }
  }

  void place_product(const FoundMatrix& found) {
    const std::uint32_t out = place_results(found.results);
    ListProduct product{.a = matrix_of(found.a, found.terms),
                        .b = {},
                        .rows = static_cast<std::uint32_t>(found.rows),
                        .columns = static_cast<std::uint32_t>(found.columns),
                        .terms = static_cast<std::uint32_t>(found.terms)};
    const std::optional<Matrix> even = places_.even_matrix(found.b, found.columns);
    product.b = even && even->column_step == 1 ? *even : copied(found.b, found.columns);
    product.scratch = places_.take_places(found.rows * product.scratch_step());
    append(Kind::product, found.results.size(), out).operands[0] =
        static_cast<std::uint32_t>(to_.products.size());
    to_.products.push_back(product);
    // What else is in the sums.
    const auto is_other = [](const Product& term) { return !is_pair(term); };
    std::size_t most = 0;
    bool all_alike = true;
    const auto others = [&](Id id) {
      std::vector<std::pair<bool, bool>> kinds;
      for (const Product& term : terms_of(id)) {
        if (is_other(term)) kinds.emplace_back(term.minus, term.y == none);
      }
      return kinds;
    };
    const auto first = others(found.results[0]);
    for (const Id id : found.results) {
      const auto here = others(id);
      most = std::max(most, here.size());
      all_alike &= here == first;
    }
    if (most == 0) return;
    if (all_alike && append_side_by_side(found.results, out, is_other, true)) return;
    append_sums(found.results, out, is_other, true);
  }

  Matrix matrix_of(std::span<const Id> ids, std::size_t columns) {
    const std::optional<Matrix> even = places_.even_matrix(ids, columns);
    return even ? *even : copied(ids, columns);
  }
  Matrix copied(std::span<const Id> ids, std::size_t columns) {
    std::vector<std::uint32_t> places;
    places.reserve(ids.size());
    for (const Id id : ids) places.push_back(places_.of(id));
    return {.first = gathered(places), .row_step = static_cast<std::uint32_t>(columns), .column_step = 1};
  }

  /// By the machine, term after term, if what must be brought together for it is not more than it saves.
  /// `wanted`: of which terms; `to_result`: added to what is there.
  template <class Wanted>
  bool append_side_by_side(std::span<const Id> ids, std::uint32_t out, const Wanted& wanted, bool to_result) {
    const std::size_t length = terms_of(ids[0]).size();
    if (length > most_terms_in_machine) return false;
    struct Pair {
      bool minus;
      Operand x;
      std::optional<Operand> y;
    };
    // Of each sum its wanted terms, by number.
    std::vector<std::vector<std::uint32_t>> numbers(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      for (std::uint32_t k = 0; k < terms_of(ids[i]).size(); ++k) {
        if (wanted(terms_of(ids[i])[k])) numbers[i].push_back(k);
      }
    }
    std::vector<Id> which(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) which[i] = static_cast<Id>(i);
    std::vector<Pair> pairs;
    std::size_t scattered = 0;
    for (std::size_t k = 0; k < numbers[0].size(); ++k) {
      const auto term = [&](Id i) -> const Product& { return terms_of(ids[i])[numbers[i][k]]; };
      Pair pair{.minus = term(0).minus, .x = operand_of(which, [&](Id i) { return term(i).x; }), .y = {}};
      if (term(0).y != none) pair.y = operand_of(which, [&](Id i) { return term(i).y; });
      if (pair.y && pair.x.kind == Operand::Kind::same && pair.y->kind == Operand::Kind::same) return false;
      scattered += is_gathered(pair.x) ? 0 : 1;
      scattered += !pair.y || is_gathered(*pair.y) ? 0 : 1;
      pairs.push_back(std::move(pair));
    }
    if (scattered > pairs.size()) return false;
    for (Pair& pair : pairs) {
      bring_together(pair.x);
      if (pair.y) bring_together(*pair.y);
    }
    const auto first = static_cast<std::uint32_t>(to_.terms.size());
    if (to_result) {
      const Operand result{
          .kind = Operand::Kind::together, .at = out, .count = static_cast<std::uint32_t>(ids.size())};
      append_term(false, true, result, nullptr);
      reads_.push_back(read_of(result));
    }
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      reads_.push_back(read_of(pairs[k].x));
      if (pairs[k].y) reads_.push_back(read_of(*pairs[k].y));
      append_term(pairs[k].minus, k == 0 && !to_result, pairs[k].x, pairs[k].y ? &*pairs[k].y : nullptr);
    }
    close_machine(first, ids.size(), out);
    return true;
  }

  /// One after the other.
  template <class Wanted>
  void append_sums(std::span<const Id> ids, std::uint32_t out, const Wanted& wanted, bool to_result) {
    VectorStep& step = append(Kind::sums, ids.size(), out);
    step.operands = {static_cast<std::uint32_t>(to_.sums.size()), to_result ? 1U : 0U, 0};
    for (const Id id : ids) {
      to_.sums.push_back(static_cast<std::uint32_t>(to_.sum_terms.size()));
      for (const Product& term : terms_of(id)) {
        if (!wanted(term)) continue;
        to_.sum_terms.push_back({.x = places_.of(term.x) | (term.minus ? minus_bit : 0U),
                                 .y = term.y == none ? one_ : places_.of(term.y)});
      }
    }
  }

  const Code& code_;
  Places& places_;
  Schedule& schedule_;
  Phase& phase_;
  Vectors& to_;
  std::uint32_t one_ = 0;              ///< where a 1 is
  std::vector<Read> reads_;            ///< by the machine's steps under way
  std::vector<std::uint32_t> stored_;  ///< where the results of the last machine step begin
  std::unordered_multimap<std::uint64_t, std::uint32_t> gathers_;
};

}  // namespace

bool goes_side_by_side(const Code& code, std::span<const Id> ids) {
  if (ids.size() >= least_instructions) return true;
  return std::ranges::any_of(ids, [&code](Id id) {
    const OpCode op = code.instructions[id].op;
    return op == special::dot || op == special::greatest || op == special::least;
  });
}

void place_vectors(const Code& code, Places& places, std::span<const Id> ids, Schedule& schedule,
                   Phase& phase) {
  VectorPlacer(code, places, schedule, phase).run(ids);
}

}  // namespace micrograd::compiler
