// One walk to see what becomes matrix products and how long each result is needed, one to place them.
#include <micrograd/compiler/place_sweep.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <micrograd/compiler/find_products.hpp>
#include <micrograd/compiler/write_terms.hpp>

namespace micrograd::compiler {

namespace {

/// Outputs that are stored together: rows are written faster in long stretches, but the slots wait.
constexpr std::size_t stored_together = 64;

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
  bool is(Role role, Id id) const { return places_.is(role, id); }
  bool totals_a_sum(Id total) const {
    return at(total).op == special::total && at(at(total).a).op == special::dot;
  }

  // ---- what belongs together

  void count_uses() {
    std::size_t terms = 0;
    for (const Id id : work_.members) {
      places_.uses[id] = places_.roles[id] = 0;
      terms += at(id).op == special::dot ? at(id).b + 1 : 3;  // at most, with what stores it
    }
    sweep_.terms.reserve(terms + 2 * work_.totals.size());
    sweep_.steps.reserve(work_.members.size() + work_.totals.size());
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
      places_.mark(Role::totalled, at(total).a);
    }
  }

  void find_products() {
    std::vector<Id> dots, totals;
    for (const Id id : work_.members) {
      if (at(id).op == special::dot && !is(Role::totalled, id)) dots.push_back(id);
    }
    for (const Id total : work_.totals) {
      if (totals_a_sum(total) && is(Role::totalled, at(total).a)) totals.push_back(total);
    }
    multiplies_ = find_multiplies(code_, dots);
    for (std::size_t m = 0; m < multiplies_.size(); ++m) {
      for (std::size_t r = 0; r < multiplies_[m].results.size(); ++r) {
        rest_of_[multiplies_[m].results[r]] = &multiplies_[m].rests[r];
        places_.mark(Role::multiplied, multiplies_[m].results[r]);
      }
      multiply_at_[multiplies_[m].results[0]] = m;
    }
    for (const FoundTotals& found : find_totals(code_, totals)) {
      const Id last = *std::ranges::max_element(found.totals);
      for (const Id total : found.totals) {
        waits_for_[at(total).a] = last;
        places_.mark(Role::waiting, at(total).a);
      }
      totals_at_[last].push_back(found);
    }
  }

  /// Columns that are read only by sums of products need no slot: they are read where they lie.
  void find_columns_in_slots() {
    if (code_.columns.empty()) return;
    const auto is_column = [this](Id id) { return id != none && at(id).op == special::column; };
    const auto look = [&](Id user) {
      const Instruction& x = at(user);
      const bool reads_in_place =
          x.op == special::dot && !is(Role::multiplied, user) && !is(Role::waiting, user);
      if (!reads_in_place) {
        for_each_operand(code_, x, [&](Id operand) {
          if (is_column(operand)) places_.mark(Role::column_in_slot, operand);
        });
        return;
      }
      for (const Product& term : code_.products_of(x)) {
        if (term.y == none) continue;
        // Of two factors one may be a column, if no third is there.
        if (is_column(term.x) && (is_column(term.y) || term.factor != none))
          places_.mark(Role::column_in_slot, term.x);
        if (is_column(term.y) && term.factor != none) places_.mark(Role::column_in_slot, term.y);
      }
    };
    for (const Id id : work_.members) look(id);
    for (const Id id : work_.totals) {
      if (!is(Role::totalled, at(id).a)) look(id);
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
      const Id user = is(Role::waiting, id) ? waits_for_.at(id) : id;
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
      places_.mark(Role::ends_group, latest);
      groups_[latest].emplace_back(outputs.begin() + static_cast<std::ptrdiff_t>(first),
                                   outputs.begin() + static_cast<std::ptrdiff_t>(end));
      first = end;
    }
  }

  // ---- results of each round

  void place_member(Id id) {
    if (is(Role::waiting, id)) return;
    if (is(Role::totalled, id)) {
      append_total(total_of_.at(id), writer_.append_sum(id));
      writer_.held = none;
      return release_operands(id);
    }
    if (is(Role::multiplied, id)) {
      const auto product = multiply_at_.find(id);
      if (product != multiply_at_.end()) place_multiply(multiplies_[product->second]);
      const std::vector<Product>& rest = *rest_of_.at(id);
      if (!rest.empty()) append_rest(id, rest);
      release_operands(id);
    } else {
      place_varying(id);
    }
    if (is(Role::ends_group, id)) store_groups_that_end_at(id);
    const bool is_pinned = places_.pinned_until[id] != none && places_.pinned_until[id] > id;
    if (places_.last_use[id] == id && !is_pinned) free_slot_of(id);
  }

