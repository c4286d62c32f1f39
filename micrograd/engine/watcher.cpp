// From the places where something unrecorded happens to the watcher, if there is one.
#include <micrograd/engine/watcher.hpp>

#include <micrograd/engine/graph.hpp>

namespace micrograd::engine {

WatchGuard::WatchGuard(Watcher& watcher) : watcher_before_(std::exchange(tape.watcher, &watcher)) {}
WatchGuard::~WatchGuard() { tape.watcher = watcher_before_; }

Condition watch_comparison(std::size_t relation, const Value& x, const Value& y, bool truth) {
  return {truth, tape.watcher->compared(static_cast<Relation>(relation), x, y, truth)};
}

Value watch_selection(Condition condition, Value result) {
  if (tape.watcher != nullptr && condition.comparison() != 0) {
    tape.watcher->selected(condition.comparison(), result);
  }
  return result;
}

void watch_detached(const Value& source, const Value& result) { tape.watcher->detached(source, result); }
void watch_read(const Value& x, const char* what) { tape.watcher->read(x, what); }

void decided(std::uint32_t comparison) {
  if (tape.watcher != nullptr) tape.watcher->decided(comparison);
}

}  // namespace micrograd::engine
