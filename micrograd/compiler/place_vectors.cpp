// Group after group of find_levels. What its operands are decides how: numbers side by side are read where
// they lie, the same number for all is spread, and others are brought together first.
#include <micrograd/compiler/place_vectors.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <micrograd/compiler/find_levels.hpp>
#include <micrograd/compiler/lane_rows.hpp>
#include <micrograd/compiler/place_sums.hpp>
#include <micrograd/compiler/vector_writer.hpp>
#include <micrograd/compiler/write_terms.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

class VectorPlacer {
 public:
  VectorPlacer(const Code& code, Places& places, Schedule& schedule, Phase& phase)
      : code_(code),
        places_(places),
        schedule_(schedule),
        to_(phase.vectors),
        writer_(places, schedule, phase) {}

  void run(std::span<const Id> ids, std::vector<std::uint32_t>& level) {
    const Levels levels = find_levels(code_, ids, level);
    one_ = writer_.place_number(1);
    for (std::size_t g = 0; g < levels.groups(); ++g) place_group(levels.group(g));
    to_.results.reserve(ids.size());
    for (const Id id : ids) to_.results.emplace_back(id, places_.of(id));
    to_.sums.push_back(static_cast<std::uint32_t>(to_.sum_terms.x.size()));
    if (schedule_.uniforms >= minus_bit) {
      throw UsageError("compile: the program has too many numbers outside loops (got " +
                       std::to_string(schedule_.uniforms) + ", expected less than " +
                       std::to_string(minus_bit) + ")");
    }
  }

 private:
  using Kind = VectorStep::Kind;
  using Operand = VectorWriter::Operand;

  const Instruction& at(Id id) const { return code_.instructions[id]; }

  // ---- groups by kind

  void place_group(std::span<const Id> ids) {
    const OpCode op = at(ids[0]).op;
    switch (op) {
      case special::literal:
      case special::data: {
        const std::uint32_t first = writer_.place_results(ids);
        for (std::size_t i = 0; i < ids.size(); ++i) {
          schedule_.numbers.emplace_back(first + static_cast<std::uint32_t>(i), code_.number(ids[i]));
        }
        return;
      }
      case special::parameter: {
        const std::uint32_t first = static_cast<std::uint32_t>(to_.places.size());
        for (const Id id : ids) to_.places.push_back(at(id).a);
        writer_.append(Kind::parameters, ids.size(), writer_.place_results(ids)).operands[0] = first;
        return;
      }
      case special::input: {
        writer_.place_results(ids);
        for (const Id id : ids) writer_.append_once(id);
        return;
      }
      case special::stop:
        for (const Id id : ids) places_.of(id) = places_.of(at(id).a);
        return;
      case special::dot:
        return place_sums(code_, places_, writer_, to_, one_, ids);
      case special::pick:
      case special::greatest:
      case special::least:
      case special::which:
        return place_picks(ids);
      case special::is_place:
        return place_scatters(ids);
      case special::total_where:
        if (code_.is_for_one_row) return place_scatters(ids);
        [[fallthrough]];
      case special::total:
      case special::user:
      case special::rows:
      case special::share:
        places_.place_in_list(ids[0]);
        return writer_.append_once(ids[0]);
      default:
        return place_rows(ids);
    }
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
    VectorStep& step =
        writer_.append(by_index ? Kind::pick : Kind::extreme, ids.size(), writer_.place_results(ids));
    step.op = at(ids[0]).op;
    step.operands = {first, by_index ? places_.of(at(ids[0]).b) : at(ids[0]).b, 0};
  }

  /// A number where an index is the one that counts: of totals over one row, or 1.
  struct Scattered {
    std::uint32_t x, index;
    Id number;
  };
  Scattered scattered(Id id) {
    const Instruction& x = at(id);
    if (x.op == special::is_place) return {.x = one_, .index = places_.of(x.a), .number = x.b};
    return {.x = places_.of(x.a), .index = places_.of(x.b), .number = x.c};
  }
  void place_scatters(std::span<const Id> ids) {
    const std::uint32_t out = writer_.place_results(ids);
    const auto first = static_cast<std::uint32_t>(to_.scatters.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const Scattered one = scattered(ids[i]);
      if (i > 0) {
        ListScatter& last = to_.scatters.back();
        if (one.x == last.x && one.index == last.index && one.number == last.number + last.size) {
          ++last.size;
          continue;
        }
      }
      to_.scatters.push_back({.x = one.x,
                              .index = one.index,
                              .number = one.number,
                              .out = out + static_cast<std::uint32_t>(i),
                              .size = 1});
    }
    const auto count = static_cast<std::uint32_t>(to_.scatters.size()) - first;
    writer_.append(Kind::scatter, ids.size(), out).operands = {first, count, 0};
  }

