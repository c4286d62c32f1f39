// IDX files, plain and compressed, are read to the last byte; headers that lie end in one clear error.
#include <micrograd/train/idx.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include "idx_bytes.hpp"

namespace micrograd {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string gzip(const std::string& bytes) {
  z_stream state{};
  if (deflateInit2(&state, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2");
  }
  std::string packed(deflateBound(&state, bytes.size()), '\0');
  std::string copy = bytes;
  state.next_in = reinterpret_cast<Bytef*>(copy.data());
  state.avail_in = static_cast<uInt>(copy.size());
  state.next_out = reinterpret_cast<Bytef*>(packed.data());
  state.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&state, Z_FINISH);
  packed.resize(state.total_out);
  deflateEnd(&state);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate");
  return packed;
}

const std::string pictures =
    idx({2, 2, 3}, std::string("\x00\x33\x66\x99\xCC\xFF\xFF\x00\x00\x00\x00\x01", 12));
const std::string labels = idx({2}, "\x07\x02");

Dataset read_pair(const std::string& images_file, const std::string& labels_file) {
  return read_idx({.images = images_file, .labels = labels_file});
}

void expect_error(const std::string& images_file, const std::string& labels_file, const std::string& what) {
  EXPECT_THAT([&] { read_pair(images_file, labels_file); }, ThrowsMessage<IoError>(HasSubstr(what)));
}

TEST(Idx, IsReadWithPixelsFromZeroToOne) {
  const Dataset data = read_pair(pictures, labels);
  EXPECT_EQ(data.columns, 6U);
  EXPECT_EQ(data.picture_width, 3U);
  EXPECT_EQ(pick_rows(data, std::array<std::size_t, 1>{1}).picture_width, 3U);
  EXPECT_THAT(data.labels, ElementsAre(7U, 2U));
  EXPECT_THAT(data.row(0), ElementsAre(0, 0.2, 0.4, 0.6, 0.8, 1));
  EXPECT_EQ(data.row(1)[5], 1.0 / 255);
}

TEST(Idx, MayBeCompressedInOnePartOrSeveral) {
  const Dataset plain = read_pair(pictures, labels);
  EXPECT_EQ(read_pair(gzip(pictures), gzip(labels)).values, plain.values);
  EXPECT_EQ(read_pair(gzip(pictures), labels).labels, plain.labels);
  EXPECT_EQ(read_pair(gzip(pictures.substr(0, 9)) + gzip(pictures.substr(9)), labels).values, plain.values);
}

TEST(Idx, PicturesMayBeReadWithoutLabels) {
  for (const std::string& bytes : {pictures, gzip(pictures)}) {
    const Dataset data = read_idx_images(bytes, "images");
    EXPECT_EQ(data.values, read_pair(pictures, labels).values);
    EXPECT_EQ(data.rows(), 2U);
    EXPECT_EQ(data.picture_width, 3U);
    EXPECT_TRUE(data.labels.empty());
  }
  EXPECT_THAT(
      [] { read_idx_images(labels, "x"); },
      ThrowsMessage<IoError>(HasSubstr("load_idx: x: wrong number of dimensions (got 1, expected 3")));
  EXPECT_THAT([] { read_idx_images(idx({2, 0, 3}, ""), "x"); },
              ThrowsMessage<IoError>(HasSubstr("no pictures")));
}

TEST(Idx, FilesAreKnownByTheirFirstBytes) {
  for (const std::string& bytes : {pictures, labels, gzip(pictures), gzip(labels), pictures.substr(0, 3)}) {
    EXPECT_TRUE(begins_as_idx(bytes));
  }
  const std::string nothing_yet = gzip(pictures).substr(0, 5);
  for (const std::string& bytes : {std::string(), std::string("0,0,8\n"), std::string("\0\0", 2),
                                   std::string("\0\0\xFE\xFF", 4), gzip("a,b\n1,2\n"), nothing_yet}) {
    EXPECT_FALSE(begins_as_idx(bytes));
  }
}

TEST(Idx, LargerThanOneStepOfUnpackingIsReadWhole) {
  std::string content;
  for (std::uint32_t i = 0; i < 3'000'000; ++i) content += static_cast<char>(i * 2654435761U >> 24);
  const std::string large = idx({3, 1000, 1000}, content);
  const Dataset data = read_pair(gzip(large), idx({3}, "abc"));
  ASSERT_EQ(data.values.size(), content.size());
  for (std::size_t i = 0; i < content.size(); i += 997) {
    ASSERT_EQ(data.values[i], static_cast<unsigned char>(content[i]) / 255.0);
  }
}

TEST(Idx, FilesAreReadFromDisk) {
  const std::filesystem::path folder = ::testing::TempDir();
  write_file(folder / "idx_images", pictures);
  write_file(folder / "idx_labels", gzip(labels));
  EXPECT_THAT(load_idx(folder / "idx_images", folder / "idx_labels").labels, ElementsAre(7U, 2U));
  std::filesystem::remove(folder / "idx_images");
  std::filesystem::remove(folder / "idx_labels");
  EXPECT_THAT([&] { load_idx(folder / "idx_images", folder / "idx_labels"); },
              ThrowsMessage<IoError>(HasSubstr("idx_images")));
}

TEST(Idx, HeadersOfOtherThingsAreErrors) {
  expect_error("", labels, "load_idx: images: no IDX file (got 0 bytes, expected a header)");
  expect_error("PNG-file", labels,
               "load_idx: images: no IDX file (got 80 78 as the first two bytes, expected 0 0)");
  std::string floats = pictures;
  floats[2] = 0x0D;
  expect_error(floats, labels,
               "load_idx: images: the numbers are not unsigned bytes (got kind 13, expected 8)");
  expect_error(
      labels, pictures,
      "load_idx: images: wrong number of dimensions (got 1, expected 3 for pictures); are pictures and "
      "labels exchanged?");
  expect_error(pictures, pictures,
               "load_idx: labels: wrong number of dimensions (got 3, expected 1 for labels)");
  expect_error(pictures.substr(0, 10), labels,
               "load_idx: images: the file ends within its header (got 10 bytes, expected 16)");
  expect_error(idx({0, 2, 3}, ""), idx({0}, ""), "no pictures (got 0 of 2 x 3 pixels");
  expect_error(idx({2, 0, 3}, ""), labels, "no pictures (got 2 of 0 x 3 pixels");
  expect_error(pictures, idx({3}, "abc"),
               "there is not one label for each picture (got 2 pictures, expected 3 as in labels)");
}

TEST(Idx, FilesOfOtherLengthsThanTheirHeadersSayAreErrors) {
  for (const bool packed : {false, true}) {
    const auto pack = [&](const std::string& bytes) { return packed ? gzip(bytes) : bytes; };
    expect_error(pack(pictures.substr(0, pictures.size() - 1)), labels,
                 "the file is shorter than its header says (got 11 bytes after it, expected 2 x 2 x 3 = 12)");
    expect_error(
        pack(pictures + "x"), labels,
        "the file is longer than its header says (got more than 12 bytes after it, expected 2 x 2 x 3)");
    expect_error(pictures, pack(labels.substr(0, labels.size() - 1)),
                 "load_idx: labels: the file is shorter");
    expect_error(pictures, pack(labels + "x"), "load_idx: labels: the file is longer");
  }
}

TEST(Idx, HeadersThatPromiseTheWorldCostNothing) {
  // Any of these, believed, would end in std::bad_alloc, std::length_error or the end of the process.
  const std::uint32_t most = 0xFFFFFFFFU;
  expect_error(idx({2, most, most}, "x"), labels,
               "the header promises more than any file holds (got 2 x 4294967295");
  expect_error(idx({2, most, 65536}, "x"), labels, "the file is shorter than its header says (got 1 bytes");
  expect_error(gzip(idx({2, most, 65536}, "x")), labels,
               "the file is shorter than its header says (got 1 bytes");
  expect_error(idx({most, 1, 1}, "x"), idx({most}, "x"), "load_idx: labels: the file is shorter");
  expect_error(idx({most, most, most}, "x"), idx({most}, "x"), "load_idx: labels: the file is shorter");
}

TEST(Idx, BombsAreLeftPackedBehindWhatTheHeaderPromises) {
  // Twenty million zeros behind twelve promised bytes: seen as too long after the first of them.
  expect_error(gzip(pictures + std::string(20'000'000, '\0')), labels, "got more than 12 bytes after it");
}

TEST(Idx, DamagedCompressionIsAnError) {
  const std::string packed = gzip(pictures);
  for (std::size_t size = 2; size < packed.size(); ++size) {
    EXPECT_THROW(read_pair(packed.substr(0, size), labels), IoError) << size;
  }
  expect_error(packed.substr(0, packed.size() - 4), labels,
               "load_idx: images: the compressed bytes end too soon");
  std::string wrong_sum = packed;
  wrong_sum[packed.size() - 6] ^= 1;
  expect_error(wrong_sum, labels,
               "load_idx: images: the compressed bytes are damaged (incorrect data check)");
  expect_error(packed + "tail", labels,
               "other bytes follow the compressed ones (got 4 bytes, expected none)");
}

const std::filesystem::path fashion = "/usr/share/datasets/fashion-mnist";  // where Debian's package puts it

void expect_fashion(FashionPart part, std::size_t rows, const std::vector<std::size_t>& first_labels) {
  if (!std::filesystem::exists(fashion)) GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
  const Dataset data = load_fashion_mnist(fashion, part);
  ASSERT_EQ(data.rows(), rows);
  EXPECT_EQ(data.columns, 784U);
  EXPECT_EQ(data.values.size(), rows * 784);
  std::array<std::size_t, 10> counts{};
  for (const std::size_t label : data.labels) ++counts.at(label);
  EXPECT_THAT(counts, Each(rows / 10));
  EXPECT_EQ(std::vector(data.labels.begin(), data.labels.begin() + 10), first_labels);
  EXPECT_EQ(data.class_name(9), "ankle boot");
  EXPECT_EQ(data.classes.size(), 10U);
  double sum = 0;
  for (const double pixel : data.values) {
    ASSERT_TRUE(pixel >= 0 && pixel <= 1);
    sum += pixel;
  }
  EXPECT_NEAR(sum / static_cast<double>(data.values.size()), 0.286,
              0.001);  // the mean that everyone normalises by
}

TEST(FashionMnist, TrainingPartIsTheOneEverybodyKnows) {
  expect_fashion(FashionPart::train, 60'000, {9, 0, 0, 3, 0, 2, 7, 2, 5, 5});
}

TEST(FashionMnist, TestPartIsTheOneEverybodyKnows) {
  expect_fashion(FashionPart::test, 10'000, {9, 2, 1, 1, 6, 1, 4, 6, 5, 7});
}

TEST(FashionMnist, ThatIsMissingIsAnErrorThatNamesThePackage) {
  EXPECT_THAT([] { load_fashion_mnist("/no/such/folder", FashionPart::test); },
              ThrowsMessage<IoError>(AllOf(HasSubstr("/no/such/folder/t10k-images-idx3-ubyte.gz"),
                                           HasSubstr("dataset-fashion-mnist"))));
}

}  // namespace
}  // namespace micrograd
