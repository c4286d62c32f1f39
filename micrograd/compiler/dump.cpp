// Programs as text, for people.
#include <micrograd/compiler/dump.hpp>

#include <micrograd/engine/describe.hpp>

namespace micrograd::compiler {
namespace {

std::string place(Id id) { return "%" + std::to_string(id); }

std::string text_of(const Code& code, const Instruction& x) {
  switch (x.op) {
    case special::literal:
      return engine::describe_number(code.literals[x.a]);
    case special::data:
      return "data " + engine::describe_number(code.literals[x.a]);
    case special::input:
    case special::parameter:
      return std::string(name_of(x.op)) + " " + std::to_string(x.a);
    case special::total_where:
      return "total " + place(x.a) + " where " + place(x.b) + " is " + std::to_string(x.c);
    case special::pick: {
      std::string text = "pick " + place(x.b) + " of";
      for (const Id id : code.lists[x.a]) text += " " + place(id);
      return text;
    }
    default:
      break;
  }
  std::string text(x.op == special::user ? std::string_view(code.calls[x.a].name) : name_of(x.op));
  for_each_operand(code, x, [&text](Id operand) { text += " " + place(operand); });
  return text;
}

}  // namespace

std::string dump(const Code& code) {
  std::string text;
  for (Id id = 0; id < code.size(); ++id) {
    std::string line = place(id) + " = " + text_of(code, code.instructions[id]);
    const auto label = code.labels.find(id);
    if (label != code.labels.end()) line += "   # " + label->second;
    text += line + "\n";
  }
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

std::string shown(const Code& code, Id id) {
  const auto label = code.labels.find(id);
  if (label != code.labels.end()) return "'" + label->second + "'";
  if (code.is_number(id)) return engine::describe_number(code.number(id));
  return "(" + text_of(code, code.instructions[id]) + ")";
}

}  // namespace micrograd::compiler
