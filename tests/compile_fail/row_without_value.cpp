// expect: (required for the satisfaction of 'HasValue<Op>' \[with Op = Twice\]|because 'Twice' does not satisfy 'HasValue')
// A row computes something.
#include <micrograd/micrograd.hpp>

struct Twice {
  static constexpr micrograd::OpInfo info{.name = "twice", .formula = "2 x", .derivative = "2"};
  template <class T> static T dx(T, T) { return T(2); }
};

int main() {
  const micrograd::Value a = 2;
  return apply<Twice>(a).data() > 1;
}
