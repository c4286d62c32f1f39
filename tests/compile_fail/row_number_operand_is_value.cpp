// expect: info\)?\.number_operand == .*NumberOperand::none.* evaluated to '?false
// The exponent of this row is always a plain number; `pow(a, b)` picks the row for two Values.
#include <micrograd/micrograd.hpp>

int main() {
  const micrograd::Value a = 2;
  return apply<micrograd::PowNumber>(a, a).data() > 1;
}
