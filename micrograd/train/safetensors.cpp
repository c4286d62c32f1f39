// Eight bytes of header length, the JSON header, the items one after the other; all little-endian.
#include <micrograd/train/safetensors.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

static_assert(std::endian::native == std::endian::little, "items are copied as they lie in memory");

using Json = nlohmann::json;
using Items = decltype(Tensor::items);

constexpr std::size_t length_bytes = 8;
constexpr std::size_t longest_header = std::size_t{16} << 20;  // as JSON it takes many times its size

template <class Item> constexpr const char* dtype = nullptr;
template <> constexpr const char* dtype<double> = "F64";
template <> constexpr const char* dtype<float> = "F32";
template <> constexpr const char* dtype<std::uint64_t> = "U64";

/// The product of the extents; nothing if it does not fit.
std::optional<std::size_t> count_of(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t extent : shape) {
    if (__builtin_mul_overflow(count, extent, &count)) return std::nullopt;
  }
  return count;
}

/// A value as errors show it. What is nested is only named: it may go deeper than our stack.
std::string shown(const Json& value) {
  constexpr std::size_t longest = 80;
  if (value.is_discarded()) return "other text";
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return value.dump().substr(0, longest);
}

class Parser {
 public:
  Parser(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  SafeTensors parse() {
    const Json header = read_header();
    SafeTensors content;
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        read_metadata(entry, content);
      } else {
        read_tensor(name, entry, content);
      }
    }
    check_layout(content);
    return content;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw IoError("parse_safetensors: " + file_ + ": " + what);
  }

  Json read_header() {
    std::uint64_t length = 0;
    if (bytes_.size() < length_bytes) {
      fail("too short for a header (got " + std::to_string(bytes_.size()) + " bytes, expected 8 or more)");
    }
    std::memcpy(&length, bytes_.data(), length_bytes);
    if (length > bytes_.size() - length_bytes) {
      fail("the header is longer than the file (got " + std::to_string(length) + " bytes, expected at most " +
           std::to_string(bytes_.size() - length_bytes) + "); the file may be cut short");
    }
    if (length > longest_header) {
      fail("the header is too long to be one (got " + std::to_string(length) + " bytes, expected at most " +
           std::to_string(longest_header) + ")");
    }
    data_ = bytes_.substr(length_bytes + length);
    Json header = Json::parse(bytes_.substr(length_bytes, length), nullptr, false);
    if (!header.is_object()) {
      fail("the header is not a JSON object (got " + shown(header) + ", expected an object)");
    }
    return header;
  }

  void read_metadata(const Json& entry, SafeTensors& content) const {
    if (!entry.is_object()) {
      fail("__metadata__ is not an object of texts (got " + shown(entry) + ", expected an object)");
    }
    for (const auto& [key, value] : entry.items()) {
      if (!value.is_string()) {
        fail("__metadata__ '" + key + "' is not a text (got " + shown(value) + ", expected a text)");
      }
      content.metadata[key] = value.get<std::string>();
    }
  }

  void read_tensor(const std::string& name, const Json& entry, SafeTensors& content) {
    const std::string who = "tensor '" + name + "'";
    static const Json nothing;
    const auto part = [&entry](const char* key) -> const Json& {
      return entry.is_object() && entry.contains(key) ? entry[key] : nothing;
    };
    const Json &kind_entry = part("dtype"), &shape_entry = part("shape"), &offsets = part("data_offsets");
    if (!kind_entry.is_string() || !shape_entry.is_array() || !offsets.is_array() || offsets.size() != 2) {
      fail(who + " lacks dtype, shape or data_offsets, or they are of the wrong kind (got " +
           shown(kind_entry) + ", " + shown(shape_entry) + " and " + shown(offsets) +
           ", expected a text, a list and a list of two)");
    }
    std::vector<std::size_t> shape;
    for (const Json& extent : shape_entry) shape.push_back(read_size(who, extent));
    const std::size_t begin = read_size(who, offsets[0]);
    const std::size_t end = read_size(who, offsets[1]);
    if (begin > end || end > data_.size()) {
      fail(who + " lies outside the file (got bytes " + std::to_string(begin) + " to " + std::to_string(end) +
           ", expected some of 0 to " + std::to_string(data_.size()) + ")");
    }
    const std::string kind = kind_entry.get<std::string>();
    const std::string_view bytes = data_.substr(begin, end - begin);
    Items items = kind == dtype<double>          ? read_items<double>(who, shape, bytes)
                  : kind == dtype<float>         ? read_items<float>(who, shape, bytes)
                  : kind == dtype<std::uint64_t> ? read_items<std::uint64_t>(who, shape, bytes)
                                                 : throw IoError("parse_safetensors: " + file_ + ": " + who +
                                                                 " is of a kind that is not read here (got " +
                                                                 kind + ", expected F64, F32 or U64)");
    content.tensors.push_back({name, std::move(shape), std::move(items)});
    begins_.push_back(begin);
    ends_.push_back(end);
  }

  std::size_t read_size(const std::string& who, const Json& number) const {
    if (!number.is_number_unsigned()) {
      fail(who + ": not a size (got " + shown(number) + ", expected a whole number, 0 or more)");
    }
    return number.get<std::size_t>();
  }

  template <class Item>
  Items read_items(const std::string& who, const std::vector<std::size_t>& shape,
                   std::string_view bytes) const {
    const std::optional<std::size_t> count = count_of(shape);
    // Compared before anything is allocated: a shape may claim what it likes.
    if (!count || *count > data_.size() || *count * sizeof(Item) != bytes.size()) {
      fail(who + " has the wrong size for its shape (got " + std::to_string(bytes.size()) +
           " bytes, expected " + (count ? std::to_string(*count) : "an impossible number") + " items of " +
           std::to_string(sizeof(Item)) + " bytes)");
    }
    std::vector<Item> items(*count);
    if (!items.empty()) std::memcpy(items.data(), bytes.data(), bytes.size());
    return items;
  }

  /// Sorts by place, and sees that the tensors fill the data without gap or overlap.
  void check_layout(SafeTensors& content) const {
    std::vector<std::size_t> order(content.tensors.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return std::tuple(begins_[a], ends_[a], a) < std::tuple(begins_[b], ends_[b], b);
    });
    std::vector<Tensor> sorted;
    std::size_t at = 0;
    for (const std::size_t i : order) {
      if (begins_[i] != at) {
        fail("the tensors do not lie one after the other (got byte " + std::to_string(begins_[i]) +
             " as the first of tensor '" + content.tensors[i].name + "', expected " + std::to_string(at) +
             ")");
      }
      at = ends_[i];
      sorted.push_back(std::move(content.tensors[i]));
    }
    if (at != data_.size()) {
      fail("bytes that belong to no tensor (got " + std::to_string(data_.size()) +
           " bytes of data, expected " + std::to_string(at) + ")");
    }
    content.tensors = std::move(sorted);
  }

  std::string_view bytes_;
  const std::string& file_;
  std::string_view data_;
  std::vector<std::size_t> begins_, ends_;
};

}  // namespace

