// expect: (no matching function for call to .*Value|no matching constructor for initialization of .*Value)
// A scoped enumeration is not a number.
#include <micrograd/micrograd.hpp>

enum class Colour { red };

int main() {
  micrograd::Value a(Colour::red);
  return a.data() > 1;
}
