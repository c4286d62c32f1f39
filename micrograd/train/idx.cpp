// Believes a header only as far as the bytes behind it go.
#include <micrograd/train/idx.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/train/gzip.hpp>

namespace micrograd {
namespace {

/// One IDX file of unsigned bytes: dimensions first, then the bytes.
class IdxFile {
 public:
  IdxFile(std::string_view bytes, const std::string& name, std::size_t dimensions)
      : prefix_("load_idx: " + name + ": "), in_(bytes, prefix_) {
    constexpr unsigned kUnsignedBytes = 8;
    const std::string magic = in_.next(4);
    if (magic.size() < 4) fail("no IDX file (got " + count_of(magic) + ", expected a header)");
    const unsigned first = byte(magic, 0), second = byte(magic, 1), kind = byte(magic, 2),
                   have = byte(magic, 3);
    if (first != 0 || second != 0) {
      fail("no IDX file (got " + std::to_string(first) + ' ' + std::to_string(second) +
           " as the first two bytes, expected 0 0)");
    }
    if (kind != kUnsignedBytes) {
      fail("the numbers are not unsigned bytes (got kind " + std::to_string(kind) + ", expected 8)");
    }
    if (have != dimensions) {
      fail("wrong number of dimensions (got " + std::to_string(have) + ", expected " +
           std::to_string(dimensions) + (dimensions == 1 ? " for labels)" : " for pictures)") +
           "; are pictures and labels exchanged?");
    }
    const std::string sizes = in_.next(4 * dimensions);
    if (sizes.size() < 4 * dimensions) {
      fail("the file ends within its header (got " + std::to_string(4 + sizes.size()) + " bytes, expected " +
           std::to_string(4 + 4 * dimensions) + ")");
    }
    for (std::size_t i = 0; i < sizes.size(); i += 4) {
      sizes_.push_back((std::size_t{byte(sizes, i)} << 24) | (std::size_t{byte(sizes, i + 1)} << 16) |
                       (std::size_t{byte(sizes, i + 2)} << 8) | byte(sizes, i + 3));
    }
  }

  /// The length of a dimension.
  std::size_t size(std::size_t dimension) const { return sizes_[dimension]; }

  /// All bytes behind the header: exactly as many as it promises.
  std::string content() {
    std::size_t promised = 1;
    for (const std::size_t size : sizes_) {
      if (size != 0 && promised > std::numeric_limits<std::size_t>::max() / size) {
        fail("the header promises more than any file holds (got " + shape() + " bytes)");
      }
      promised *= size;
    }
    std::string bytes = in_.next(promised);
    if (bytes.size() < promised) {
      fail("the file is shorter than its header says (got " + count_of(bytes) + " after it, expected " +
           shape() + " = " + std::to_string(promised) + ")");
    }
    if (!in_.next(1).empty()) {
      fail("the file is longer than its header says (got more than " + std::to_string(promised) +
           " bytes after it, expected " + shape() + ")");
    }
    return bytes;
  }

  [[noreturn]] void fail(const std::string& what) const { throw IoError(prefix_ + what); }

 private:
  static unsigned byte(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }
  static std::string count_of(std::string_view bytes) { return std::to_string(bytes.size()) + " bytes"; }
  std::string shape() const {
    std::string text;
    for (const std::size_t size : sizes_) text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text;
  }

  std::string prefix_;
  Unpacker in_;
  std::vector<std::size_t> sizes_;
};

void check_pictures(const IdxFile& images) {
  for (std::size_t dimension = 0; dimension < 3; ++dimension) {
    if (images.size(dimension) == 0) {
      images.fail("no pictures (got " + std::to_string(images.size(0)) + " of " +
                  std::to_string(images.size(1)) + " x " + std::to_string(images.size(2)) +
                  " pixels, expected 1 or more of each)");
    }
  }
}

Dataset rows_of(IdxFile& images) {
  Dataset data{.columns = images.size(1) * images.size(2), .picture_width = images.size(2)};
  const std::string pixels = images.content();
  data.values.reserve(pixels.size());
  for (const char pixel : pixels) data.values.push_back(static_cast<unsigned char>(pixel) / 255.0);
  return data;
}

}  // namespace

bool begins_as_idx(std::string_view bytes) {
  constexpr char kFirstKind = 8, kLastKind = 14;
  try {
    const std::string magic = Unpacker(bytes, "").next(3);
    return magic.size() == 3 && magic[0] == 0 && magic[1] == 0 && magic[2] >= kFirstKind &&
           magic[2] <= kLastKind;
  } catch (const IoError&) {  // it begins as compressed bytes do, but is damaged
    return false;
  }
}

Dataset read_idx_images(std::string_view bytes, const std::string& name) {
  IdxFile images(bytes, name, 3);
  check_pictures(images);
  return rows_of(images);
}

Dataset read_idx(const IdxBytes& bytes) {
  IdxFile images(bytes.images, bytes.images_name, 3);
  IdxFile labels(bytes.labels, bytes.labels_name, 1);
  check_pictures(images);
  if (images.size(0) != labels.size(0)) {
    images.fail("there is not one label for each picture (got " + std::to_string(images.size(0)) +
                " pictures, expected " + std::to_string(labels.size(0)) + " as in " + bytes.labels_name +
                ")");
  }
  const std::string of_rows = labels.content();  // first, because it is short, and may be wrong
  Dataset data = rows_of(images);
  for (const char label : of_rows) data.labels.push_back(static_cast<unsigned char>(label));
  return data;
}

Dataset load_idx_images(const std::filesystem::path& images) {
  return read_idx_images(read_file(images), images.string());
}

Dataset load_idx(const std::filesystem::path& images, const std::filesystem::path& labels) {
  const std::string image_bytes = read_file(images);
  const std::string label_bytes = read_file(labels);
  return read_idx({.images = image_bytes,
                   .labels = label_bytes,
                   .images_name = images.string(),
                   .labels_name = labels.string()});
}

Dataset load_fashion_mnist(const std::filesystem::path& folder, FashionPart part) {
  const std::string prefix = part == FashionPart::train ? "train" : "t10k";
  const std::filesystem::path images = folder / (prefix + "-images-idx3-ubyte.gz");
  const std::filesystem::path labels = folder / (prefix + "-labels-idx1-ubyte.gz");
  if (!std::filesystem::exists(images)) {
    throw IoError("load_fashion_mnist: the pictures are not there (got " + images.string() +
                  ", expected a readable file); Debian's package dataset-fashion-mnist brings them");
  }
  Dataset data = load_idx(images, labels);
  data.classes = {"T-shirt/top", "trouser", "pullover", "dress", "coat",
                  "sandal",      "shirt",   "sneaker",  "bag",   "ankle boot"};
  const std::size_t largest = *std::max_element(data.labels.begin(), data.labels.end());
  if (largest >= data.classes.size()) {
    throw IoError("load_fashion_mnist: " + labels.string() + ": no such class (got " +
                  std::to_string(largest) + ", expected 0 to 9)");
  }
  return data;
}

}  // namespace micrograd
