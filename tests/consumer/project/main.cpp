// A user's program: exits with 0 if the gradients of (a + b) * a at a = 2, b = 3 are right.
#include <micrograd/micrograd.hpp>

#include <iostream>

int main() {
  micrograd::Value a = 2;
  micrograd::Value b = 3;
  micrograd::Value c = (a + b) * a;
  c.backward();
  std::cout << "c = " << c.data() << ", dc/da = " << a.grad() << ", dc/db = " << b.grad() << '\n';
  return c.data() == 10 && a.grad() == 7 && b.grad() == 2 ? 0 : 1;
}
