// The training loop.
#include <micrograd/train/fit.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <vector>

#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/random.hpp>

namespace micrograd {

void fit(const Model& model, const Dataset& data, Optimiser& optimiser, const Loss& loss,
         const FitOptions& options, const std::function<void(const Epoch&)>& on_epoch) {
  if (data.rows() == 0) throw UsageError("fit: nothing to learn from (got 0 rows, expected 1 or more)");
  if (options.batch_size == 0) {
    throw UsageError("fit: a batch needs rows (got batch_size 0, expected 1 or more)");
  }

  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  Random random(options.seed);
  std::vector<std::size_t> order(data.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<Value> losses;

  for (std::size_t epoch = 1; epoch <= options.epochs; ++epoch) {
    random.shuffle(order);
    double total = 0;
    for (std::size_t first = 0; first < order.size(); first += options.batch_size) {
      const std::size_t last = std::min(first + options.batch_size, order.size());
      losses.clear();
      for (std::size_t i = first; i < last; ++i) {
        losses.push_back(loss(model(data.row(order[i])), data.labels[order[i]]));
      }
      const Value batch_loss = mean(losses);
      optimiser.zero_grad();
      batch_loss.backward();
      optimiser.step();
      total += batch_loss.data() * static_cast<double>(losses.size());
    }
    if (on_epoch) {
      const std::chrono::duration<double> elapsed = Clock::now() - start;
      on_epoch(
          {.number = epoch, .loss = total / static_cast<double>(order.size()), .seconds = elapsed.count()});
    }
  }
}

}  // namespace micrograd
