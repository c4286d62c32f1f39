// One walk to see what becomes matrix products and how long each result is needed, one to place them.
#include <micrograd/compiler/place_sweep.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <micrograd/compiler/find_products.hpp>

namespace micrograd::compiler {

Places::Places(const Code& code, Schedule& schedule)
    : last_use(code.size(), none),
      uses(code.size(), 0),
      roles(code.size(), 0),
      pinned_until(code.size(), none),
      code_(code),
      schedule_(schedule),
      at_(code.size(), 0) {}

std::uint32_t Places::take_places(std::size_t count) {
  const auto first = static_cast<std::uint32_t>(schedule_.uniforms);
  schedule_.uniforms += count;
  return first;
}

Step Places::step_of(Id id) {
  const Instruction& instruction = code_.instructions[id];
  Step step{
      .id = id, .op = instruction.op, .count = static_cast<std::uint8_t>(operand_count(instruction.op))};
  const std::array<Id, 3> operands{instruction.a, instruction.b, instruction.c};
  for (std::size_t i = 0; i < step.count; ++i) {
    step.operands[i] = at_[operands[i]];
    if (code_.varying[operands[i]] == 0) step.uniform |= static_cast<std::uint8_t>(1U << i);
  }
  if (step.count == 0) step.operands[0] = instruction.a;
  if (step.op == special::user || step.op == special::pick) {
    step.operands[0] = static_cast<std::uint32_t>(schedule_.operands.size());
    for_each_operand(code_, instruction, [&](Id operand) { schedule_.operands.push_back(place(operand)); });
    step.operands[1] = static_cast<std::uint32_t>(schedule_.operands.size());
  }
  return step;
}

namespace {

/// Outputs that are stored together: as many doubles as a cache line holds.
constexpr std::size_t stored_together = 8;

/// What is special about a result of the sweep: bits of Places::roles.
enum Role : std::uint8_t {
  totalled = 1,        ///< in total_of_
  multiplied = 2,      ///< in rest_of_
  waiting = 4,         ///< in waits_for_
  column_in_slot = 8,  ///< a column that is not read where it lies
  ends_group = 16      ///< in groups_
};

/// Of each kind its place among the light rows, or their number.
constexpr auto light_rows = [] {
  std::array<std::uint8_t, special::count> known{};
  known.fill(LightRows::size);
  std::uint8_t row = 0;
  LightRows::for_each([&]<class Op>() {
    const std::size_t code = kernel_code<Op>;
    if (code < Ops::size) {
      known[code] = row;
    } else if (code == kernel_code<Choose>) {
      known[special::select] = row;
    } else {
      known[special::less + (code - kernel_code<IsLess>)] = row;
    }
    ++row;
  });
  return known;
}();

class SweepPlacer {
 public:
  SweepPlacer(const Code& code, Places& places, const SweepWork& work)
      : code_(code), places_(places), work_(work) {
    sweep_.loop = work.loop;
  }

  Sweep run() {
    count_uses();
    find_sums_of_totals();
    find_products();
    find_columns_in_slots();
    find_last_uses();
    group_outputs();
    std::size_t next_total = 0;
    for (std::size_t m = 0; m < work_.members.size(); ++m) {
      const Id id = work_.members[m];
      while (next_total < work_.totals.size() && work_.totals[next_total] < id)
        place_total(work_.totals[next_total++]);
      const bool total_is_next = next_total < work_.totals.size() && m + 1 < work_.members.size() &&
                                 work_.totals[next_total] < work_.members[m + 1];
      next_ = m + 1 < work_.members.size() && !total_is_next ? work_.members[m + 1] : none;
      place_member(id);
    }
    while (next_total < work_.totals.size()) place_total(work_.totals[next_total++]);
    sweep_.slots = std::max<std::size_t>(sweep_.slots, 1);
    return std::move(sweep_);
  }

