// Counts what the schedule does together.
#include <micrograd/compiler/describe_found.hpp>

#include <functional>
#include <map>

namespace micrograd::compiler {
namespace {

std::string counted(std::size_t count, const char* one, const char* several) {
  return std::to_string(count) + " " + (count == 1 ? one : several);
}

/// Whether a step computes a vector, and does not merely fetch; matrix products are counted apart.
bool computes(const VectorStep& step) {
  return step.kind != VectorStep::Kind::parameters && step.kind != VectorStep::Kind::gather &&
         step.kind != VectorStep::Kind::once && step.kind != VectorStep::Kind::product;
}

}  // namespace

std::string describe_found(const Code& code, const Schedule& schedule) {
  constexpr std::size_t least_in_vector = 4;
  std::map<std::size_t, std::size_t, std::greater<>> loops;  // by their rounds
  for (const Loop& loop : code.loops) ++loops[loop.rounds];
  std::size_t products = 0, vectors = 0, results = 0;
  for (const Phase& phase : schedule.phases) {
    for (const Sweep& sweep : phase.sweeps) products += sweep.multiplies.size() + sweep.add_products.size();
    products += phase.vectors.products.size();
    for (const VectorStep& step : phase.vectors.steps) {
      if (!computes(step) || step.count < least_in_vector) continue;
      ++vectors;
      results += step.count;
    }
  }
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const auto& [rounds, count] : loops) {
    add(count == 1 ? counted(rounds, "round", "rounds") + " as one batch"
                   : std::to_string(count) + " batches of " + counted(rounds, "round", "rounds"));
  }
  if (vectors > 0) {
    add(counted(vectors, "vector", "vectors") + " of " + std::to_string((results + vectors / 2) / vectors) +
        " on average");
  }
  if (products > 0) add(counted(products, "matrix product", "matrix products"));
  return text.empty() ? "nothing" : text;
}

}  // namespace micrograd::compiler
