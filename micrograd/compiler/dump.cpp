// Programs as text, for people.
#include <micrograd/compiler/dump.hpp>

#include <algorithm>

#include <micrograd/engine/describe.hpp>

namespace micrograd::compiler {
namespace {

std::string place(Id id) { return "%" + std::to_string(id); }

/// The operation and the names of its operands.
template <class Name> std::string text_of(const Code& code, const Instruction& x, const Name& name) {
  if (x.op == special::total || x.op == special::total_where) {
    std::string text = "total " + name(x.a);
    const LoopNumber loop = code.loop_of_total(x);
    if (loop >= first_found_loop) text += " over loop " + std::to_string(loop);
    return x.op == special::total ? text : text + " where " + name(x.b) + " is " + std::to_string(x.c);
  }
  if (x.op == special::pick) {
    std::string text = "pick " + name(x.b) + " of";
    for (const Id id : code.lists[x.a]) text += " " + name(id);
    return text;
  }
  if (x.op != special::user && operand_count(x.op) == 0) return text_of_leaf(code, x);
  std::string text(x.op == special::user ? std::string_view(code.calls[x.a].name) : name_of(x.op));
  for_each_operand(code, x, [&](Id operand) { text += " " + name(operand); });
  return text;
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

std::string dump(const Code& code, const Schedule& schedule, std::size_t block) {
  const auto name = [&](Id id) {
    return (code.varying[id] != 0 ? "s" : "u") + std::to_string(schedule.place[id]);
  };
  const auto write = [&](std::string& text, const std::string& when, const std::vector<Step>& steps) {
    if (steps.empty()) return;
    text += when + ":\n";
    for (std::size_t i = 0; i < steps.size(); ++i) {
      text += "  " + line_of(code, steps[i].id, name);
      if (&steps != &schedule.rows) continue;
      for (const Store& store : schedule.stores[i])
        text += "  output " + std::to_string(store.output) + " = s" + std::to_string(store.slot) + "\n";
    }
  };
  std::string text = text_of_loops(code);
  write(text, "once, before the rows", schedule.before);
  write(text,
        "for each block of " + std::to_string(block) + " rows, slots: " + std::to_string(schedule.slots),
        schedule.rows);
  write(text, "once, after the rows", schedule.after);
  for (std::size_t k = 0; k < code.outputs.size(); ++k) {
    const Id id = code.outputs[k];
    if (code.varying[id] == 0) text += "output " + std::to_string(k) + " = " + name(id) + "\n";
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
