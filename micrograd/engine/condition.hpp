// What comparing two Values gives: a truth that converts to and from bool, and that `select` takes as it is.
#pragma once

namespace micrograd {

class Condition {
 public:
  constexpr Condition(bool truth) : truth_(truth) {}
  constexpr operator bool() const { return truth_; }

 private:
  bool truth_;
};

}  // namespace micrograd
