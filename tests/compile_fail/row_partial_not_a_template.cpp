// expect: (required for the satisfaction of 'HasPartial<Op, 0>' \[with Op = Twice\]|because 'HasPartial<Twice, 0>' evaluated to false)
// Every number type evaluates the row, so a partial for double alone is not enough.
#include <micrograd/micrograd.hpp>

struct Twice {
  static constexpr micrograd::OpInfo info{.name = "twice", .formula = "2 x", .derivative = "2"};
  template <class T> static T value(T x) { return x + x; }
  static double dx(double, double) { return 2; }
};

int main() {
  const micrograd::Value a = 2;
  return apply<Twice>(a).data() > 1;
}
