// What comparing two Values gives: a truth that converts to and from bool, and that `select` takes as it is.
#pragma once

#include <cstdint>

namespace micrograd {

namespace engine {
void decided(std::uint32_t comparison);
}

class Condition {
 public:
  constexpr Condition(bool truth) : truth_(truth) {}
  /// The truth of a comparison that a Watcher has heard of, under this number (from 1).
  constexpr Condition(bool truth, std::uint32_t comparison) : truth_(truth), comparison_(comparison) {}

  constexpr operator bool() const {
    if (comparison_ != 0) engine::decided(comparison_);
    return truth_;
  }

  /// The truth for those who do not branch on it.
  [[nodiscard]] constexpr bool truth() const { return truth_; }
  [[nodiscard]] constexpr std::uint32_t comparison() const { return comparison_; }

 private:
  bool truth_;
  std::uint32_t comparison_ = 0;
};

}  // namespace micrograd
