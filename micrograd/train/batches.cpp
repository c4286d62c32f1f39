// Cuts spans.
#include <micrograd/train/batches.hpp>

#include <algorithm>

#include <micrograd/error.hpp>

namespace micrograd {

std::vector<Batch> batches(std::span<const std::size_t> rows, std::size_t size) {
  if (size == 0) throw UsageError("batches: a batch needs rows (got size 0, expected 1 or more)");
  std::vector<Batch> cut;
  while (!rows.empty()) {
    const std::size_t next = std::min(size, rows.size());
    cut.push_back(rows.first(next));
    rows = rows.subspan(next);
  }
  return cut;
}

std::vector<Batch> micro_batches(Batch batch, std::size_t size) {
  if (size == 0) throw UsageError("micro_batches: a part needs rows (got size 0, expected 1 or more)");
  std::vector<Batch> cut;
  std::size_t parts = batch.size() / size + (batch.size() % size == 0 ? 0 : 1);
  for (; parts > 0; --parts) {
    const std::size_t next = batch.size() / parts + (batch.size() % parts == 0 ? 0 : 1);
    cut.push_back(batch.first(next));
    batch = batch.subspan(next);
  }
  return cut;
}

}  // namespace micrograd
