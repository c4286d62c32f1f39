// What happens while a function is recorded and leaves no node behind: comparisons, branches, reads of plain
// data. Whoever wants to replay the recording for other numbers must hear of these.
#pragma once

#include <cstdint>
#include <span>

#include <micrograd/engine/index.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/value.hpp>

namespace micrograd::engine {

enum class Relation : std::uint8_t { less, less_equal, greater, greater_equal, equal, not_equal };

class Watcher {
 public:
  virtual ~Watcher() = default;
  /// Returns the comparison's number, from 1.
  virtual std::uint32_t compared(Relation relation, const Value& x, const Value& y, bool truth) = 0;
  /// The comparison became a bool, so what follows depends on it.
  virtual void decided(std::uint32_t comparison) = 0;
  /// `result` is one operand of a select by this comparison; for other numbers it may be the other one.
  virtual void selected(std::uint32_t comparison, const Value& result) = 0;
  /// `who` is about to choose one of `size` values by an index that stands for a column. Returns the place of
  /// the one that it chooses now. Throws if there is none.
  virtual std::size_t chosen(const char* who, const Index& index, std::size_t size) = 0;
  /// `result` is what was chosen so; its operands are all the values, and then the index's leaf.
  virtual void picked(const Value& result) = 0;
  /// `result` is a leaf with the data of `source`.
  virtual void detached(const Value& source, const Value& result) = 0;
  /// Somebody asks for the data or the gradient of `x`; `what` says which. Throws if they must not know it.
  virtual void read(const Value& x, const char* what) = 0;
  /// Somebody makes a constant of `x`. Throws if it is none.
  virtual void frozen(const Value& x) = 0;
  /// Somebody is about to give `x` other data or another gradient. Throws if they must not.
  virtual void changed(const Value& x, const char* what) = 0;
  /// A backward pass is about to leave plain numbers below `roots`. Throws if they must not be used.
  virtual void swept(std::span<Node* const> roots) = 0;
  /// A gradient is about to be recorded as results, by the rule of this operation as it stands. Throws if it
  /// would be another one for other numbers.
  virtual void differentiated(const Node* operation) = 0;
  /// Operations are about to leave no record. Throws.
  virtual void unrecorded() = 0;
};

/// While it lives, the calling thread's recording is watched, and is on even within no_grad. They nest; the
/// latest one hears.
class WatchGuard {
 public:
  explicit WatchGuard(Watcher& watcher);
  ~WatchGuard();
  WatchGuard(const WatchGuard&) = delete;
  WatchGuard& operator=(const WatchGuard&) = delete;

 private:
  Watcher* watcher_before_;
  Recording recording_;
};

}  // namespace micrograd::engine
