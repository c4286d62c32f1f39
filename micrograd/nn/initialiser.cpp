// The distributions that initial weights are drawn from.
#include <micrograd/nn/initialiser.hpp>

#include <array>
#include <cmath>

#include <micrograd/nn/name.hpp>

namespace micrograd {
namespace {

struct Entry {
  Initialiser initialiser;
  std::string_view name;
};

constexpr std::array entries{
    Entry{Initialiser::uniform, "uniform"},
    Entry{Initialiser::he, "he"},
    Entry{Initialiser::xavier, "xavier"},
    Entry{Initialiser::xavier_normal, "xavier_normal"},
};

constexpr auto listed = [] {
  std::array<Initialiser, entries.size()> result{};
  for (std::size_t i = 0; i < entries.size(); ++i) result[i] = entries[i].initialiser;
  return result;
}();

// The table is looked up by position.
static_assert([] {
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (static_cast<std::size_t>(listed[i]) != i) return false;
  }
  return true;
}());

}  // namespace

std::span<const Initialiser> initialisers() { return listed; }

std::string_view name(Initialiser initialiser) { return entries[static_cast<std::size_t>(initialiser)].name; }

Initialiser initialiser_named(std::string_view name) {
  return entry_named("initialiser", entries, name).initialiser;
}

double draw_weight(Initialiser initialiser, std::size_t inputs, Random& random, std::size_t outputs) {
  const auto ends = static_cast<double>(inputs) + static_cast<double>(outputs);
  switch (initialiser) {
    case Initialiser::he:
      return random.normal(0, std::sqrt(2 / static_cast<double>(inputs)));
    case Initialiser::xavier: {
      const double bound = std::sqrt(6 / ends);  // uniform in [-b, b) has the variance b^2 / 3
      return random.uniform(-bound, bound);
    }
    case Initialiser::xavier_normal:
      return random.normal(0, std::sqrt(2 / ends));
    case Initialiser::uniform:
      break;
  }
  return random.uniform(-1, 1);
}

}  // namespace micrograd
