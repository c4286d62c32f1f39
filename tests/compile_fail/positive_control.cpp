// expect-ok
// Whatever the other cases do around the forbidden line is fine by itself.
#include <micrograd/micrograd.hpp>

enum class Colour { red };

int main() {
  micrograd::Value a = 2;
  micrograd::Value b{3.5F};
  double number = a.data();
  double* pointer = &number;
  Colour colour = Colour::red;
  if (a < b) return static_cast<int>(*pointer) + static_cast<int>(colour);
  return 0;
}
