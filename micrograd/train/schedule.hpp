// How the learning rate changes in the course of a training run: a factor for each step, which depends on
// nothing but the number of the step.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace micrograd {

/// Always 1.
struct ConstantSchedule {
  bool operator==(const ConstantSchedule&) const = default;
};

/// Straight from 1 at step 0 to `last` at the end of the run.
struct LinearSchedule {
  double last = 0;  ///< finite, 0 or more
  bool operator==(const LinearSchedule&) const = default;
};

/// Multiplied by `factor` after each `every` steps.
struct StepSchedule {
  std::size_t every = 1;  ///< 1 or more
  double factor = 0.1;    ///< finite, 0 or more
  bool operator==(const StepSchedule&) const = default;
};

/// Half a wave of a cosine, from 1 at step 0 to `last` at the end of the run (Loshchilov and Hutter 2017).
struct CosineSchedule {
  double last = 0;  ///< finite, 0 or more
  bool operator==(const CosineSchedule&) const = default;
};

struct Schedule {
  std::variant<ConstantSchedule, LinearSchedule, StepSchedule, CosineSchedule> shape = {};
  std::size_t warmup = 0;  ///< steps in which the rate rises: 1 / (warmup + 1), 2 / (warmup + 1), …

  /// What to multiply the learning rate by in step `step`, counted from 0, of a run of `total_steps`. The
  /// shape begins where the warm-up ends, and has what is left of the run. After the end of the run, linear
  /// and cosine stay at their last factor. Throws UsageError for a shape whose numbers are out of range.
  double factor(std::size_t step, std::size_t total_steps) const;

  bool operator==(const Schedule&) const = default;
};

/// Reads `constant`, `linear`, `linear:LAST`, `cosine`, `cosine:LAST` or `step:EVERY:FACTOR`, and after it,
/// with a blank or comma between, perhaps `warmup=STEPS`. Upper and lower case are the same. Throws
/// UsageError for anything else; the message lists the forms.
Schedule parse_schedule(std::string_view text);

/// What parse_schedule reads as the same schedule: "cosine:0.1 warmup=100".
std::string to_text(const Schedule& schedule);

}  // namespace micrograd