 private:
  const Instruction& at(Id id) const { return code_.instructions[id]; }
  bool varies(Id id) const { return code_.varying[id] != 0; }
  bool is(Role role, Id id) const { return (places_.roles[id] & role) != 0; }
  void mark(Role role, Id id) { places_.roles[id] |= role; }
  bool totals_a_sum(Id total) const {
    return at(total).op == special::total && at(at(total).a).op == special::dot;
  }

  // ---- what belongs together

  void count_uses() {
    for (const Id id : work_.members) places_.uses[id] = places_.roles[id] = 0;
    const auto use = [this](Id operand) { ++places_.uses[operand]; };
    for (const Id id : work_.members) for_each_operand(code_, at(id), use);
    for (const Id id : work_.totals) for_each_operand(code_, at(id), use);
    for (const std::uint32_t k : work_.outputs) use(code_.outputs[k]);
  }

  /// A sum of products that only a total needs is added to it at once, and never stored.
  void find_sums_of_totals() {
    for (const Id total : work_.totals) {
      if (!totals_a_sum(total) || places_.uses[at(total).a] != 1) continue;
      total_of_.emplace(at(total).a, total);
      mark(totalled, at(total).a);
    }
  }

  void find_products() {
    std::vector<Id> dots, totals;
    for (const Id id : work_.members) {
      if (at(id).op == special::dot && !is(totalled, id)) dots.push_back(id);
    }
    for (const Id total : work_.totals) {
      if (totals_a_sum(total) && is(totalled, at(total).a)) totals.push_back(total);
    }
    multiplies_ = find_multiplies(code_, dots);
    for (std::size_t m = 0; m < multiplies_.size(); ++m) {
      for (std::size_t r = 0; r < multiplies_[m].results.size(); ++r) {
        rest_of_[multiplies_[m].results[r]] = &multiplies_[m].rests[r];
        mark(multiplied, multiplies_[m].results[r]);
      }
      multiply_at_[multiplies_[m].results[0]] = m;
    }
    for (const FoundTotals& found : find_totals(code_, totals)) {
      const Id last = *std::ranges::max_element(found.totals);
      for (const Id total : found.totals) {
        waits_for_[at(total).a] = last;
        mark(waiting, at(total).a);
      }
      totals_at_[last].push_back(found);
    }
  }

  void find_last_uses() {
    for (const Id id : work_.members) {
      places_.last_use[id] = id;
      places_.pinned_until[id] = none;
    }
    const auto use = [this](Id operand, Id user) {
      if (varies(operand)) places_.last_use[operand] = std::max(places_.last_use[operand], user);
    };
    for (const Id id : work_.members) {
      const Id user = is(waiting, id) ? waits_for_.at(id) : id;
      for_each_operand(code_, at(id), [&](Id operand) { use(operand, user); });
    }
    for (const Id id : work_.totals) for_each_operand(code_, at(id), [&](Id operand) { use(operand, id); });
  }

  /// Outputs keep their slots until the last one of their group is there.
  void group_outputs() {
    const std::vector<std::uint32_t>& outputs = work_.outputs;
    for (std::size_t first = 0; first < outputs.size();) {
      const std::size_t group = outputs[first] / stored_together;
      std::size_t end = first;
      Id latest = 0;
      for (; end < outputs.size() && outputs[end] / stored_together == group; ++end) {
        latest = std::max(latest, code_.outputs[outputs[end]]);
      }
      for (std::size_t k = first; k < end; ++k) {
        Id& pinned = places_.pinned_until[code_.outputs[outputs[k]]];
        if (pinned == none || pinned < latest) pinned = latest;
      }
      mark(ends_group, latest);
      groups_[latest].emplace_back(outputs.begin() + static_cast<std::ptrdiff_t>(first),
                                   outputs.begin() + static_cast<std::ptrdiff_t>(end));
      first = end;
    }
  }

  // ---- results of each round