  void place_varying(Id id) {
    if (at(id).op == special::column && !is(Role::column_in_slot, id)) {
      places_.last_use[id] = none;  // it has no slot to give up
      return;
    }
    const std::size_t light = light_row_of(at(id).op);
    const bool is_dot = at(id).op == special::dot;
    if (!is_dot && light == LightRows::size) {
      writer_.held = none;
      Step step = places_.step_of(id);
      // Operands whose last use this is give up their slots first: a kernel may write over its operands. One
      // that is not a kernel of the table reads all before it writes.
      release_operands(id);
      step.out = take_slot(id);
      sweep_.steps.push_back(step);
      return;
    }
    const std::uint32_t first = is_dot ? writer_.append_sum(id) : writer_.append_row(id);
    release_operands(id);
    writer_.held = id;
    if (is_held_only(id)) {
      places_.last_use[id] = none;
      append_light_step(id, first, 0);
      sweep_.steps.back().is_held_only = true;
      return;
    }
    const std::uint32_t out = take_slot(id);
    writer_.append_store(out);
    append_light_step(id, first, out);
  }

  /// The machine's steps from `first` to the last one written.
  void append_light_step(Id id, std::uint32_t first, std::uint32_t out) {
    sweep_.steps.push_back({.id = id,
                            .kind = Step::Kind::light,
                            .out = out,
                            .operands = {first, static_cast<std::uint32_t>(sweep_.terms.size()), 0}});
  }

  /// The machine still holds the result when its one use comes, and need not write it down.
  bool is_held_only(Id id) const {
    if (next_ == none || places_.uses[id] != 1) return false;
    const Instruction& next = at(next_);
    if (is(Role::waiting, next_) || is(Role::multiplied, next_)) return false;
    if (next.op == special::dot) {
      const Product& first = code_.products_of(next)[0];
      return first.x == id && first.y == none && first.factor == none && !first.minus;
    }
    const std::size_t light = light_row_of(next.op);
    if (light == LightRows::size) return false;
    return next.a == id || (operand_count(next.op) == 2 && next.b == id);
  }

  /// All results at once, where the first one stands: whatever they need is there by then. It is read while
  /// results are written, so no slot of it may be one of theirs.
  void place_multiply(const FoundMultiply& found) {
    writer_.held = none;
    MultipliedSlots product;
    product.weights = places_.matrix_of(found.weights, found.x.size(), sweep_.copies);
    const bool has_starts = std::ranges::any_of(found.starts, [](Id id) { return id != none; });
    if (has_starts) product.starts = places_.matrix_of(found.starts, 1, sweep_.copies);
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

  /// The terms of a row beside the matrix product are added where the row itself stands.
  void append_rest(Id id, const std::vector<Product>& rest) {
    const auto first = static_cast<std::uint32_t>(sweep_.terms.size());
    sweep_.terms.push_back({.code = term_code(TermKind::x, false, true), .x = places_.of(id)});
    for (const Product& term : rest) writer_.append_term(term, false);
    writer_.append_store(places_.of(id));
    writer_.held = id;
    append_light_step(id, first, places_.of(id));
  }

  // ---- sums over the rounds

  void place_total(Id id) {
    writer_.held = none;
    const auto products = totals_at_.find(id);
    if (products != totals_at_.end()) {
      for (const FoundTotals& found : products->second) place_totals(found, id);
    }
    if (at(id).op == special::total_where) {
      place_total_where(id);
    } else if (!is(Role::totalled, at(id).a)) {
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
    append_light_step(id, first, places_.of(id));
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
    writer_.held = none;
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
  TermWriter writer_{code_, places_, sweep_.terms};
};

}  // namespace

Sweep place_sweep(const Code& code, Places& places, const SweepWork& work) {
  return SweepPlacer(code, places, work).run();
}

}  // namespace micrograd::compiler
