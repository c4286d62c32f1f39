// Row numbers cut into mini-batches, and a mini-batch into the parts that fit into memory at once.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace micrograd {

/// Some of the row numbers that it was cut from; valid as long as those are.
using Batch = std::span<const std::size_t>;

/// `rows` in order, `size` at a time; the last batch has what is left and may be smaller. No rows, no
/// batches. Throws UsageError if `size` is 0.
std::vector<Batch> batches(std::span<const std::size_t> rows, std::size_t size);

/// `batch` in order, in the fewest parts of at most `size` rows whose sizes differ by at most one. Since they
/// are not all equal, the gradient of the mean over the batch is the sum of those of the parts' means, each
/// times part.size() / batch.size(). Throws UsageError if `size` is 0.
std::vector<Batch> micro_batches(Batch batch, std::size_t size);

}  // namespace micrograd