  void place_member(Id id) {
    if (is(waiting, id)) return;
    if (is(totalled, id)) {
      append_total(total_of_.at(id), append_terms(id));
      held_ = none;
      return release_operands(id);
    }
    if (is(multiplied, id)) {
      const auto product = multiply_at_.find(id);
      if (product != multiply_at_.end()) place_multiply(multiplies_[product->second]);
      const std::vector<Product>& rest = *rest_of_.at(id);
      if (!rest.empty()) append_rest(id, rest);
      release_operands(id);
    } else {
      place_varying(id);
    }
    if (is(ends_group, id)) store_groups_that_end_at(id);
    const bool is_pinned = places_.pinned_until[id] != none && places_.pinned_until[id] > id;
    if (places_.last_use[id] == id && !is_pinned) free_slot_of(id);
  }

  void place_varying(Id id) {
    if (at(id).op == special::column && !is(column_in_slot, id)) {
      places_.last_use[id] = none;  // it has no slot to give up
      return;
    }
    const std::size_t light = light_rows[at(id).op];
    const bool is_dot = at(id).op == special::dot;
    if (!is_dot && light == LightRows::size) {
      held_ = none;
      Step step = places_.step_of(id);
      // Operands whose last use this is give up their slots first: a kernel may write over its operands. One
      // that is not a kernel of the table reads all before it writes.
      release_operands(id);
      step.out = take_slot(id);
      sweep_.steps.push_back(step);
      return;
    }
    const auto first = static_cast<std::uint32_t>(sweep_.terms.size());
    is_dot ? void(append_terms(id)) : append_row(id, light);
    release_operands(id);
    held_ = id;
    if (is_held_only(id)) {
      places_.last_use[id] = none;
      append_sum_step(id, first);
      sweep_.steps.back().is_held_only = true;
      return;
    }
    const std::uint32_t out = take_slot(id);
    sweep_.terms.push_back({.code = store_code, .x = out});
    append_sum_step(id, first);
    sweep_.steps.back().out = out;
  }

  void append_sum_step(Id id, std::uint32_t first) {
    sweep_.steps.push_back({.id = id,
                            .kind = Step::Kind::light,
                            .operands = {first, static_cast<std::uint32_t>(sweep_.terms.size()), 0}});
  }

  // ---- light rows

  /// The machine still holds the result when its one use comes, and need not write it down.
  bool is_held_only(Id id) const {
    if (next_ == none || places_.uses[id] != 1) return false;
    const Instruction& next = at(next_);
    if (is(waiting, next_) || is(multiplied, next_)) return false;
    if (next.op == special::dot) {
      const Product& first = code_.products_of(next)[0];
      return first.x == id && first.y == none && first.factor == none && !first.minus;
    }
    const std::size_t light = light_rows[next.op];
    if (light == LightRows::size) return false;
    return next.a == id || (operand_count(next.op) == 2 && next.b == id);
  }

  void hold(Id id) {
    if (held_ == id) return;
    if (varies(id)) {
      append_term({.x = id}, true);
    } else {
      append_term({.factor = id}, true);
    }
  }

  void append_row(Id id, std::size_t light) {
    const Instruction& x = at(id);
    const std::size_t operands = operand_count(x.op);
    const auto place = [this](Id operand) { return places_.of(operand); };
    if (operands == 3) {
      hold(x.a);
      TermStep step;
      const bool y_varies = varies(x.b), z_varies = varies(x.c);
      if (y_varies) {
        step.x = place(x.b);
        (z_varies ? step.y : step.u) = place(x.c);
      } else {
        step.u = place(x.b);
        step.x = place(x.c);
      }
      const RowForm form = y_varies ? (z_varies ? RowForm::held_x : RowForm::held_u)
                                    : (z_varies ? RowForm::x_held : RowForm::u_held);
      step.code = row_code(light, form);
      sweep_.terms.push_back(step);
      return;
    }
    if (operands == 1) {
      hold(x.a);
      sweep_.terms.push_back({.code = row_code(light, RowForm::held_x)});
      return;
    }
    // Which operand is held: the one that already is, else the first that varies.
    const bool hold_second = x.a != held_ && (x.b == held_ || !varies(x.a));
    const Id other = hold_second ? x.a : x.b;
    hold(hold_second ? x.b : x.a);
    const RowForm form = varies(other) ? (hold_second ? RowForm::x_held : RowForm::held_x)
                                       : (hold_second ? RowForm::u_held : RowForm::held_u);
    TermStep step{.code = row_code(light, form)};
    (varies(other) ? step.x : step.u) = place(other);
    sweep_.terms.push_back(step);
  }

