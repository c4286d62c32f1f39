// A user's program: exits with 0 if the gradients of (a + b) * a at a = 2, b = 3 are right, and a net that is
// trained gets better, compiled just if the library has the compiler.
#include <micrograd/micrograd.hpp>

#include <iostream>

namespace {

bool gradients_are_right() {
  micrograd::Value a = 2;
  micrograd::Value b = 3;
  micrograd::Value c = (a + b) * a;
  c.backward();
  std::cout << "c = " << c.data() << ", dc/da = " << a.grad() << ", dc/db = " << b.grad() << '\n';
  return c.data() == 10 && a.grad() == 7 && b.grad() == 2;
}

bool learns() {
  const micrograd::Dataset moons = micrograd::make_moons(100, 0.1, 1);
  const micrograd::MLP net(2, {8, 2});
  micrograd::Adam adam(net.parameters(), {.learning_rate = 0.02});
  micrograd::Trainer trainer(net, moons, adam, micrograd::cross_entropy, {.epochs = 20});
  const double before = trainer.evaluate(moons).loss;
  micrograd::fit(trainer);
  const double after = trainer.evaluate(moons).loss;
  std::cout << "loss " << before << ", then " << after << "; compiled: " << trainer.compiled() << ", "
            << trainer.how() << '\n';
  return after < before / 2 && trainer.compiled() == bool{EXPECT_COMPILED};
}

}  // namespace

int main() { return gradients_are_right() && learns() ? 0 : 1; }
