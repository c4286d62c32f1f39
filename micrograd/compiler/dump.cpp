// Programs as text, for people.
#include <micrograd/compiler/dump.hpp>

#include <algorithm>

#include <micrograd/compiler/dump_vectors.hpp>
#include <micrograd/engine/describe.hpp>

namespace micrograd::compiler {
namespace {

std::string place(Id id) { return "%" + std::to_string(id); }

/// As one would write it: `%3 * (%1 * %2) - %4`.
template <class Name>
std::string sum_of_products(const Code& code, const Instruction& dot, const Name& name) {
  std::string text;
  for (const Product& term : code.products_of(dot)) {
    if (!text.empty()) text += term.minus ? " - " : " + ";
    if (text.empty() && term.minus) text += "-";
    if (term.factor != none) text += name(term.factor);
    if (term.factor != none && term.x != none) text += " * ";
    const bool in_brackets = term.factor != none && term.y != none;
    if (in_brackets) text += "(";
    if (term.x != none) text += name(term.x);
    if (term.y != none) text.append(" * ").append(name(term.y));
    if (in_brackets) text += ")";
  }
  return text;
}

/// The operation and the names of its operands.
template <class Name> std::string text_of(const Code& code, const Instruction& x, const Name& name) {
  if (x.op == special::total || x.op == special::total_where) {
    std::string text = "total " + name(x.a);
    const LoopNumber loop = code.loop_of_total(x);
    if (loop >= first_found_loop) text += " over loop " + std::to_string(loop);
    return x.op == special::total ? text : text + " where " + name(x.b) + " is " + std::to_string(x.c);
  }
  if (x.op == special::dot) return sum_of_products(code, x, name);
  if (x.op == special::pick) {
    std::string text = "pick " + name(x.b) + " of";
    for (const Id id : code.lists[x.a]) text += " " + name(id);
    return text;
  }
  if (x.op == special::is_place) return name(x.a) + " is " + std::to_string(x.b);
  if (is_of_list(x.op)) {
    std::string text(name_of(x.op));
    if (x.op == special::which) text += " is " + std::string(name_of(static_cast<OpCode>(x.b)));
    text += " of";
    for (const Id id : code.lists[x.a]) text += " " + name(id);
    return text;
  }
  if (x.op != special::user && operand_count(x.op) == 0) return text_of_leaf(code, x);
  std::string text(x.op == special::user ? std::string_view(code.calls[x.a].name) : name_of(x.op));
  for_each_operand(code, x, [&](Id operand) { text += " " + name(operand); });
  return text;
}

std::string label_of(const Code& code, Id id) {
  const auto label = code.labels.find(id);
  return label == code.labels.end() ? "" : "   # " + label->second;
}

template <class Name> std::string line_of(const Code& code, Id id, const Name& name) {
  std::string line = name(id) + " = " + text_of(code, code.instructions[id], name);
  if (code.varying[id] >= first_found_loop) line += "   in loop " + std::to_string(code.varying[id]);
  const auto label = code.labels.find(id);
  if (label != code.labels.end()) line += "   # " + label->second;
  return line + "\n";
}

/// The first few numbers.
std::string text_of(const std::vector<double>& column) {
  constexpr std::size_t most = 4;
  std::string text = "column";
  for (std::size_t i = 0; i < std::min(most, column.size()); ++i) {
    text += " " + engine::describe_number(column[i]);
  }
  return text + (column.size() > most ? " …" : "");
}

std::string text_of_loops(const Code& code) {
  std::string text;
  for (std::size_t i = 0; i < code.loops.size(); ++i) {
    text += "loop " + std::to_string(first_found_loop + i) + ": " + std::to_string(code.loops[i].rounds) +
            " rounds\n";
  }
  return text;
}

/// `s1 s2` or, of more than four, `s1 s2 … s9 (9)`.
std::string shown_slots(std::span<const std::uint32_t> slots) {
  std::string text;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots.size() > 4 && i == 2) {
      i = slots.size() - 1;
      text += " …";
    }
    text += (i == 0 ? "s" : " s") + std::to_string(slots[i]);
  }
  return slots.size() > 4 ? text + " (" + std::to_string(slots.size()) + ")" : text;
}
/// Terms of a sum, and maybe what becomes of it.
std::string text_of(std::span<const TermStep> terms) {
  std::string text;
  if (terms.empty() || terms[0].code >= store_code || (terms[0].code & 1U) == 0) text = "held";
  for (const TermStep& term : terms) {
    if (term.code >= store_code) break;
    const bool minus = (term.code & 2U) != 0;
    if (!text.empty()) text += minus ? " - " : " + ";
    if (text.empty() && minus) text += "-";
    const std::string u = "u" + std::to_string(term.u), x = "s" + std::to_string(term.x);
    const std::string xy = x + " * s" + std::to_string(term.y);
    switch (static_cast<TermKind>(term.code / 4)) {
      case TermKind::u:
        text += u;
        break;
      case TermKind::x:
        text += x;
        break;
      case TermKind::ux:
        text.append(u).append(" * ").append(x);
        break;
      case TermKind::xy:
        text += xy;
        break;
      case TermKind::uxy:
        text.append(u).append(" * (").append(xy).append(")");
        break;
      case TermKind::c:
        text += "c" + std::to_string(term.x);
        break;
      case TermKind::uc:
        text += u + " * c" + std::to_string(term.x);
        break;
      case TermKind::xc:
        text += x + " * c" + std::to_string(term.y);
        break;
    }
  }
  return text;
}
/// Where numbers lie in the list.
std::string shown(const Matrix& matrix, const char* what) {
  const auto step = [](std::uint32_t number) { return std::to_string(static_cast<std::int32_t>(number)); };
  return std::string(what) + " u" + std::to_string(matrix.first) + " by " + step(matrix.row_step) + " and " +
         step(matrix.column_step);
}

}  // namespace

