// Named arrays are read as they were written, files of others too, and nothing hostile gets through.
#include <micrograd/train/safetensors.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::string file_of(const std::string& header, const std::string& data) {
  const std::uint64_t length = header.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + header + data;
}

void expect_refused(const std::string& bytes, const std::string& why) {
  EXPECT_THAT([&] { parse_safetensors(bytes, "net.safetensors"); },
              ThrowsMessage<IoError>(::testing::AllOf(HasSubstr("net.safetensors"), HasSubstr(why))));
}

TEST(SafeTensors, AreReadAsTheyWereWritten) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const SafeTensors content{
      .metadata = {{"format", "micrograd"}, {"汉", "字"}},
      .tensors = {{"weights", {2, 3}, std::vector<double>{1, -0.0, 0.1, 1e-310, nan, 1e308}},
                  {"words", {2}, std::vector<std::uint64_t>{~std::uint64_t{0}, 7}},
                  {"single", {}, std::vector<float>{0.5F}},
                  {"none", {0, 4}, std::vector<double>{}}}};
  const SafeTensors read = parse_safetensors(to_safetensors(content), "x");
  EXPECT_EQ(read.metadata, content.metadata);
  ASSERT_EQ(read.tensors.size(), 4U);
  for (const Tensor& tensor : content.tensors) {
    const Tensor* const again = read.find(tensor.name);
    ASSERT_NE(again, nullptr) << tensor.name;
    EXPECT_EQ(again->shape, tensor.shape);
    ASSERT_EQ(again->items.index(), tensor.items.index());
    EXPECT_EQ(to_safetensors({{}, {*again}}), to_safetensors({{}, {tensor}})) << "other bits";
  }
  EXPECT_EQ(read.find("nobody"), nullptr);
}

TEST(SafeTensors, ItemsAreAlignedToEightBytes) {
  const std::string bytes = to_safetensors({{}, {{"a", {1}, std::vector<double>{1}}}});
  EXPECT_EQ(bytes.size() % 8, 0U);
}

// Byte by byte as the format's document lays it out; 1 and 2 in IEEE single precision.
TEST(SafeTensors, OfOthersAreRead) {
  const std::string bytes = file_of(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                                    std::string("\0\0\x80\x3f\0\0\0\x40", 8));
  const SafeTensors content = parse_safetensors(bytes, "x");
  EXPECT_EQ(std::get<std::vector<float>>(content.tensors.at(0).items), (std::vector<float>{1, 2}));
}

TEST(SafeTensors, WrongContentCannotBeWritten) {
  EXPECT_THROW(to_safetensors({{}, {{"a", {2}, std::vector<double>{1}}}}), UsageError);
  EXPECT_THROW(to_safetensors({{}, {{"a", {1}, std::vector<double>{1}}, {"a", {1}, std::vector<double>{1}}}}),
               UsageError);
  EXPECT_THROW(to_safetensors({{}, {{"\xff", {1}, std::vector<double>{1}}}}), UsageError);
}

TEST(SafeTensors, EveryShorterFileIsRefused) {
  const std::string bytes = to_safetensors({{}, {{"a", {2}, std::vector<double>{1, 2}}}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(parse_safetensors(bytes.substr(0, size), "x"), IoError) << size;
  }
}

TEST(SafeTensors, HostileHeadersAreRefusedInOneLine) {
  const std::string eight(8, '\0');
  expect_refused("1234", "too short");
  expect_refused(std::string(8, '\xff') + "{}", "longer than the file");
  expect_refused(file_of("{", ""), "not a JSON object (got other text, expected an object)");
  expect_refused(file_of("[1]", ""), "not a JSON object (got a list, expected an object)");
  expect_refused(file_of(R"({"a":1})", ""), "lacks dtype");
  expect_refused(file_of(R"({"a":{"dtype":7,"shape":[1]}})", ""),
                 "(got 7, a list and null, expected a text, a list");
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0]}})", eight), "lacks dtype");
  expect_refused(file_of(R"({"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}})", eight), "BF16");
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}})", eight),
                 "not a size (got -1, expected a whole number");
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[)" + deep + R"(],"data_offsets":[0,8]}})", eight),
                 "not a size (got a list, expected");
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,8]}})", eight), "wrong size");
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", ""),
                 "wrong size");
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}})", ""),
                 "wrong size");
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[8,16]}})", eight + eight),
                 "one after the other (got byte 8 as the first of tensor 'a', expected 0)");
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", eight + eight),
                 "belong to no tensor");
  expect_refused(file_of(R"({"a":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}})", eight),
                 "outside the file (got bytes 0 to 16, expected some of 0 to 8)");
  expect_refused(file_of(R"({"__metadata__":{"a":1}})", ""), "not a text (got 1, expected a text)");
  expect_refused(file_of(std::string(100'000, '['), ""), "not a JSON object");
}

}  // namespace
}  // namespace micrograd