  // ---- columns

  /// Columns that are read only by sums of products need no slot: they are read where they lie.
  void find_columns_in_slots() {
    const auto is_column = [this](Id id) { return id != none && at(id).op == special::column; };
    const auto look = [&](Id user) {
      const Instruction& x = at(user);
      const bool reads_in_place = x.op == special::dot && !is(multiplied, user) && !is(waiting, user);
      if (!reads_in_place) {
        for_each_operand(code_, x, [&](Id operand) {
          if (is_column(operand)) mark(column_in_slot, operand);
        });
        return;
      }
      for (const Product& term : code_.products_of(x)) {
        if (term.y == none) continue;
        // Of two factors one may be a column, if no third is there.
        if (is_column(term.x) && (is_column(term.y) || term.factor != none)) mark(column_in_slot, term.x);
        if (is_column(term.y) && term.factor != none) mark(column_in_slot, term.y);
      }
    };
    for (const Id id : work_.members) look(id);
    for (const Id id : work_.totals) {
      if (!is(totalled, at(id).a)) look(id);
    }
  }

  /// All results at once, where the first one stands: whatever they need is there by then. It is read while
  /// results are written, so no slot of it may be one of theirs.
  void place_multiply(const FoundMultiply& found) {
    held_ = none;
    MultipliedSlots product;
    product.weights = matrix_of(found.weights, found.x.size());
    const bool has_starts = std::ranges::any_of(found.starts, [](Id id) { return id != none; });
    if (has_starts) product.starts = matrix_of(found.starts, 1);
    product.has_starts = has_starts;
    for (const Id id : found.x) product.x.push_back(places_.of(id));
    for (const Id id : found.results) {
      product.ids.push_back(id);
      product.out.push_back(take_slot(id));
    }
    sweep_.steps.push_back({.id = found.results[0],
                            .kind = Step::Kind::multiply,
                            .operands = {static_cast<std::uint32_t>(sweep_.multiplies.size()), 0, 0}});
    sweep_.multiplies.push_back(std::move(product));
  }

  /// Where the numbers lie if they lie evenly, else copies that do. A row is `columns` of them; none is 0.
  Matrix matrix_of(const std::vector<Id>& ids, std::size_t columns) {
    const auto place = [this, &ids](std::size_t i) { return places_.of(ids[i]); };
    const bool whole = std::ranges::none_of(ids, [](Id id) { return id == none; });
    const std::size_t rows = ids.size() / columns;
    if (whole) {
      Matrix matrix{.first = place(0),
                    .row_step = rows > 1 ? place(columns) - place(0) : 0,
                    .column_step = columns > 1 ? place(1) - place(0) : 0};
      bool even = true;
      for (std::size_t i = 0; i < ids.size() && even; ++i) {
        even = place(i) == matrix.first + static_cast<std::uint32_t>(i / columns) * matrix.row_step +
                               static_cast<std::uint32_t>(i % columns) * matrix.column_step;
      }
      if (even) return matrix;
    }
    const std::uint32_t first = places_.take_places(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      sweep_.copies.push_back(
          {.from = ids[i] == none ? Copy::zero : place(i), .to = first + static_cast<std::uint32_t>(i)});
    }
    return {.first = first, .row_step = static_cast<std::uint32_t>(columns), .column_step = 1};
  }

