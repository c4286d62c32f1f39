// Data sets by the names that a command line gives them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <micrograd/train/csv.hpp>
#include <micrograd/train/dataset.hpp>
#include <micrograd/train/idx.hpp>

namespace micrograd {

/// Each data set heeds those that concern it.
struct NamedOptions {
  std::size_t count = 200;              ///< of points of a made-up problem
  std::optional<double> noise{};        ///< of a made-up problem; none: blobs 1, spirals 0.02, the others 0.1
  std::optional<std::size_t> groups{};  ///< arms of spirals (none: 2), clusters of blobs (none: 3)
  std::uint64_t seed = 1;               ///< of a made-up problem
  std::filesystem::path data_folder = "data";                                  ///< holds digits.csv
  std::filesystem::path fashion_folder = "/usr/share/datasets/fashion-mnist";  ///< where Debian puts it
  FashionPart part = FashionPart::train;
  CsvOptions csv{};  ///< of a file
};

struct NamedData {
  Dataset data;
  std::optional<CsvSchema> schema{};  ///< of a file
};

/// The names that load_named knows.
std::span<const std::string_view> data_set_names();

struct IdxFiles {
  std::filesystem::path images, labels;
};
/// The two files that a name `IMAGES,LABELS` stands for; none if it has no comma, or is itself the path of a
/// file or of something that ends in .csv or .tsv. Of several commas, it is the one between two files.
std::optional<IdxFiles> idx_files_named(std::string_view name);

/// moons, circles, spirals, blobs, xor, digits, fashion-mnist, the path of a file of CSV, or those of two IDX
/// files as idx_files_named has them. Throws UsageError for another name, listing these, and whatever the
/// maker or reader of the data throws.
NamedData load_named(std::string_view name, const NamedOptions& options = {});

}  // namespace micrograd
