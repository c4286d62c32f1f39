// One table of names; what is none of them is a file.
#include <micrograd/train/named.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include <micrograd/error.hpp>
#include <micrograd/train/blobs.hpp>
#include <micrograd/train/circles.hpp>
#include <micrograd/train/digits.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/spirals.hpp>
#include <micrograd/train/xor.hpp>

namespace micrograd {
namespace {

struct Entry {
  std::string_view name;
  Dataset (*make)(const NamedOptions& options);
};

constexpr std::array kEntries{
    Entry{"moons", [](const NamedOptions& o) { return make_moons(o.count, o.noise.value_or(0.1), o.seed); }},
    Entry{"circles",
          [](const NamedOptions& o) { return make_circles(o.count, o.noise.value_or(0.1), o.seed); }},
    Entry{"spirals",
          [](const NamedOptions& o) {
            return make_spirals(o.count, o.noise.value_or(0.02), o.seed, {.arms = o.groups.value_or(2)});
          }},
    Entry{"blobs",
          [](const NamedOptions& o) {
            return make_blobs(o.count, o.noise.value_or(1), o.seed, o.groups.value_or(3));
          }},
    Entry{"xor", [](const NamedOptions& o) { return make_xor(o.count, o.noise.value_or(0.1), o.seed); }},
    Entry{"digits", [](const NamedOptions& o) { return load_digits(o.data_folder / "digits.csv"); }},
    Entry{"fashion-mnist",
          [](const NamedOptions& o) { return load_fashion_mnist(o.fashion_folder, o.part); }},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kEntries.size()> names;
  std::transform(kEntries.begin(), kEntries.end(), names.begin(),
                 [](const Entry& entry) { return entry.name; });
  return names;
}();

// A file may be called anything; a word that is neither a name nor a file is more likely a misspelt name.
bool names_csv(const std::filesystem::path& file) {
  return file.extension() == ".csv" || file.extension() == ".tsv" || std::filesystem::is_regular_file(file);
}

bool is_idx(const std::filesystem::path& file) {
  std::string bytes(4096, '\0');
  std::ifstream in(file, std::ios::binary);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return begins_as_idx(std::string_view(bytes).substr(0, static_cast<std::size_t>(in.gcount())));
}

}  // namespace

std::span<const std::string_view> data_set_names() { return kNames; }

std::optional<IdxFiles> idx_files_named(std::string_view name) {
  if (name.find(',') == name.npos || names_csv(name)) return std::nullopt;
  const auto divided = [name](std::size_t comma) {
    return IdxFiles{.images = name.substr(0, comma), .labels = name.substr(comma + 1)};
  };
  for (std::size_t comma = name.find(','); comma != name.npos; comma = name.find(',', comma + 1)) {
    IdxFiles files = divided(comma);
    if (std::filesystem::exists(files.images) && std::filesystem::exists(files.labels)) return files;
  }
  return divided(name.find(','));
}

NamedData load_named(std::string_view name, const NamedOptions& options) {
  const auto entry = std::find_if(kEntries.begin(), kEntries.end(),
                                  [&](const Entry& candidate) { return candidate.name == name; });
  if (entry != kEntries.end()) return {.data = entry->make(options)};
  if (const auto files = idx_files_named(name)) return {.data = load_idx(files->images, files->labels)};
  const std::filesystem::path file(name);
  if (!names_csv(file)) {
    std::string known;
    for (const std::string_view candidate : kNames) known += std::string(candidate) + ", ";
    throw UsageError("load_named: no such data set (got '" + std::string(name) + "', expected " + known +
                     "the path of a CSV file, or those of two IDX files as IMAGES,LABELS)");
  }
  if (is_idx(file)) {
    throw UsageError("load_named: an IDX file alone (got '" + std::string(name) +
                     "', expected IMAGES,LABELS: pictures and their labels, divided by a comma)");
  }
  CsvData read = load_csv_and_schema(file, options.csv);
  return {.data = std::move(read.data), .schema = std::move(read.schema)};
}

}  // namespace micrograd
