// The distributions that initial weights are drawn from.
#include <micrograd/nn/initialiser.hpp>

#include <cmath>

namespace micrograd {

double draw_weight(Initialiser initialiser, std::size_t inputs, Random& random) {
  if (initialiser == Initialiser::he) return random.normal(0, std::sqrt(2 / static_cast<double>(inputs)));
  return random.uniform(-1, 1);
}

}  // namespace micrograd
