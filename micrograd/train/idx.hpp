// Reader of pictures and their labels in the IDX format, in which MNIST and its successors are given out.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// Reads a file of pictures (IDX: three dimensions of unsigned bytes) and one of as many labels (one
/// dimension), each plain or compressed with gzip. Gives rows x columns of a picture as columns, row after
/// row from the top left, scaled to [0, 1], and the labels as they are. Throws IoError, naming the file, if
/// one cannot be read or is not as described. A file that promises more than it holds costs no more memory
/// than what it holds.
Dataset load_idx(const std::filesystem::path& images, const std::filesystem::path& labels);
/// The pictures alone, as rows whose labels are yet to be found.
Dataset load_idx_images(const std::filesystem::path& images);

/// The bytes of two such files, and what errors call them.
struct IdxBytes {
  std::string_view images, labels;
  std::string images_name = "images", labels_name = "labels";
};
/// The same from bytes in memory.
Dataset read_idx(const IdxBytes& bytes);
Dataset read_idx_images(std::string_view bytes, const std::string& name);

/// Whether these bytes, the first of a file, are those of an IDX file, plain or compressed. No text begins
/// so.
bool begins_as_idx(std::string_view bytes);

enum class FashionPart { train, test };

/// Zalando's Fashion-MNIST: 28x28 grey pictures of ten kinds of clothes, 60,000 to learn from or 10,000 to be
/// judged by. `folder` holds the four files under their usual names (train-images-idx3-ubyte.gz and so on;
/// Debian's package dataset-fashion-mnist brings them). Throws IoError as load_idx does, and if a label is
/// above 9.
Dataset load_fashion_mnist(const std::filesystem::path& folder, FashionPart part);

}  // namespace micrograd
