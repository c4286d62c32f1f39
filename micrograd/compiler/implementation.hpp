// What stands behind a Program: its paths, and the parameters that it shares with the model. Internal to the
// compiler.
#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/describe_found.hpp>
#include <micrograd/compiler/draw.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/export_c.hpp>
#include <micrograd/compiler/paths.hpp>
#include <micrograd/engine/leaves.hpp>

namespace micrograd {

template <class Real>
class Program<Real>::Implementation {
 public:
  Implementation(compiler::Tracer tracer, compiler::Shape shape, CompileOptions options)
      : shape(shape), paths_(std::move(tracer), shape, std::move(options)) {
    std::unordered_map<const engine::Node*, std::uint32_t> handles;
    for (const Value& parameter : parameters()) ++handles[parameter.node()];
    for (const Value& parameter : parameters()) own_handles_.push_back(handles[parameter.node()]);
  }

  void trace_first(const std::vector<double>& sample) { paths_.trace_first(sample); }
  void add_graph(compiler::Code code) { paths_.add_graph(std::move(code)); }

  /// Runs what is wanted on all rows; `found`: what is the same for all of them, summed over the paths.
  void run(const char* who, Want want, std::span<const Real> parameters,
           const std::vector<compiler::Column<const Real>>& inputs, std::size_t rows,
           const std::vector<compiler::Column<Real>>& results, const compiler::Found<Real>& found) {
    const std::scoped_lock lock(mutex_);
    compiler::Batch<Real> batch{.inputs = inputs,
                                .rows = rows,
                                .picked = {},
                                .parameters = parameters,
                                .outputs = results,
                                .threads = options().threads};
    const std::vector<std::vector<std::uint32_t>> groups = paths_.prepare(who, want, batch);
    if (groups.empty()) return paths_.plan_for(0, want, batch).run(batch, found);
    if (rows == 0) return paths_.plan(groups.size() - 1, want).run(batch, found);
    std::vector<double> sum(found.first.size() + found.others.size());
    std::vector<Real> part(sum.size());
    for (const std::size_t p : by_first_row(groups)) {
      const bool all = groups[p].size() == rows;
      batch.picked = all ? std::span<const std::uint32_t>() : std::span(groups[p]);
      paths_.plan_for(p, want, batch).run(batch, {.first = {}, .others = part});
      for (std::size_t k = 0; k < part.size(); ++k) sum[k] += part[k];
    }
    for (std::size_t k = 0; k < sum.size(); ++k) *found.at(k) = static_cast<Real>(sum[k]);
  }

  /// The data of now.
  [[nodiscard]] std::vector<double> read_parameters() const {
    std::vector<double> data(parameters().size());
    read_data(parameters(), data);
    return data;
  }

  void give_to_leaves_that_branch(std::span<const Real> data) {
    const std::scoped_lock lock(mutex_);
    if (paths_.size() == 1 && paths_.code(0).guards.empty()) return;
    write_data(parameters(), std::vector<double>(data.begin(), data.end()));
  }

  void prepare(Want want) {
    const std::scoped_lock lock(mutex_);
    check_outputs("prepare", Stage::scheduled, want);
    paths_.plan(0, want);
  }

  /// A gradient that nobody can read is a mistake: somebody has replaced a parameter of the model.
  void refuse_lost_parameters(const char* who) const {
    if (!paths_.is_of_a_function()) return;
    for (std::size_t i = 0; i < own_handles_.size(); ++i) {
      const engine::Node* const node = parameters()[i].node();
      const engine::Chunk* const chunk = engine::Chunk::of(node);
      if (chunk->owner != engine::tape.graph || chunk->foreign.load(std::memory_order_relaxed)) continue;
      if (node->handles != own_handles_[i]) continue;
      throw UsageError(
          std::string(who) + ": nobody but the program holds the parameter " +
          engine::describe(*chunk->owner, node) +
          " any more, so its gradient would be lost; w = w - step makes a Value that the program "
          "does not know, w.set_data(w.data() - step) does not");
    }
  }

