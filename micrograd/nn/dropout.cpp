// Dropout's draws.
#include <micrograd/nn/dropout.hpp>

#include <string>
#include <utility>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/tape.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

thread_local DropoutFactors* asked = nullptr;

}  // namespace

DropoutFactors::DropoutFactors() : before_(std::exchange(asked, this)) {}
DropoutFactors::~DropoutFactors() { asked = before_; }

Dropout::Dropout(double probability, std::uint64_t seed) : probability_(probability), random_(seed) {
  const bool is_share = probability >= 0 && probability < 1;
  if (!is_share) {
    throw UsageError("Dropout: the probability is out of range (got " + engine::describe_number(probability) +
                     ", expected 0 or more and less than 1)");
  }
}

void Dropout::leave_out(std::span<Value> signals) {
  if (asked != nullptr) {
    const std::span<const Value> factors = asked->factors(*this, signals.size());
    for (std::size_t i = 0; i < signals.size(); ++i) signals[i] *= factors[i];
    return;
  }
  if (engine::tape.watcher != nullptr) {
    throw UsageError(
        "Dropout: a compiled function would keep the draws of the one run that compiles it (got training); "
        "compile it with train(false), or multiply by factors that are inputs");
  }
  for (Value& signal : signals) signal *= draw();
}

}  // namespace micrograd
