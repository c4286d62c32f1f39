// expect: (invalid 'static_cast' from type .*Value.* to type 'double'|cannot convert .*Value.* to 'double' without a conversion operator)
// Nor by a cast: data() is the one way out.
#include <micrograd/micrograd.hpp>

int main() {
  micrograd::Value a = 2;
  return static_cast<double>(a) > 1;
}
