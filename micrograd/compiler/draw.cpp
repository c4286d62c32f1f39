// A box for each result: its label, what it is if no operation made it, and what becomes of it outside the
// program. A bubble for each operation.
#include <micrograd/compiler/draw.hpp>

#include <algorithm>

#include <micrograd/compiler/dump.hpp>
#include <micrograd/drawing.hpp>

namespace micrograd::compiler {
namespace {

class Drawer {
 public:
  Drawer(const Code& code, const DrawOptions& options)
      : code_(code),
        first_(static_cast<Id>(code.size() - std::min(options.most, code.size()))),
        top_down_(options.top_down),
        uses_(code.size()) {
    for (std::size_t k = 0; k < code.outputs.size(); ++k) {
      std::string& use = uses_[code.outputs[k]];
      use += (use.empty() ? "output " : ", ") + std::to_string(k);
    }
    for (const Guard& guard : code.guards) {
      std::string& use = uses_[guard.comparison];
      use += std::string(use.empty() ? "" : ", ") + "guard: " + (guard.truth ? "true" : "false");
    }
  }

  std::string run() {
    const bool in_a_hurry = code_.size() - first_ > drawing::large;
    std::string text = drawing::opening({.top_down = top_down_, .in_a_hurry = in_a_hurry});
    text += legend();
    for (Id id = first_; id < code_.size(); ++id) text += box(id);
    text += drawing::cut_note(first_, "earlier instruction");
    text += drawing::bubbles;
    for (Id id = first_; id < code_.size(); ++id) {
      if (!is_leaf(id)) text += bubble(id, in_a_hurry) + edges(id);
    }
    return text + "}\n";
  }

 private:
  bool is_leaf(Id id) const {
    const OpCode op = code_.instructions[id].op;
    return op != special::user && op != special::pick && op != special::dot && !is_of_list(op) &&
           operand_count(op) == 0;
  }
  bool varies(Id id) const { return code_.varying[id] != 0; }

  /// Says what the lines mean, if there are both kinds.
  std::string legend() const {
    bool some_vary = false;
    bool some_do_not = false;
    for (Id id = first_; id < code_.size(); ++id) (varies(id) ? some_vary : some_do_not) = true;
    if (!some_vary || !some_do_not) return {};
    return std::string("  graph [label=\"solid: a number for each row") +
           (code_.loops.empty() ? "" : " or round") +
           "; dashed: one number for all rows\", labelloc=b, "
           "fontname=\"sans-serif\", fontsize=11, fontcolor=\"" +
           std::string(drawing::grey_text) + "\"];\n";
  }

  std::string box(Id id) const {
    std::string text = "  n" + std::to_string(id) + " [label=\"{ ";
    const auto label = code_.labels.find(id);
    if (label != code_.labels.end()) text += drawing::escape(label->second, true) + " | ";
    text += is_leaf(id) ? drawing::escape(text_of_leaf(code_, code_.instructions[id]), true)
                        : "%" + std::to_string(id);
    if (!uses_[id].empty()) text += " | " + uses_[id];
    text += " }\"";
    if (!varies(id)) text += R"(, style="filled,rounded,dashed")";
    if (!uses_[id].empty()) {
      text += drawing::result;
    } else if (code_.is_number(id)) {
      text += drawing::constant;
    } else if (is_leaf(id)) {
      text += drawing::leaf;
    }
    return text + "];\n";
  }

  std::string bubble(Id id, bool in_a_hurry) const {
    const Instruction& x = code_.instructions[id];
    const std::string_view name = x.op == special::user ? std::string_view(code_.calls[x.a].name)
                                  : is_comparison(x.op) ? sign_of(x.op)
                                                        : name_of(x.op);
    std::string text = "  op" + std::to_string(id) + " [label=\"" + drawing::escape(name, false) + "\"";
    if (!varies(id))
      text += R"(, style="filled,dashed", fillcolor=white, fontcolor=")" + std::string(drawing::teal) + "\"";
    std::size_t operands = 0;
    for_each_operand(code_, x, [&operands](Id) { ++operands; });
    const bool commutes = x.op == code<Add> || x.op == code<Multiply>;
    if (operands > 1 && !commutes && !in_a_hurry) text += ", ordering=in";
    return text + "];\n";
  }

  std::string edges(Id id) const {
    const std::string name = std::to_string(id);
    std::string text;
    bool cut = false;
    for_each_operand(code_, code_.instructions[id], [&](Id operand) {
      cut |= operand < first_;
      if (operand < first_) return;
      text += "  n" + std::to_string(operand) + " -> op" + name +
              (varies(operand) ? ";\n" : " [style=dashed];\n");
    });
    if (cut) text += drawing::cut_mark(name);
    return text + "  op" + name + " -> n" + name + (varies(id) ? ";\n" : " [style=dashed];\n");
  }

  const Code& code_;
  Id first_;  ///< of the instructions that are shown
  bool top_down_;
  std::vector<std::string> uses_;
};

}  // namespace

std::string draw(const Code& code, const DrawOptions& options) { return Drawer(code, options).run(); }

}  // namespace micrograd::compiler