  /// Adds to the parameters' gradients, and returns the reduced output.
  double add_gradients(Real reduced, const std::vector<Real>& gradients) {
    const std::scoped_lock lock(mutex_);
    add_grads(parameters(), std::vector<double>(gradients.begin(), gradients.end()));
    return static_cast<double>(reduced);
  }

  [[nodiscard]] const CompileOptions& options() const { return paths_.options; }
  [[nodiscard]] std::size_t outputs() const { return paths_.outputs; }

  std::size_t paths() {
    const std::scoped_lock lock(mutex_);
    return paths_.size();
  }

  std::string dump(Stage stage, Want want) {
    const std::scoped_lock lock(mutex_);
    check_outputs("dump", stage, want);
    if (stage != Stage::scheduled) return compiler::dump(code_at(stage, want));
    const compiler::Plan<Real>& made = paths_.plan_to_show(0, want);
    return compiler::dump(made.code(), made.schedule(), made.blocks());
  }
  std::string to_dot(const DrawOptions& options) {
    const std::scoped_lock lock(mutex_);
    check_outputs("to_dot", options.stage, options.want);
    if (options.stage == Stage::scheduled) {
      throw UsageError(
          "to_dot: there is no picture of a schedule (got Stage::scheduled); use Stage::simplified, or dump");
    }
    return compiler::draw(code_at(options.stage, options.want), options);
  }
  std::string to_c(std::string_view name, const CFile& what) {
    const std::scoped_lock lock(mutex_);
    return compiler::export_c(paths_.code(0), {.name = name,
                                               .shape = shape,
                                               .what = what,
                                               .is_float = std::is_same_v<Real, float>,
                                               .simplify = options().simplify,
                                               .parameters = read_parameters()});
  }
  ProgramStats stats(Want want) {
    const std::scoped_lock lock(mutex_);
    check_outputs("stats", Stage::scheduled, want);
    const compiler::Plan<Real>& first = paths_.plan_to_show(0, want);
    const std::size_t leaves = shape.columns() + shape.parameters;
    const std::vector<std::size_t> blocks = first.blocks();
    return {.traced = paths_.code(0).size() - leaves,
            .simplified = code_at(Stage::simplified, want).size(),
            .paths = paths_.size(),
            .block = blocks.empty() ? 0 : blocks.back(),
            .found = compiler::describe_found(first.code(), first.schedule())};
  }

  const compiler::Shape shape;

 private:
  /// The paths that rows take, in an order that does not depend on which path was found first: so the same
  /// rows give the same bits, whatever other rows came before.
  static std::vector<std::size_t> by_first_row(const std::vector<std::vector<std::uint32_t>>& groups) {
    std::vector<std::size_t> order;
    for (std::size_t p = 0; p < groups.size(); ++p) {
      if (!groups[p].empty()) order.push_back(p);
    }
    std::ranges::sort(order, {}, [&groups](std::size_t p) { return groups[p].front(); });
    return order;
  }

  [[nodiscard]] const std::vector<Value>& parameters() const { return options().parameters; }

  /// What `derive` makes of several outputs is not always what was asked for.
  void check_outputs(const char* who, Stage stage, Want want) const {
    const bool any_number = want == Want::values || want == Want::jacobian || want == Want::jvp ||
                            want == Want::vjp || want == Want::guards;
    if (outputs() == 1 || any_number || stage == Stage::traced) return;
    throw UsageError(std::string(who) + ": what is wanted needs one output (got " +
                     std::to_string(outputs()) + "); of several there are the values, jacobian, jvp and vjp");
  }

  /// The first path's program before it is scheduled.
  compiler::Code code_at(Stage stage, Want want) { return paths_.code_at(stage, 0, want); }

  compiler::Paths<Real> paths_;
  std::vector<std::uint32_t> own_handles_;  ///< on each parameter's node
  std::mutex mutex_;                        ///< paths and plans are made when first needed
};

}  // namespace micrograd