  /// Derivatives come in the order opposite to what they are made of. Results go in the order of their
  /// operands.
  std::vector<Id> in_order_of_operands(std::span<const Id> ids) {
    std::vector<Id> order(ids.begin(), ids.end());
    const Instruction& first = at(order.front());
    const Instruction& last = at(order.back());
    const std::array<std::pair<Id, Id>, 3> ends{{{first.a, last.a}, {first.b, last.b}, {first.c, last.c}}};
    for (std::size_t k = 0; k < operand_count(first.op); ++k) {
      const std::uint32_t x = places_.of(ends[k].first), y = places_.of(ends[k].second);
      if (x == y) continue;
      if (x > y) std::ranges::reverse(order);
      break;
    }
    return order;
  }

  void place_rows(std::span<const Id> given) {
    const std::vector<Id> ids = in_order_of_operands(given);
    const OpCode op = at(ids[0]).op;
    const std::size_t count = operand_count(op);
    std::array<Operand, 3> operands;
    for (std::size_t k = 0; k < count; ++k) {
      operands[k] = writer_.operand_of(ids, [this, k](Id id) {
        const Instruction& x = at(id);
        return k == 0 ? x.a : k == 1 ? x.b : x.c;
      });
    }
    writer_.bring_together(std::span(operands).first(count));
    const std::uint32_t out = writer_.place_results(ids);
    if (ids.size() >= least_in_machine && light_row_of(op) < LightRows::size) {
      return append_light(light_row_of(op), std::span(operands).first(count), ids.size(), out);
    }
    VectorStep& step = writer_.append(Kind::kernel, ids.size(), out);
    step.op = op;
    for (std::size_t k = 0; k < count; ++k) {
      step.operands[k] = operands[k].at;
      if (operands[k].kind == Operand::Kind::same) step.uniform |= static_cast<std::uint8_t>(1U << k);
    }
  }

  void append_light(std::size_t row, std::span<const Operand> operands, std::size_t count,
                    std::uint32_t out) {
    const std::uint32_t first = writer_.begin_machine();
    const auto is_same = [&](std::size_t k) { return operands[k].kind == Operand::Kind::same; };
    const std::size_t held = operands.size() == 2 && is_same(0) ? 1 : 0;
    for (const Operand& operand : operands) writer_.reads(operand);
    writer_.append_term(false, true, operands[held], nullptr);
    if (operands.size() == 1) {
      writer_.append_row({.code = row_code(row, RowForm::held_x)});
    } else if (operands.size() == 2) {
      const Operand& other = operands[1 - held];
      const bool uniform = is_same(1 - held);
      const RowForm form = held == 0 ? (uniform ? RowForm::held_u : RowForm::held_x)
                                     : (uniform ? RowForm::u_held : RowForm::x_held);
      TermStep step{.code = row_code(row, form)};
      (uniform ? step.u : step.x) = other.at;
      writer_.append_row(step);
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
      writer_.append_row(step);
    }
    writer_.close_machine(first, count, out);
  }

  const Code& code_;
  Places& places_;
  Schedule& schedule_;
  Vectors& to_;
  VectorWriter writer_;
  std::uint32_t one_ = 0;  ///< where a 1 is
};

}  // namespace

bool goes_side_by_side(const Code& code, std::span<const Id> ids) {
  if (ids.size() >= least_side_by_side) return true;
  return std::ranges::any_of(ids, [&code](Id id) {
    const OpCode op = code.instructions[id].op;
    return op == special::dot || op == special::is_place || is_of_list(op);
  });
}

void place_vectors(const Code& code, Places& places, std::span<const Id> ids,
                   std::vector<std::uint32_t>& level, Schedule& schedule, Phase& phase) {
  VectorPlacer(code, places, schedule, phase).run(ids, level);
}

}  // namespace micrograd::compiler
