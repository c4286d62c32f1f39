// One statement an instruction. Results are local variables, but those of one part that a later one needs lie
// in an array, each place of which is used again after the last use of what it held.
#include <micrograd/compiler/c_function.hpp>

#include <algorithm>
#include <array>

#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

/// Statements in one C function: some compilers need time that grows with the square of this.
constexpr std::size_t longest_part = 500;
/// Half of what a thread usually has.
constexpr std::size_t most_stack = std::size_t{4} * 1024 * 1024;

struct Part {
  std::string body;
  bool can_fail = false;
  bool uses_x = false;
  bool uses_parameters = false;
  bool uses_kept = false;
  std::vector<std::uint8_t> uses_result;
};

class FunctionWriter {
 public:
  FunctionWriter(const Code& code, std::string_view name, const std::vector<CResult>& results,
                 bool has_parameters, const Dialect& dialect)
      : code_(code), name_(name), results_(results), has_parameters_(has_parameters), dialect_(dialect) {}

  CFunction write() {
    find_order();
    find_parts();
    find_last_uses();
    find_targets();
    names_.resize(code_.size());
    for (const IndexColumn& index : code_.indices) put_check(index);
    for (std::size_t i = 0; i < order_.size(); ++i) {
      put(order_[i]);
      if (i + 1 != guarded_) continue;
      for (std::size_t k = 0; k < guarded_; ++k) put_outputs(order_[k]);
    }
    for (const Id id : outputs_of_none_) put_outputs(id);
    finish();
    return std::move(function_);
  }

 private:
  static bool is_statement(OpCode op) {
    return op < Ops::size || is_comparison(op) || op == special::select || op == special::user ||
           op == special::pick || op == special::total_where;
  }

  /// What guards need comes first, so that nothing is written, or computed in vain, if one fails.
  void find_order() {
    std::vector<std::uint8_t> is_guarded(code_.size());
    for (const Guard& guard : code_.guards) is_guarded[guard.comparison] = 1;
    for (std::size_t id = code_.size(); id-- > 0;) {
      if (is_guarded[id] == 0) continue;
      for_each_operand(code_, code_.instructions[id], [&](Id operand) { is_guarded[operand] = 1; });
    }
    same_as_.resize(code_.size());
    std::vector<Id> others;
    for (Id id = 0; id < code_.size(); ++id) {
      const Instruction& x = code_.instructions[id];
      same_as_[id] = x.op == special::stop ? same_as_[x.a] : id;
      if (is_statement(x.op)) (is_guarded[id] != 0 ? order_ : others).push_back(id);
    }
    guarded_ = order_.size();
    order_.insert(order_.end(), others.begin(), others.end());
  }

  void find_parts() {
    part_of_.assign(code_.size(), 0);
    for (std::size_t i = 0; i < order_.size(); ++i) {
      part_of_[order_[i]] = static_cast<std::uint32_t>(i / longest_part);
    }
    const std::size_t parts = order_.empty() ? 1 : (order_.size() - 1) / longest_part + 1;
    parts_.assign(parts, {.body = {}, .uses_result = std::vector<std::uint8_t>(results_.size())});
    free_after_.resize(parts);
  }

  /// The last part that uses a result.
  void find_last_uses() {
    last_part_ = part_of_;
    for (const Id id : order_) {
      for_each_operand(code_, code_.instructions[id],
                       [&](Id operand) { last_part_[same_as_[operand]] = part_of_[id]; });
    }
    if (guarded_ == 0) return;
    const std::uint32_t end = part_of_[order_[guarded_ - 1]];
    for (const Id output : code_.outputs) {
      std::uint32_t& last = last_part_[same_as_[output]];
      if (part_of_[same_as_[output]] <= end) last = std::max(last, end);
    }
  }

  /// What is to be done with a result: the outputs it is, the guards on it.
  void find_targets() {
    for (std::size_t k = 0; k < code_.outputs.size(); ++k) {
      const Id id = same_as_[code_.outputs[k]];
      std::vector<std::size_t>& outputs = outputs_of_[id];
      if (outputs.empty() && !is_statement(code_.instructions[id].op)) outputs_of_none_.push_back(id);
      outputs.push_back(k);
    }
    for (const Guard& guard : code_.guards) guards_on_[same_as_[guard.comparison]].push_back(guard.truth);
  }

  Part& part() { return parts_[now_]; }

  /// The text of a result, for the part that is being written.
  CellText text_of(Id given) {
    const Id id = same_as_[given];
    const Instruction& x = code_.instructions[id];
    switch (x.op) {
      case special::literal:
      case special::data:
        return {.number = code_.number(id), .name = {}};
      case special::input:
        part().uses_x = true;
        return {.number = {}, .name = "x[" + std::to_string(x.a) + "]"};
      case special::parameter:
        part().uses_parameters = true;
        return {.number = {}, .name = "parameters[" + std::to_string(x.a) + "]"};
      default:
        if (is_kept(id)) part().uses_kept = true;
        return {.number = {}, .name = name_of_result(id)};
    }
  }

