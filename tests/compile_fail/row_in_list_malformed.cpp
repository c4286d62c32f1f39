// expect: (the expression '.*Row<Ops>.*Half.*' evaluated to 'false'|because 'Half' does not satisfy 'Row')
// The table itself takes only well-formed rows.
#include <micrograd/micrograd.hpp>

struct Half {
  static constexpr micrograd::OpInfo info{.name = "half", .formula = "x / 2", .derivative = "1/2"};
  template <class T> static T value(T x) { return x / 2.0; }
};

using Rows = micrograd::OpList<micrograd::Sin, Half>;

int main() { return Rows::size; }
