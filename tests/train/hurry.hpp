// Whether the learning tests must do with less: in checked builds, and where the engine is under stress (it
// then collects before every allocation, so that time grows with the square of the graph).
#pragma once

#include <cstdlib>

inline bool in_a_hurry() {
#ifdef NDEBUG
  return std::getenv("MICROGRAD_STRESS") != nullptr;
#else
  return true;
#endif
}
