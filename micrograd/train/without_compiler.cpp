// Stands for compiled_step.cpp where the compiler is not built.
#include <micrograd/error.hpp>
#include <micrograd/train/batch_step.hpp>

namespace micrograd {

std::unique_ptr<BatchStep> compiled_step(const Task& /*task*/, Precision /*precision*/, Purpose /*first*/) {
  throw UsageError("this library was built without the compiler");
}

}  // namespace micrograd
