// What a run of a function tells beside its graph: comparisons, choices, what was cut off; and the refusal of
// what a program could not follow.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <micrograd/engine/watcher.hpp>

namespace micrograd::compiler {

/// A comparison that the function made.
struct Compared {
  std::uint32_t number = 0;  ///< by which its Condition knows it; other runs have other numbers
  engine::Relation relation = {};
  Value x, y;
  bool truth = false;
  bool decided = false;
};

/// A Value in a message.
std::string shown(const Value& x);

/// Holds handles on what it was told of, so that no node is given up and its place used again.
class Recorder : public engine::Watcher {
 public:
  /// `inputs` and `parameters`: the leaves whose data a run of the program will change. `where` begins what
  /// is said of an index whose data is out of range.
  Recorder(std::span<const Value> inputs, std::span<const Value> parameters, std::string where);

  std::uint32_t compared(engine::Relation relation, const Value& x, const Value& y, bool truth) override;
  void decided(std::uint32_t comparison) override;
  void selected(std::uint32_t comparison, const Value& result) override;
  std::size_t chosen(const char* who, const Index& index, std::size_t size) override;
  void picked(const Value& result) override;
  void detached(const Value& source, const Value& result) override;
  void read(const Value& x, const char* what) override;
  void frozen(const Value& x) override;
  void changed(const Value& x, const char* what) override;
  void swept(std::span<engine::Node* const> roots) override;
  void differentiated(const engine::Node* operation) override;
  void unrecorded() override;

  [[nodiscard]] bool is_of_this_run(const engine::Node* node) const {
    return engine::created_before(start_.node(), node);
  }
  /// To be called after the run. Throws UsageError if anybody but `inputs`, `indices` and `outputs` still
  /// holds what it made: the next run of the function would find that, and the program would not.
  void refuse_what_outlives(std::span<const Value> inputs, std::span<const Index> indices,
                            std::span<const Value> outputs) const;

  std::vector<Compared> comparisons;
  std::unordered_map<const engine::Node*, std::uint32_t> selections;  ///< places in `comparisons`
  std::unordered_map<const engine::Node*, Value> detachments;
  std::unordered_set<const engine::Node*> picks;
  std::unordered_map<const engine::Node*, std::size_t> sizes;  ///< by index: the least that it chose from

 private:
  [[nodiscard]] std::uint32_t place_of(std::uint32_t comparison) const;
  /// Not computed from what a run of the program will change.
  [[nodiscard]] bool is_plain(const engine::Node* node) const;
  [[noreturn]] static void refuse_read(const Value& x, const char* what);

  Value start_;  ///< all that the run records is newer
  std::unordered_set<const engine::Node*> sources_;
  std::vector<Value> held_;
  std::string where_;
};

}  // namespace micrograd::compiler
