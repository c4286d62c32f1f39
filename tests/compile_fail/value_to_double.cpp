// expect: (cannot convert .*Value.* to .*double|no viable conversion from .*Value.* to .*double)
// A silent conversion would drop the gradient.
#include <micrograd/micrograd.hpp>

int main() {
  micrograd::Value a = 2;
  double number = a;
  return static_cast<int>(number);
}
