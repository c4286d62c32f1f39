// Reads the digits strictly: data that is quietly wrong costs more than a run that does not start.
#include <micrograd/train/digits.hpp>

#include <charconv>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

constexpr std::size_t kWidth = 8, kPixels = kWidth * kWidth;
constexpr unsigned kBrightest = 16;

/// One line of the file, taken apart from the left.
class Line {
 public:
  Line(const std::filesystem::path& file, std::size_t number, std::string_view text)
      : file_(file), number_(number), rest_(text) {}

  /// The next field, a whole number from 0 to `most`.
  unsigned next(unsigned most) {
    ++column_;
    const std::size_t comma = rest_.find(',');
    const std::string_view field = rest_.substr(0, comma);
    if (ended_) fail("the line ends too soon", "nothing", "65 numbers");
    ended_ = comma == std::string_view::npos;
    rest_ = ended_ ? std::string_view() : rest_.substr(comma + 1);

    unsigned number = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (error != std::errc() || end != field.data() + field.size() || number > most) {
      fail("bad number", '\'' + std::string(field) + '\'',
           "a whole number from 0 to " + std::to_string(most));
    }
    return number;
  }

  void expect_end() {
    ++column_;
    if (!ended_) fail("the line goes on too long", '\'' + std::string(rest_) + '\'', "65 numbers");
  }

 private:
  [[noreturn]] void fail(const char* what, const std::string& got, const std::string& expected) const {
    throw IoError("load_digits: " + std::string(what) + " at " + file_.string() + ", line " +
                  std::to_string(number_) + ", column " + std::to_string(column_) + " (got " + got +
                  ", expected " + expected + ")");
  }

  const std::filesystem::path& file_;
  std::size_t number_;
  std::size_t column_ = 0;  // counted in fields, from 1
  std::string_view rest_;
  bool ended_ = false;
};

}  // namespace

Dataset load_digits(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw IoError("load_digits: cannot open the file (got " + file.string() +
                  ", expected a readable file); it comes with the sources as data/digits.csv");
  }
  return read_digits(in, file);
}

Dataset read_digits(std::istream& in, const std::filesystem::path& file) {
  Dataset data;
  data.columns = kPixels;
  data.picture_width = kWidth;
  std::size_t number = 0;
  for (std::string text; std::getline(in, text);) {
    if (text.ends_with('\r')) text.pop_back();
    Line line(file, ++number, text);
    for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
      data.values.push_back(line.next(kBrightest) / static_cast<double>(kBrightest));
    }
    data.labels.push_back(line.next(9));
    line.expect_end();
  }
  if (in.bad()) {
    throw IoError("load_digits: reading failed after line " + std::to_string(number) + " of " +
                  file.string());
  }
  if (data.rows() == 0) {
    throw IoError("load_digits: no images in the file (got " + file.string() +
                  ", expected one image a line)");
  }
  return data;
}

}  // namespace micrograd
