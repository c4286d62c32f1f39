// Writes the reference page of the table of operations, in Markdown, to standard output: from the rows
// themselves, so that no list has to be kept beside them.
#include <micrograd/ops.hpp>

#include <iostream>
#include <sstream>
#include <string>
#include <string_view>

using namespace micrograd;

namespace {

/// A cell of code; a bar would end the cell.
std::string code_cell(std::string_view text) {
  std::string cell = "`";
  for (const char c : text) cell += c == '|' ? std::string("\\|") : std::string(1, c);
  return cell + "`";
}

std::string number(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

template <class Op>
std::string operands() {
  constexpr std::string_view names[] = {"x", "y", "z"};
  std::string list;
  for (std::size_t i = 0; i < arity<Op>; ++i) {
    list += std::string(i > 0 ? ", " : "") + std::string(names[i]);
    const bool is_number = (Op::info.number_operand == NumberOperand::first && i == 0) ||
                           (Op::info.number_operand == NumberOperand::second && i == 1);
    if (is_number) {
      const auto usual = Op::info.usual_number;
      list += " (a plain number" + (usual ? ", " + number(*usual) + " if left out" : "") + ")";
    } else if (Op::info.flat[i]) {
      list += " (gets no gradient)";
    }
  }
  return list;
}

template <class Op>
std::string tested_on() {
  std::string list;
  for (std::size_t i = 0; i < arity<Op>; ++i) {
    const Domain domain = Op::info.domain[i];
    list += std::string(i > 0 ? "; " : "") + number(domain.low) + " to " + number(domain.high);
  }
  return list;
}

template <class List>
void write_family(std::string_view title) {
  std::cout << "## " << title << "\n\n"
            << "| name | value | derivatives | operands | tested on | rounding | smooth |\n"
            << "|---|---|---|---|---|---|---|\n";
  List::for_each([]<class Op>() {
    const OpInfo& info = Op::info;
    std::cout << "| " << code_cell(info.name) << " | " << code_cell(info.formula) << " | "
              << code_cell(info.derivative) << " | " << operands<Op>() << " | " << tested_on<Op>() << " | "
              << number(info.ulp) << " | " << (info.kink_distance == nullptr ? "yes" : "no") << " |\n";
  });
  std::cout << "\n";
}

constexpr std::string_view opening = R"(# The table of operations

Every operation of the library, as its row describes itself. `x`, `y` and `z` are the operands, `r` is the result.

- *name*: what `op()` returns and graphs show; the function in C++ is called alike, but for the operators and for
  capital letters.
- *derivatives*: by each operand in turn.
- *tested on*: the interval of each operand from which tests draw.
- *rounding*: how far the value may be off for `double`, in units of 2⁻⁵³ of the result.
- *smooth*: "no" where the function has a corner or a jump; the header says which slope is taken there.

)";

}  // namespace

int main() {
  std::cout << opening;
  write_family<ArithmeticOps>("Arithmetic");
  write_family<ExponentialOps>("Powers, exponentials, logarithms");
  write_family<TrigonometricOps>("Trigonometric and hyperbolic functions");
  write_family<SpecialOps>("Special functions");
  write_family<PiecewiseOps>("In pieces");
  write_family<ActivationOps>("Activations");
  static_assert(ArithmeticOps::size + ExponentialOps::size + TrigonometricOps::size + SpecialOps::size +
                        PiecewiseOps::size + ActivationOps::size ==
                    Ops::size,
                "a family of operations is missing above");
  return std::cout.flush() ? 0 : 1;
}
