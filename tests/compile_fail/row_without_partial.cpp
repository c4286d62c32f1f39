// expect: (required for the satisfaction of 'HasPartial<Op, 1>' \[with Op = Product\]|because 'HasPartial<Product, 1>' evaluated to false)
// Two operands need two partials; `dy` is missing.
#include <micrograd/micrograd.hpp>

struct Product {
  static constexpr micrograd::OpInfo info{.name = "product", .formula = "x y", .derivative = "y, x"};
  template <class T> static T value(T x, T y) { return x * y; }
  template <class T> static T dx(T, T y, T) { return y; }
};

int main() {
  const micrograd::Value a = 2;
  return apply<Product>(a, a).data() > 1;
}