  bool is_kept(Id id) const { return last_part_[id] > part_of_[id]; }

  std::string name_of_result(Id id) const {
    return is_kept(id) ? "kept[" + std::to_string(names_[id]) + "]" : "v" + std::to_string(names_[id]);
  }

  void line(const std::string& text) { part().body += "  " + text + "\n"; }

  void put(Id id) {
    const Instruction& x = code_.instructions[id];
    if (x.op == special::user) {
      throw UsageError("to_c: a row that is not of the table cannot be written in C (got '" +
                       code_.calls[x.a].name + "'); write it as a function of rows that are");
    }
    now_ = part_of_[id];
    ++statements_;
    if (x.op == special::pick) {
      put_pick(id);
    } else {
      const std::string value = value_of(id);
      line(begun(id, "const ") + " = " + value + ";");
    }
    put_guards(id);
    if (statements_ > guarded_) put_outputs(id);
  }

  /// Gives the result a place or a name. Returns how a statement begins that gives it a value.
  std::string begun(Id id, const std::string& qualifier) {
    names_[id] = is_kept(id) ? take_place(last_part_[id]) : statements_;
    return (is_kept(id) ? "" : qualifier + std::string(dialect_.type()) + " ") + text_of(id).name;
  }

  std::string in_c(Id id) {
    const CellText text = text_of(id);
    return text.number ? number_in_c(*text.number, dialect_) : text.name;
  }

  std::string value_of(Id id) {
    const Instruction& x = code_.instructions[id];
    if (x.op == special::total_where) {  // of one row
      return in_c(x.b) + " == " + number_in_c(x.c, dialect_) + " ? " + in_c(x.a) + " : " +
             number_in_c(0, dialect_);
    }
    std::array<CellText, 3> operands;
    std::size_t count = 0;
    for_each_operand(code_, x, [&](Id operand) { operands[count++] = text_of(operand); });
    const RowText row =
        row_in_c(x.op, std::span(operands).first(count), "v" + std::to_string(statements_), dialect_);
    function_.uses_digamma |= row.uses_digamma;
    function_.uses_polygamma |= row.uses_polygamma;
    for (const std::string& statement : row.statements) line(statement);
    return row.result;
  }

  void put_pick(Id id) {
    const Instruction& x = code_.instructions[id];
    const std::vector<Id>& list = code_.lists[x.a];
    const std::string place = "(int)" + in_c(x.b);
    if (const auto [first, stride] = progression(list); stride > 0) {
      const std::string array = code_.instructions[list[0]].op == special::input ? "x" : "parameters";
      (array == "x" ? part().uses_x : part().uses_parameters) = true;
      line(begun(id, "const ") + " = " + array + "[" + (first > 0 ? std::to_string(first) + " + " : "") +
           (stride > 1 ? std::to_string(stride) + " * " : "") + place + "];");
      return;
    }
    line(begun(id, "") + " = " + in_c(list[0]) + ";");
    line("switch (" + place + ") {");
    for (std::size_t k = 1; k < list.size(); ++k) {
      line("  case " + std::to_string(k) + ": " + text_of(id).name + " = " + in_c(list[k]) + "; break;");
    }
    line("  default: break;");
    line("}");
  }

  /// Where a list of columns or parameters begins, and how far they lie apart; 0 if not equally far.
  std::pair<Id, Id> progression(const std::vector<Id>& list) const {
    const Instruction& first = code_.instructions[list[0]];
    if (list.size() < 2 || (first.op != special::input && first.op != special::parameter)) return {};
    const Id stride = code_.instructions[list[1]].a - first.a;
    for (std::size_t k = 1; k < list.size(); ++k) {
      const Instruction& x = code_.instructions[list[k]];
      if (x.op != first.op || x.a != code_.instructions[list[k - 1]].a + stride) return {};
    }
    return {first.a, stride <= none / 2 ? stride : 0};
  }

  void put_check(const IndexColumn& index) {
    const std::string x = "x[" + std::to_string(index.column) + "]";
    const std::string f = dialect_.is_float ? "f" : "";
    const std::string in_range = index.size == IndexColumn::unlimited
                                     ? "fabs" + f + "(" + x + ") <= " + number_in_c(largest_whole, dialect_)
                                     : x + " >= " + number_in_c(0, dialect_) + " && " + x + " < " +
                                           number_in_c(static_cast<double>(index.size), dialect_);
    part().uses_x = part().can_fail = true;
    line("if (!(" + in_range + " && floor" + f + "(" + x + ") == " + x + ")) return 1;");
  }

  void put_guards(Id id) {
    const auto found = guards_on_.find(id);
    if (found == guards_on_.end()) return;
    for (const bool truth : found->second) {
      part().can_fail = true;
      line("if (" + text_of(id).name + (truth ? " == " : " != ") + number_in_c(0, dialect_) + ") return 1;");
    }
  }

