// One list of numbers for each instruction: as long as its loop has rounds if it varies, else of one.
#include <micrograd/compiler/interpret.hpp>

#include <array>
#include <cmath>

namespace micrograd::compiler {
namespace {

class Interpreter {
 public:
  Interpreter(const Code& code, std::span<const std::vector<double>> rows, std::span<const double> parameters)
      : code_(code), rows_(rows), parameters_(parameters), results_(code.size()) {}

  Interpreted run() {
    for (Id id = 0; id < code_.size(); ++id) {
      const std::size_t count = code_.rounds(code_.varying[id], rows_.size());
      for (std::size_t row = 0; row < count; ++row) results_[id].push_back(evaluate(id, row));
    }
    Interpreted found{.rows = std::vector<std::vector<double>>(rows_.size()), .uniform = {}};
    for (const Id output : code_.outputs) {
      for (std::size_t row = 0; row < rows_.size(); ++row) found.rows[row].push_back(at(output, row));
      found.uniform.push_back(code_.varying[output] != 0 ? 0.0 : at(output, 0));
    }
    return found;
  }

 private:
  double at(Id id, std::size_t row) const { return results_[id][code_.varying[id] != 0 ? row : 0]; }

  double evaluate(Id id, std::size_t row) const {
    const Instruction& x = code_.instructions[id];
    if (x.op < Ops::size || is_comparison(x.op)) {
      const std::size_t operands = operand_count(x.op);
      const double a = at(x.a, row);
      const double b = operands > 1 ? at(x.b, row) : 0.0;
      if (is_comparison(x.op)) return holds(x.op, a, b) ? 1.0 : 0.0;
      return evaluate_row(x.op, a, b, operands > 2 ? at(x.c, row) : 0.0);
    }
    switch (x.op) {
      case special::literal:
      case special::data:
        return code_.literals[x.a];
      case special::input:
        return rows_[row][x.a];
      case special::parameter:
        return parameters_[x.a];
      case special::rows:
        return static_cast<double>(rows_.size());
      case special::share:
        return 1.0;
      case special::select:
        return at(x.a, row) != 0 ? at(x.b, row) : at(x.c, row);
      case special::total:
        return total(x);
      case special::total_where:
        return total_where(x);
      case special::stop:
        return at(x.a, row);
      case special::column:
        return code_.columns[x.a][row];
      case special::pick: {
        const std::vector<Id>& list = code_.lists[x.a];
        const double number = at(x.b, row);
        const bool is_place = number >= 0 && number < static_cast<double>(list.size());
        return is_place ? at(list[static_cast<std::size_t>(number)], row) : std::nan("");
      }
      case special::dot:
        return dot(x, row);
      case special::greatest:
      case special::least: {
        const std::vector<Id>& list = code_.lists[x.a];
        const OpCode op = x.op == special::greatest ? code<Max> : code<Min>;
        double found = at(list[0], row);
        for (const Id id : std::span(list).subspan(1)) found = evaluate_row(op, found, at(id, row), 0.0);
        return found;
      }
      case special::which:
        return place_of_extreme(x, row);
      case special::is_place:
        return at(x.a, row) == static_cast<double>(x.b) ? 1 : 0;
      default:
        return call(code_.calls[x.a], row);
    }
  }

  double place_of_extreme(const Instruction& x, std::size_t row) const {
    const std::vector<Id>& list = code_.lists[x.a];
    std::size_t best = 0;
    for (std::size_t k = 1; k < list.size(); ++k) {
      const double best_yet = at(list[best], row), other = at(list[k], row);
      if (x.b == special::greatest ? best_yet < other : other < best_yet) best = k;
    }
    return static_cast<double>(best);
  }

  std::size_t rounds_of_total(const Instruction& x) const {
    return code_.rounds(code_.loop_of_total(x), rows_.size());
  }

  double total(const Instruction& x) const {
    double sum = 0;
    for (std::size_t round = 0; round < rounds_of_total(x); ++round) sum += at(x.a, round);
    return sum;
  }

  double total_where(const Instruction& x) const {
    double sum = 0;
    for (std::size_t round = 0; round < rounds_of_total(x); ++round) {
      if (at(x.b, round) == static_cast<double>(x.c)) sum += at(x.a, round);
    }
    return sum;
  }

  double dot(const Instruction& x, std::size_t row) const {
    double sum = 0;
    bool is_first = true;
    for (const Product& term : code_.products_of(x)) {
      double product = 1;
      for (const Id id : {term.x, term.y, term.factor}) {
        if (id != none) product *= at(id, row);
      }
      if (term.minus) product = -product;
      sum = is_first ? product : sum + product;
      is_first = false;
    }
    return sum;
  }

  double call(const Call& call, std::size_t row) const {
    std::vector<double> operands;
    operands.reserve(call.operands.size());
    for (const Id operand : call.operands) operands.push_back(at(operand, row));
    return call.rule->value(operands);
  }

  const Code& code_;
  std::span<const std::vector<double>> rows_;
  std::span<const double> parameters_;
  std::vector<std::vector<double>> results_;
};

}  // namespace

Interpreted interpret(const Code& code, std::span<const std::vector<double>> rows,
                      std::span<const double> parameters) {
  return Interpreter(code, rows, parameters).run();
}

}  // namespace micrograd::compiler