  /// The terms of a row beside the matrix product are added where the row itself stands.
  void append_rest(Id id, const std::vector<Product>& rest) {
    const auto first = static_cast<std::uint32_t>(sweep_.terms.size());
    sweep_.terms.push_back({.code = term_code(TermKind::x, false, true), .x = places_.of(id)});
    for (const Product& term : rest) append_term(term, false);
    sweep_.terms.push_back({.code = store_code, .x = places_.of(id)});
    held_ = id;
    sweep_.steps.push_back({.id = id,
                            .kind = Step::Kind::light,
                            .out = places_.of(id),
                            .operands = {first, static_cast<std::uint32_t>(sweep_.terms.size()), 0}});
  }

  /// The steps of a sum up to what becomes of it; the place of the first one.
  std::uint32_t append_terms(Id dot) {
    const auto first = static_cast<std::uint32_t>(sweep_.terms.size());
    bool is_first = true;
    for (const Product& term : code_.products_of(at(dot))) {
      const bool is_held = is_first && held_ != none && term == Product{.x = held_};
      if (!is_held) append_term(term, is_first);
      is_first = false;
    }
    return first;
  }

  void append_term(const Product& term, bool is_first) {
    const auto is_read_in_place = [this](Id id) {
      return id != none && at(id).op == special::column && !is(column_in_slot, id);
    };
    Id x = term.x, y = term.y;
    if (is_read_in_place(x) && y != none) std::swap(x, y);
    TermKind kind = term.factor == none ? TermKind::x : TermKind::ux;
    if (is_read_in_place(x)) kind = term.factor == none ? TermKind::c : TermKind::uc;
    if (y != none) kind = term.factor == none ? TermKind::xy : TermKind::uxy;
    if (is_read_in_place(y)) kind = TermKind::xc;
    if (x == none) kind = TermKind::u;
    const auto place = [&](Id id) {
      if (id == none) return Id{0};
      return is_read_in_place(id) ? at(id).a : places_.of(id);
    };
    sweep_.terms.push_back({.code = term_code(kind, term.minus, is_first),
                            .u = place(term.factor),
                            .x = place(x),
                            .y = place(y)});
  }

  // ---- sums over the rounds

  void place_total(Id id) {
    held_ = none;
    const auto products = totals_at_.find(id);
    if (products != totals_at_.end()) {
      for (const FoundTotals& found : products->second) place_totals(found, id);
    }
    if (at(id).op == special::total_where) {
      place_total_where(id);
    } else if (!is(totalled, at(id).a)) {
      const auto first = static_cast<std::uint32_t>(sweep_.terms.size());
      sweep_.terms.push_back({.code = term_code(TermKind::x, false, true), .x = places_.of(at(id).a)});
      append_total(id, first);
    } else {
      return;  // done with its operand, or with others
    }
    release_operands(id);
  }

  void append_total(Id id, std::uint32_t first) {
    sweep_.terms.push_back({.code = total_code, .x = static_cast<std::uint32_t>(sweep_.totals.size())});
    sweep_.totals.push_back({.id = id, .out = places_.place_in_list(id)});
    sweep_.steps.push_back({.id = id,
                            .kind = Step::Kind::light,
                            .out = places_.of(id),
                            .operands = {first, static_cast<std::uint32_t>(sweep_.terms.size()), 0}});
  }

  void place_totals(const FoundTotals& found, Id last) {
    TotalsOfProducts product;
    for (const Id id : found.g) product.g.push_back(places_.of(id));
    for (const Id id : found.x) product.x.push_back(places_.of(id));
    for (const Id id : found.totals) product.totals.push_back({.id = id, .out = places_.place_in_list(id)});
    sweep_.steps.push_back({.id = last,
                            .kind = Step::Kind::add_products,
                            .operands = {static_cast<std::uint32_t>(sweep_.add_products.size()), 0, 0}});
    sweep_.add_products.push_back(std::move(product));
    for (const Id id : found.g) release(id, last);
    for (const Id id : found.x) release(id, last);
  }

