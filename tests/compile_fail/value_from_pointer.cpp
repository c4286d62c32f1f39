// expect: (no matching function for call to .*Value|no matching constructor for initialization of .*Value)
// A pointer is not a number, although it converts to bool.
#include <micrograd/micrograd.hpp>

int main() {
  double number = 2;
  double* pointer = &number;
  micrograd::Value a(pointer);
  return a.data() > 1;
}
