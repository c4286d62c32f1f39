// expect: (required for the satisfaction of 'HasInfo<Op>' \[with Op = Twice\]|because 'Twice' does not satisfy 'HasInfo')
// `info` is an OpInfo, not just a name.
#include <micrograd/micrograd.hpp>

struct Twice {
  static constexpr const char* info = "twice";
  template <class T> static T value(T x) { return x + x; }
  template <class T> static T dx(T, T) { return T(2); }
};

int main() {
  const micrograd::Value a = 2;
  return apply<Twice>(a).data() > 1;
}
