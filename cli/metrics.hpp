// metrics.csv: one line an epoch, added as the run goes, so that a run that is killed keeps what it wrote.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include <micrograd/train/trainer.hpp>

namespace micrograd::command {

/// A line of the file.
struct EpochRecord {
  std::size_t epoch;
  double loss;
  double held_out_loss;      ///< NaN where no rows were held out
  double held_out_accuracy;  ///< NaN too where no class is predicted
  double learning_rate;
};
EpochRecord record_of(const micrograd::Epoch& epoch);

class Metrics {
 public:
  /// No file yet; create and reopen make one.
  Metrics() = default;
  /// A new file, with its header.
  static Metrics create(const std::filesystem::path& file);
  /// The file of a run that stands after `epochs` epochs: lines after those are cut off. Throws IoError if
  /// there are fewer, or a line is not one of ours.
  static Metrics reopen(const std::filesystem::path& file, std::size_t epochs);

  /// Adds a line, in one write. Throws IoError.
  void add(const EpochRecord& record);
  const std::vector<EpochRecord>& records() const { return records_; }

 private:
  explicit Metrics(std::filesystem::path file) : file_(std::move(file)) {}

  std::filesystem::path file_;
  std::vector<EpochRecord> records_;
};

}  // namespace micrograd::command