std::size_t Tensor::size() const {
  return std::visit([](const auto& vector) { return vector.size(); }, items);
}

const Tensor* SafeTensors::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [name](const Tensor& tensor) { return tensor.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

SafeTensors parse_safetensors(std::string_view bytes, const std::string& file) {
  return Parser(bytes, file).parse();
}

std::string to_safetensors(const SafeTensors& content) {
  Json header = Json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  std::string data;
  for (const Tensor& tensor : content.tensors) {
    if (header.contains(tensor.name)) {
      throw UsageError("to_safetensors: a name is used twice (got '" + tensor.name + "')");
    }
    if (count_of(tensor.shape) != tensor.size()) {
      throw UsageError("to_safetensors: tensor '" + tensor.name + "' is not of its shape (got " +
                       std::to_string(tensor.size()) + " items)");
    }
    const std::size_t begin = data.size();
    const char* kind = std::visit(
        [&data]<class Item>(const std::vector<Item>& items) {
          data.append(reinterpret_cast<const char*>(items.data()), items.size() * sizeof(Item));
          return dtype<Item>;
        },
        tensor.items);
    header[tensor.name] = {{"dtype", kind}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const Json::type_error&) {
    throw UsageError("to_safetensors: a name or a word of the metadata is not UTF-8");
  }
  text.append((length_bytes - text.size() % length_bytes) % length_bytes,
              ' ');  // so that the items are aligned
  const std::uint64_t length = text.size();
  std::string bytes(length_bytes, '\0');
  std::memcpy(bytes.data(), &length, length_bytes);
  return bytes + text + data;
}

}  // namespace micrograd
