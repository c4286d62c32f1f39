// Any order of recording, copying, dropping, looking, collecting and going backward: the sanitizers watch the
// memory, and a shadow of plain numbers watches the data.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <micrograd/micrograd.hpp>

namespace {

using micrograd::Value;

struct Slot {
  Value value;
  double expected = 0.0;
};

void check(const Slot& slot) {
  const double data = slot.value.data();
  if (data != slot.expected && !(std::isnan(data) && std::isnan(slot.expected))) std::abort();
}

/// A multiplication whose closure owns handles of its operands, builds a graph and goes backward on it.
Value product(const Value& x, const Value& y) {
  return Value::custom(x.data() * y.data(), {x, y}, "product", [x, y](const Value& out) {
    const Value inner = Value(x.data()) * y.data() + 1;
    inner.backward();
    x.add_grad(out.grad() * y.data());
    y.add_grad(out.grad() * x.data());
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::array<Slot, 8> slots;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    const std::uint8_t what = bytes[i];
    Slot& to = slots[bytes[i + 1] & 7U];
    const Slot a = slots[(bytes[i + 1] >> 3U) & 7U];
    const Slot b = slots[what >> 5U];
    switch (what & 31U) {
      case 0:
        to = {Value(what), static_cast<double>(what)};
        break;
      case 1:
        to = {a.value + b.value, a.expected + b.expected};
        break;
      case 2:
        to = {a.value * b.value, a.expected * b.expected};
        break;
      case 3:
        to = {2 - a.value, 2 - a.expected};
        break;
      case 4:
        to = {a.value * 0.5, a.expected * 0.5};
        break;
      case 5:
        to = {fma(a.value, b.value, 1), std::fma(a.expected, b.expected, 1.0)};
        break;
      case 6:
        to = {product(a.value, b.value), a.expected * b.expected};
        break;
      case 7:
        to = {tanh(a.value), std::tanh(a.expected)};
        break;
      case 8:
        to = a;
        break;
      case 9:
        to = {};
        break;
      case 10:
        a.value.backward();
        break;
      case 11:
        a.value.backward_step();
        break;
      case 12:
        a.value.set_label("name");
        break;
      case 13:
        micrograd::trim_graph();
        break;
      case 14:
        micrograd::zero_graph_grad(a.value);
        break;
      case 15:
        static_cast<void>(grad(a.value, b.value));
        break;
      case 16:
        for (const Value& operand : a.value.prev()) to = {operand, operand.data()};
        break;
      case 17:
        to = {micrograd::no_grad([&] { return a.value * b.value; }), a.expected * b.expected};
        break;
      case 18:
        to = {select(a.value < b.value, a.value, b.value), a.expected < b.expected ? a.expected : b.expected};
        break;
      case 19:
        a.value.set_grad(1);
        break;
      default:
        to.value += 1;
        to.expected += 1;
        break;
    }
    for (const Slot& slot : slots) check(slot);
  }
  return 0;
}
