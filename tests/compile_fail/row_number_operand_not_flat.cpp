// expect: (required for the satisfaction of 'HasPartial<Op, 1>' \[with Op = Scale\]|because 'HasPartial<Scale, 1>' evaluated to false)
// Saying which operand is a number is not enough: `flat` says that it has no partial.
#include <micrograd/micrograd.hpp>

struct Scale {
  static constexpr micrograd::OpInfo info{.name = "scale",
                                          .formula = "n x",
                                          .derivative = "n",
                                          .number_operand = micrograd::NumberOperand::second};
  template <class T> static T value(T x, double n) { return n * x; }
  template <class T> static T dx(T, double n, T) { return T(n); }
};

int main() {
  const micrograd::Value a = 2;
  return apply<Scale>(a, 3.0).data() > 1;
}