  /// The first total of a result by an index makes a step for all of them.
  void place_total_where(Id id) {
    const Instruction& instruction = at(id);
    Step step = places_.step_of(id);
    step.kind = Step::Kind::total_where;
    step.out = places_.place_in_list(id);
    const std::uint64_t key = std::uint64_t{instruction.a} << 32U | instruction.b;
    const auto [known, is_new] = totals_where_.try_emplace(key, sweep_.totals_where.size());
    if (is_new) {
      step.operands[2] = static_cast<std::uint32_t>(known->second);
      sweep_.totals_where.emplace_back();
      sweep_.steps.push_back(step);
    }
    TotalsWhere& all = sweep_.totals_where[known->second];
    all.totals.push_back({.id = id, .number = instruction.c, .out = step.out});
    all.size = std::max<std::size_t>(all.size, instruction.c + 1);
  }

  // ---- outputs

  void store_groups_that_end_at(Id id) {
    const std::vector<std::vector<std::uint32_t>>& groups = groups_.at(id);
    held_ = none;
    for (const std::vector<std::uint32_t>& group : groups) {
      Store store{.after = sweep_.steps.size(), .first = static_cast<std::uint32_t>(sweep_.stored.size())};
      for (const std::uint32_t k : group) {
        sweep_.stored.push_back({.output = k, .slot = places_.of(code_.outputs[k])});
      }
      store.end = static_cast<std::uint32_t>(sweep_.stored.size());
      sweep_.stores.push_back(store);
    }
    for (const std::vector<std::uint32_t>& group : groups) {
      for (const std::uint32_t k : group) {
        const Id output = code_.outputs[k];
        if (output != id && places_.pinned_until[output] == id && places_.last_use[output] <= id)
          free_slot_of(output);
      }
    }
  }

  // ---- slots

  std::uint32_t take_slot(Id id) {
    if (free_.empty()) free_.push_back(static_cast<std::uint32_t>(sweep_.slots++));
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return places_.of(id) = slot;
  }
  void release_operands(Id id) {
    for_each_operand(code_, at(id), [&](Id operand) { release(operand, id); });
  }
  void release(Id operand, Id user) {
    if (!varies(operand) || places_.last_use[operand] != user) return;
    const Id pinned = places_.pinned_until[operand];
    if (pinned == none || pinned < user) free_slot_of(operand);
  }
  void free_slot_of(Id id) {
    places_.last_use[id] = none;  // an operand may stand twice in one instruction, and an output in one group
    free_.push_back(places_.of(id));
  }

  const Code& code_;
  Places& places_;
  const SweepWork& work_;
  Id next_ = none;                       ///< the member behind the one under way, if nothing comes between
  Id held_ = none;                       ///< what the machine holds
  std::unordered_map<Id, Id> total_of_;  ///< of a sum of products: the total that is all it is for
  std::vector<FoundMultiply> multiplies_;
  std::unordered_map<Id, std::size_t> multiply_at_;              ///< by the first result
  std::unordered_map<Id, const std::vector<Product>*> rest_of_;  ///< of a result in them
  std::unordered_map<Id, std::vector<FoundTotals>> totals_at_;   ///< by the last total
  std::unordered_map<Id, Id> waits_for_;                         ///< of a sum in them: that last one
  std::unordered_map<Id, std::vector<std::vector<std::uint32_t>>> groups_;  ///< of outputs, by the last one
  std::unordered_map<std::uint64_t, std::size_t> totals_where_;
  std::vector<std::uint32_t> free_;
  Sweep sweep_;
};

}  // namespace

Sweep place_sweep(const Code& code, Places& places, const SweepWork& work) {
  return SweepPlacer(code, places, work).run();
}

}  // namespace micrograd::compiler