std::string text_of_leaf(const Code& code, const Instruction& x) {
  switch (x.op) {
    case special::literal:
      return engine::describe_number(code.literals[x.a]);
    case special::data:
      return "data " + engine::describe_number(code.literals[x.a]);
    case special::input:
    case special::parameter:
      return std::string(name_of(x.op)) + " " + std::to_string(x.a);
    case special::column:
      return text_of(code.columns[x.a]);
    default:
      return std::string(name_of(x.op));
  }
}

std::string dump(const Code& code) {
  std::string text = text_of_loops(code);
  for (Id id = 0; id < code.size(); ++id) text += line_of(code, id, place);
  for (const Guard& guard : code.guards) {
    text += "guard " + place(guard.comparison) + " is " + (guard.truth ? "true" : "false") + "\n";
  }
  for (const IndexColumn& index : code.indices) {
    text += "input " + std::to_string(index.column) + " is " + expected_of(index) + "\n";
  }
  text += "return";
  for (const Id output : code.outputs) text += " " + place(output);
  return text + "\n";
}

std::string dump(const Code& code, const Schedule& schedule, std::span<const std::size_t> blocks) {
  std::vector<std::uint32_t> places(code.size(), none);  // slots change their owners as steps go by
  const auto name = [&](Id id) -> std::string {
    const Instruction& x = code.instructions[id];
    if (places[id] != none) return (code.varying[id] != 0 ? "s" : "u") + std::to_string(places[id]);
    return x.op == special::column ? "c" + std::to_string(x.a) : "held";
  };
  const auto line = [&](const Step& step) {
    places[step.id] = step.out;
    return "  " + line_of(code, step.id, name);
  };
  const auto lines = [&](const Sweep& sweep, const Step& step) {
    std::string text;
    switch (step.kind) {
      case Step::Kind::total_where:
        for (const TotalsWhere::One& one : sweep.totals_where[step.operands[2]].totals) {
          text += line({.id = one.id, .out = one.out});
        }
        return text;
      case Step::Kind::multiply: {
        const MultipliedSlots& product = sweep.multiplies[step.operands[0]];
        for (std::size_t r = 0; r < product.ids.size(); ++r) places[product.ids[r]] = product.out[r];
        return "  " + shown_slots(product.out) + " = " + shown(product.weights, "weights") + " * " +
               shown_slots(product.x) + (product.has_starts ? " + " + shown(product.starts, "starts") : "") +
               "\n";
      }
      case Step::Kind::add_products: {
        const TotalsOfProducts& product = sweep.add_products[step.operands[0]];
        for (const Total& total : product.totals) places[total.id] = total.out;
        return "  u" + std::to_string(product.totals.front().out) + " … u" +
               std::to_string(product.totals.back().out) + " = totals " + shown_slots(product.g) + " * " +
               shown_slots(product.x) + "\n";
      }
      case Step::Kind::light: {
        const Instruction& x = code.instructions[step.id];
        if (x.op != special::dot && x.op != special::total) {
          const std::string read = text_of(code, x, name);
          places[step.id] = step.is_held_only ? none : step.out;
          return "  " + name(step.id) + " = " + read + label_of(code, step.id) + "\n";
        }
        places[step.id] = step.is_held_only ? none : step.out;
        const auto terms =
            std::span(sweep.terms).subspan(step.operands[0], step.operands[1] - step.operands[0]);
        return "  " + name(step.id) + " = " + (terms.back().code == total_code ? "total " : "") +
               text_of(terms) + label_of(code, step.id) + "\n";
      }
      default:
        return line(step);
    }
  };
  const auto rounds = [&](LoopNumber loop) {
    return loop == rows_loop ? std::string("rows") : "rounds of loop " + std::to_string(loop);
  };
  std::string text = text_of_loops(code);
  std::size_t next_block = 0;
  for (std::size_t p = 0; p < schedule.phases.size(); ++p) {
    const Phase& phase = schedule.phases[p];
    if (!phase.once.empty() || !phase.vectors.steps.empty()) text += p == 0 ? "once:\n" : "then once:\n";
    if (phase.vectors.steps.empty()) {
      for (const Step& step : phase.once) text += line(step);
    }
    for (const VectorStep& step : phase.vectors.steps) {
      const bool is_once = step.kind == VectorStep::Kind::once;
      text += is_once ? line(phase.once[step.operands[0]]) : dump_vector_step(phase.vectors, step);
    }
    for (const auto& [id, place] : phase.vectors.results) places[id] = place;
    for (const Sweep& sweep : phase.sweeps) {
      text += "for each block of " + std::to_string(blocks[next_block++]) + " " + rounds(sweep.loop) +
              ", slots: " + std::to_string(sweep.slots) + ":\n";
      std::size_t next_store = 0;
      for (std::size_t s = 0; s < sweep.steps.size(); ++s) {
        const Step& step = sweep.steps[s];
        text += lines(sweep, step);
        for (; next_store < sweep.stores.size() && sweep.stores[next_store].after == s + 1; ++next_store) {
          const Store& store = sweep.stores[next_store];
          for (std::uint32_t k = store.first; k < store.end; ++k) {
            text += "  output " + std::to_string(sweep.stored[k].output) + " = s" +
                    std::to_string(sweep.stored[k].slot) + "\n";
          }
        }
      }
    }
  }
  for (std::size_t k = 0; k < schedule.outputs.size(); ++k) {
    const Place& place = schedule.outputs[k];
    if (place.uniform) text += "output " + std::to_string(k) + " = u" + std::to_string(place.at) + "\n";
  }
  return text;
}

std::string shown(const Code& code, Id id) {
  const auto label = code.labels.find(id);
  if (label != code.labels.end()) return "'" + label->second + "'";
  if (code.is_number(id)) return engine::describe_number(code.number(id));
  return "(" + text_of(code, code.instructions[id], place) + ")";
}

}  // namespace micrograd::compiler
