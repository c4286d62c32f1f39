// expect: (could not convert .*Value.* to 'bool'|Value.* is not contextually convertible to 'bool')
// `if (value)` could mean "not zero" or "has a node"; it means neither.
#include <micrograd/micrograd.hpp>

int main() {
  micrograd::Value a = 2;
  if (a) return 1;
  return 0;
}
