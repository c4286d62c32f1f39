// Any bytes at all: the reader of CSV gives a well-formed data set or an Error, a file is read back the same
// by its own schema, and nothing else ever happens. The first byte chooses the options.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <micrograd/error.hpp>
#include <micrograd/train/csv.hpp>

namespace {

micrograd::CsvOptions options_from(unsigned choice) {
  using namespace micrograd;
  CsvOptions options;
  options.one_hot = (choice & 1U) != 0;
  options.missing = (choice & 2U) != 0   ? CsvMissing::mean
                    : (choice & 4U) != 0 ? CsvMissing::drop
                                         : CsvMissing::error;
  options.task = (choice & 8U) != 0    ? CsvTask::classes
                 : (choice & 16U) != 0 ? CsvTask::numbers
                                       : CsvTask::automatic;
  options.header = (choice & 32U) != 0   ? CsvHeader::yes
                   : (choice & 64U) != 0 ? CsvHeader::no
                                         : CsvHeader::automatic;
  if ((choice & 128U) != 0) {
    options.label = "1";
    options.words = {"2"};
    options.most_categories = 3;
  }
  return options;
}

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const micrograd::Dataset& data) {
  require(data.rows() > 0 && data.columns > 0);
  require(data.values.size() == data.rows() * data.columns);
  require(data.labels.empty() != data.targets.empty());
  require(data.names.empty() || data.names.size() == data.columns);
  for (const double value : data.values) require(std::isfinite(value));
  for (const double target : data.targets) require(std::isfinite(target));
  for (const std::size_t label : data.labels) require(label < data.classes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const micrograd::CsvOptions options = options_from(bytes[0]);
  const std::string_view text(reinterpret_cast<const char*>(bytes + 1), size - 1);
  micrograd::CsvData read;
  try {
    read = micrograd::read_csv_and_schema(text, "fuzz", options);
  } catch (const micrograd::Error&) {
    return 0;
  }
  check(read.data);
  read.schema.check();
  const micrograd::Dataset again = micrograd::read_csv_as(text, "fuzz", read.schema, options);
  require(again.values == read.data.values && again.labels == read.data.labels);
  require(again.targets == read.data.targets);
  return 0;
}
