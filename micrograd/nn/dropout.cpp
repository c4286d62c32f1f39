// Dropout's draws.
#include <micrograd/nn/dropout.hpp>

#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/tape.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

Dropout::Dropout(double probability, std::uint64_t seed) : probability_(probability), random_(seed) {
  const bool is_share = probability >= 0 && probability < 1;
  if (!is_share) {
    throw UsageError("Dropout: the probability is out of range (got " + engine::describe_number(probability) +
                     ", expected 0 or more and less than 1)");
  }
}

void Dropout::leave_out(std::span<Value> signals) {
  if (engine::tape.watcher != nullptr) {
    throw UsageError(
        "Dropout: a compiled function would keep the draws of the one run that compiles it (got training); "
        "compile it with train(false), or multiply by factors that are inputs");
  }
  const double scale = 1 / (1 - probability_);
  for (Value& signal : signals) signal *= random_.uniform() < probability_ ? 0.0 : scale;
}

}  // namespace micrograd
