// The program, and each derivative that is wanted, for one row: simplified, written as C, and put together
// with a comment that says how to call it.
#include <micrograd/compiler/export_c.hpp>

#include <numeric>

#include <micrograd/compiler/c_function.hpp>
#include <micrograd/compiler/differentiate.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

std::string counted(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

class Exporter {
 public:
  Exporter(const Code& traced, const CRequest& request)
      : traced_(traced),
        request_(request),
        name_(request.name),
        outputs_(traced.outputs.size()),
        dialect_{.is_float = request.is_float, .prefix = name_ + "_"} {}

  std::string run() {
    check();
    add(name_, {{.name = "out", .count = outputs_}}, traced_);
    if (request_.what.gradient) add_derivatives("_gradient", 0, request_.shape.inputs);
    if (request_.what.backward) add_derivatives("_backward", columns(), request_.shape.parameters);
    std::string gamma = gamma_in_c(dialect_.prefix, uses_digamma_, uses_polygamma_);
    return comment() + "#include <math.h>\n\n" + declarations_ + gamma + functions_;
  }

 private:
  [[nodiscard]] std::size_t columns() const { return request_.shape.columns(); }
  [[nodiscard]] bool has_parameters() const {
    return request_.shape.parameters > 0 && !request_.what.fixed_parameters;
  }

  void check() const {
    check_c_name(name_);
    if (!request_.what.backward) return;
    if (!has_parameters()) {
      throw UsageError("to_c: there is nothing to differentiate by for backward (got " +
                       counted(request_.shape.parameters, "parameter") +
                       (request_.what.fixed_parameters ? ", fixed" : "") +
                       ", expected 1 or more that are not fixed)");
    }
    if (outputs_ != 1) {
      throw UsageError("to_c: backward needs a function of one output (got " + std::to_string(outputs_) +
                       ")");
    }
  }

  /// Each output's derivatives by `count` leaves from place `first` on.
  void add_derivatives(const char* suffix, std::size_t first, std::size_t count) {
    Code code = traced_;
    std::vector<Id> wanted(count);
    std::iota(wanted.begin(), wanted.end(), static_cast<Id>(first));
    const Id one = code.literal(1);
    for (const Id output : traced_.outputs) {
      const std::vector<Id> found = differentiate(code, std::span(&output, 1), std::span(&one, 1), wanted);
      code.outputs.insert(code.outputs.end(), found.begin(), found.end());
    }
    add(name_ + suffix, {{.name = "out", .count = outputs_}, {.name = "gradient", .count = outputs_ * count}},
        std::move(code));
  }

  void add(const std::string& name, const std::vector<CResult>& results, Code code) {
    for_one_row(code);
    code = simplified(std::move(code));
    has_branches_ |= !code.guards.empty();
    const CFunction function = function_in_c(code, name, results, has_parameters(), dialect_);
    declarations_ += function.declaration + ";\n";
    functions_ += function.text;
    uses_digamma_ |= function.uses_digamma;
    uses_polygamma_ |= function.uses_polygamma;
    if (function.stack > 0) {
      stacks_ += "   " + name + " needs " + std::to_string(function.stack) + " bytes of stack.\n";
    }
  }

  /// A sum over all rows is what the one row gives, and constants take the place of fixed parameters.
  void for_one_row(Code& code) const {
    const auto become = [&code](Instruction& instruction, double number) {
      instruction = {.op = special::data, .a = static_cast<Id>(code.literals.size())};
      code.literals.push_back(number);
    };
    for (Instruction& instruction : code.instructions) {
      if (instruction.op == special::rows || instruction.op == special::share) become(instruction, 1);
      if (instruction.op == special::total) instruction = {.op = special::stop, .a = instruction.a};
      if (instruction.op == special::parameter && request_.what.fixed_parameters) {
        become(instruction, request_.parameters[instruction.a]);
      }
    }
  }

  /// The guards go through simplification as further outputs: one that became a constant there was settled by
  /// the sample, or is broken by what the parameters are now.
  [[nodiscard]] Code simplified(Code code) const {
    const std::vector<Guard> guards = std::move(code.guards);
    const std::size_t results = code.outputs.size();
    code.guards.clear();
    for (const Guard& guard : guards) code.outputs.push_back(guard.comparison);
    const SimplifyOptions off{.identities = false, .fold_constants = false, .merge_common = false};
    Code shorter = simplify(code, request_.simplify ? SimplifyOptions{} : off);
    for (std::size_t g = 0; g < guards.size(); ++g) {
      const Id comparison = shorter.outputs[results + g];
      if (!shorter.is_number(comparison)) {
        shorter.guards.push_back({.comparison = comparison, .truth = guards[g].truth});
      } else if ((shorter.number(comparison) != 0) != guards[g].truth) {
        throw UsageError(
            "to_c: the function was traced for parameters that take another branch than those of now; "
            "compile it again");
      }
    }
    shorter.outputs.resize(results);
    return shorter;
  }

  [[nodiscard]] std::string comment() const {
    const Shape& shape = request_.shape;
    std::string text = "/* " + name_ + ": a function of one row, written by micrograd. It computes in " +
                       std::string(dialect_.type()) + ".\n\n";
    text += "   x: " + counted(shape.inputs, "input");
    if (shape.targets > 0) text += ", then " + counted(shape.targets, "target");
    if (shape.indices > 0)
      text += ", then " + std::to_string(shape.indices) + (shape.indices == 1 ? " index" : " indices");
    text += "; out: " + counted(outputs_, "result");
    if (has_parameters()) text += "; parameters: " + counted(shape.parameters, "number");
    text += ".\n";
    const std::string by_input = std::to_string(shape.inputs);
    if (request_.what.gradient) {
      text += outputs_ == 1 ? "   " + name_ + "_gradient: gradient[j] = d out[0] / d x[j], j < " + by_input
                            : "   " + name_ + "_gradient: gradient[k * " + by_input +
                                  " + j] = d out[k] / d x[j], j < " + by_input;
      text += ".\n";
    }
    if (request_.what.backward) {
      text += "   " + name_ + "_backward: gradient[i] = d out[0] / d parameters[i], i < " +
              std::to_string(shape.parameters) + ".\n";
    }
    for (const IndexColumn& index : traced_.indices) {
      text += "   x[" + std::to_string(index.column) + "]: " + expected_of(index) + ".\n";
    }
    text += "   No array may overlap another one.\n" + stacks_;
    text += "\n   Returns 0.";
    if (!traced_.indices.empty())
      text += " For a row with an index out of range it returns 1 and writes nothing.";
    if (has_branches_) {
      text +=
          " The function that this was made of has branches, and the file holds one way through them:\n"
          "   for a row that takes another one it returns 1 and writes nothing.";
    }
    return text +
           "\n\n   The results do not depend on the compiler if it neither fuses nor reorders (gcc: "
           "-ffp-contract=off, no -ffast-math),\n   but for the last digits of <math.h>. */\n";
  }

  const Code& traced_;
  const CRequest& request_;
  std::string name_;
  std::size_t outputs_;
  Dialect dialect_;
  std::string declarations_, functions_, stacks_;
  bool has_branches_ = false;
  bool uses_digamma_ = false;
  bool uses_polygamma_ = false;
};

}  // namespace

std::string export_c(const Code& traced, const CRequest& request) { return Exporter(traced, request).run(); }

}  // namespace micrograd::compiler
