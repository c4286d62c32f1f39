// expect-ok
// A well-formed row, and every call that the other cases on rows get wrong, done right.
#include <micrograd/micrograd.hpp>

struct Product {
  static constexpr micrograd::OpInfo info{.name = "product", .formula = "x y", .derivative = "y, x"};
  template <class T> static T value(T x, T y) { return x * y; }
  template <class T> static T dx(T, T y, T) { return y; }
  template <class T> static T dy(T x, T, T) { return x; }
};

struct Scale {  // the second operand is a plain number and needs no partial
  static constexpr micrograd::OpInfo info{.name = "scale",
                                          .formula = "n x",
                                          .derivative = "n",
                                          .flat = {false, true},
                                          .number_operand = micrograd::NumberOperand::second};
  template <class T> static T value(T x, double n) { return n * x; }
  template <class T> static T dx(T, double n, T) { return T(n); }
};

static_assert(micrograd::Row<Product> && micrograd::Row<Scale>);
using Rows = micrograd::OpList<Product, Scale>;

int main() {
  const micrograd::Value a = 2;
  const micrograd::Value b = apply<Product>(a, 3.0) + apply<Product>(a, a) + apply<Scale>(a, 2.0);
  return b.data() > Rows::size;
}
