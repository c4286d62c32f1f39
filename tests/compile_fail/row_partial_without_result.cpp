// expect: (required for the satisfaction of 'HasPartial<Op, 0>' \[with Op = Twice\]|because 'HasPartial<Twice, 0>' evaluated to false)
// A partial takes the operands and then the result, even where it does not use it.
#include <micrograd/micrograd.hpp>

struct Twice {
  static constexpr micrograd::OpInfo info{.name = "twice", .formula = "2 x", .derivative = "2"};
  template <class T> static T value(T x) { return x + x; }
  template <class T> static T dx(T) { return T(2); }
};

int main() {
  const micrograd::Value a = 2;
  return apply<Twice>(a).data() > 1;
}
