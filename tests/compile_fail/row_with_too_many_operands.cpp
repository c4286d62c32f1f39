// expect: arity<.*> ?\)? == 2.* evaluated to '?false
// A row of one operand is applied to one.
#include <micrograd/micrograd.hpp>

int main() {
  const micrograd::Value a = 2;
  return apply<micrograd::Sin>(a, a).data() > 1;
}
