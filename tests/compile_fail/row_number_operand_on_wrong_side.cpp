// expect: info\)?\.number_operand != .*NumberOperand::second.* evaluated to '?false
// The row has its number second; here it is given first.
#include <micrograd/micrograd.hpp>

int main() {
  const micrograd::Value a = 2;
  return apply<micrograd::PowNumber>(2.0, a).data() > 1;
}