  void put_outputs(Id id) {
    const auto found = outputs_of_.find(id);
    if (found == outputs_of_.end()) return;
    for (std::size_t k : found->second) {
      std::size_t result = 0;
      while (k >= results_[result].count) k -= results_[result++].count;
      part().uses_result[result] = 1;
      line(results_[result].name + "[" + std::to_string(k) + "] = " + in_c(id) + ";");
    }
  }

  /// A free place in the array, until the end of the part `last`.
  std::uint32_t take_place(std::uint32_t last) {
    for (; freed_ < now_; ++freed_) {
      free_.insert(free_.end(), free_after_[freed_].begin(), free_after_[freed_].end());
    }
    if (free_.empty()) free_.push_back(places_++);
    const std::uint32_t place = free_.back();
    free_.pop_back();
    free_after_[last].push_back(place);
    return place;
  }

  /// What the function and its parts are given, `const double* x` and so on or just the names.
  std::string arguments(const Part* part, bool with_types) const {
    std::string text;
    const auto add = [&](bool is_used, const char* type_begin, const std::string& name) {
      if (!is_used) return;
      if (!text.empty()) text += ", ";
      if (with_types) text += type_begin + std::string(dialect_.type()) + "* ";
      text += name;
    };
    add(part == nullptr || part->uses_x, "const ", "x");
    add(has_parameters_ && (part == nullptr || part->uses_parameters), "const ", "parameters");
    add(part != nullptr && part->uses_kept, "", "kept");
    for (std::size_t i = 0; i < results_.size(); ++i) {
      add(part == nullptr || part->uses_result[i] != 0, "", results_[i].name);
    }
    return with_types && text.empty() ? "void" : text;
  }

  void finish() {
    function_.stack = std::size_t{places_} * (dialect_.is_float ? 4 : 8);
    if (function_.stack > most_stack) {
      throw UsageError("to_c: the function '" + std::string(name_) + "' would need too much stack (got " +
                       std::to_string(function_.stack) + " bytes, expected at most " +
                       std::to_string(most_stack) + "); write a shorter program");
    }
    function_.declaration = "int " + std::string(name_) + "(" + arguments(nullptr, true) + ")";
    std::string body;
    bool uses_x = false;
    bool uses_parameters = false;
    std::vector<std::uint8_t> uses_result(results_.size());
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const Part& part = parts_[p];
      uses_x |= part.uses_x;
      uses_parameters |= part.uses_parameters;
      for (std::size_t i = 0; i < results_.size(); ++i) uses_result[i] |= part.uses_result[i];
      if (parts_.size() > 1) body += call_of_part(p);
    }
    if (parts_.size() == 1) body = parts_[0].body;
    std::string unused;
    if (!uses_x) unused += "  (void)x;\n";
    if (has_parameters_ && !uses_parameters) unused += "  (void)parameters;\n";
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (uses_result[i] == 0) unused += "  (void)" + results_[i].name + ";\n";
    }
    std::string kept;
    if (places_ > 0) kept = "  " + std::string(dialect_.type()) + " kept[" + std::to_string(places_) + "];\n";
    function_.text += "\n" + function_.declaration + " {\n" + kept + unused + body + "  return 0;\n}\n";
  }

  /// Defines the part, and returns its call.
  std::string call_of_part(std::size_t p) {
    const Part& part = parts_[p];
    const std::string name = std::string(name_) + "_part" + std::to_string(p + 1);
    function_.text += std::string("\nstatic ") + (part.can_fail ? "int " : "void ") + name + "(" +
                      arguments(&part, true) + ") {\n" + part.body + (part.can_fail ? "  return 0;\n" : "") +
                      "}\n";
    const std::string call = name + "(" + arguments(&part, false) + ")";
    return part.can_fail ? "  if (" + call + ") return 1;\n" : "  " + call + ";\n";
  }

  const Code& code_;
  std::string_view name_;
  const std::vector<CResult>& results_;
  bool has_parameters_;
  const Dialect& dialect_;

  std::vector<Id> order_;    ///< the instructions that become statements
  std::size_t guarded_ = 0;  ///< so many of them, the first, are what guards need
  std::vector<Id> same_as_;  ///< of an instruction that changes nothing: which other one it is
  std::vector<std::uint32_t> part_of_, last_part_;
  std::unordered_map<Id, std::vector<std::size_t>> outputs_of_;
  std::vector<Id> outputs_of_none_;  ///< outputs that are no statement's results
  std::unordered_map<Id, std::vector<bool>> guards_on_;

  std::vector<Part> parts_;
  std::size_t now_ = 0;
  std::vector<std::uint32_t> names_;  ///< numbers of variables, or places in the array
  std::uint32_t statements_ = 0;
  std::vector<std::uint32_t> free_;
  std::vector<std::vector<std::uint32_t>> free_after_;  ///< places that are free when a part is done
  std::size_t freed_ = 0;
  std::uint32_t places_ = 0;
  CFunction function_;
};

}  // namespace

CFunction function_in_c(const Code& code, std::string_view name, const std::vector<CResult>& results,
                        bool has_parameters, const Dialect& dialect) {
  return FunctionWriter(code, name, results, has_parameters, dialect).write();
}

}  // namespace micrograd::compiler
