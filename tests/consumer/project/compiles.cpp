// A user's program that needs the compiler alone: exits with 0 if x^2 is 9 at x = 3.
#include <micrograd/compiler/compile.hpp>

#include <vector>

int main() {
  const auto square = micrograd::compile<double>(
      [](std::span<const micrograd::Value> x) { return x[0] * x[0]; }, {.inputs = 1});
  const std::vector<double> x{3};
  std::vector<double> y(1);
  square.run(x, y);
  return y[0] == 9 ? 0 : 1;
}
