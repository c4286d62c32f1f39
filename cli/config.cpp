// TOML is written here, number by number, and read by toml++.
#include "config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

#include <micrograd/error.hpp>

namespace micrograd::command {
namespace {

std::string written(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += fmt::format("\\{}", c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}
std::string written(bool value) { return value ? "true" : "false"; }
std::string written(std::uint64_t value) {
  // TOML's whole numbers are signed.
  const bool fits = value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return fits ? fmt::format("{}", value) : fmt::format("\"{}\"", value);
}
std::string written(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}
template <class T>
std::string written(const std::vector<T>& values) {
  std::string text = "[";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "" : ", ") + written(values[i]);
  return text + "]";
}

/// The keys of one table; each must be asked for exactly once.
class Table {
 public:
  Table(const toml::table& all, const std::string& name, const std::string& file) : name_(name), file_(file) {
    table_ = all[name].as_table();
    if (table_ == nullptr) fail("table [" + name + "] is missing");
  }

  template <class T>
  void read(const std::string& key, T& value) {
    const toml::node* const node = table_->get(key);
    if (node == nullptr) fail("key '" + name_ + "." + key + "' is missing");
    seen_.insert(key);
    if (!convert(*node, value)) {
      std::ostringstream got;
      got << toml::node_view<const toml::node>(*node);
      fail("key '" + name_ + "." + key + "' is of the wrong kind (got " + got.str().substr(0, 80) +
           ", expected " + expected(value) + ")");
    }
  }

  void refuse_others() const {
    for (const auto& [key, value] : *table_) {
      if (!seen_.contains(std::string(key.str()))) {
        fail("unknown key '" + name_ + "." + std::string(key.str()) + "'");
      }
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw micrograd::IoError("config: " + file_ + ": " + what);
  }

  static bool convert(const toml::node& node, std::string& value) {
    const auto text = node.value_exact<std::string>();
    if (text) value = *text;
    return text.has_value();
  }
  static bool convert(const toml::node& node, bool& value) {
    const auto truth = node.value_exact<bool>();
    if (truth) value = *truth;
    return truth.has_value();
  }
  static bool convert(const toml::node& node, std::uint64_t& value) {
    if (const auto number = node.value_exact<std::int64_t>()) {
      value = static_cast<std::uint64_t>(*number);
      return *number >= 0;
    }
    const auto text = node.value_exact<std::string>();
    if (!text) return false;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    return error == std::errc() && end == text->data() + text->size();
  }
  static bool convert(const toml::node& node, double& value) {
    const auto number = node.is_number() ? node.value<double>() : std::optional<double>();
    if (number) value = *number;
    return number.has_value();
  }
  template <class T>
  static bool convert(const toml::node& node, std::vector<T>& values) {
    const toml::array* const array = node.as_array();
    if (array == nullptr) return false;
    values.clear();
    for (const toml::node& item : *array) {
      T value{};
      if (!convert(item, value)) return false;
      values.push_back(std::move(value));
    }
    return true;
  }

  static const char* expected(const std::string&) { return "a text"; }
  static const char* expected(bool) { return "true or false"; }
  static const char* expected(std::uint64_t) { return "a whole number, 0 or more"; }
  static const char* expected(double) { return "a number"; }
  template <class T>
  static const char* expected(const std::vector<T>&) {
    return "a list";
  }

  std::string name_;
  const std::string& file_;
  const toml::table* table_ = nullptr;
  std::set<std::string> seen_;
};

template <class Data, class F>
void for_each_of_data(Data& data, F&& f) {
  f("rows", data.rows);
  f("fingerprint", data.fingerprint);
  f("mean", data.standardiser.mean);
  f("deviation", data.standardiser.deviation);
  f("target-mean", data.target_mean);
  f("target-deviation", data.target_deviation);
}

/// The schema with its columns turned into lists, one for each of their members.
struct CsvLists {
  std::string label;
  std::size_t label_position = 0, file_columns = 0;
  std::vector<std::string> classes, names;
  std::vector<std::size_t> positions;
  std::vector<std::vector<std::string>> categories;
  std::vector<std::vector<double>> fills;
};

template <class Lists, class F>
void for_each_of_csv(Lists& csv, F&& f) {
  f("label", csv.label);
  f("label-position", csv.label_position);
  f("file-columns", csv.file_columns);
  f("classes", csv.classes);
  f("names", csv.names);
  f("positions", csv.positions);
  f("categories", csv.categories);
  f("fills", csv.fills);
}

CsvLists lists_of(const micrograd::CsvSchema& schema) {
  CsvLists lists{.label = schema.label,
                 .label_position = schema.label_position,
                 .file_columns = schema.file_columns,
                 .classes = schema.classes,
                 .names = {},
                 .positions = {},
                 .categories = {},
                 .fills = {}};
  for (const micrograd::CsvColumn& column : schema.features) {
    lists.names.push_back(column.name);
    lists.positions.push_back(column.position);
    lists.categories.push_back(column.categories);
    lists.fills.push_back(column.fill);
  }
  return lists;
}

micrograd::CsvSchema schema_of(const CsvLists& lists, const std::string& file) {
  const std::size_t count = lists.names.size();
  if (lists.positions.size() != count || lists.categories.size() != count || lists.fills.size() != count) {
    throw micrograd::IoError("config: " + file + ": the lists of [csv] are not of one length");
  }
  micrograd::CsvSchema schema{.features = {},
                              .label = lists.label,
                              .label_position = lists.label_position,
                              .file_columns = lists.file_columns,
                              .classes = lists.classes};
  for (std::size_t i = 0; i < count; ++i) {
    schema.features.push_back({lists.names[i], lists.positions[i], lists.categories[i], lists.fills[i]});
  }
  try {
    schema.check();
  } catch (const micrograd::UsageError& error) {
    throw micrograd::IoError("config: " + file + ": " + error.what());
  }
  return schema;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> words_of(const Settings& settings) {
  std::vector<std::pair<std::string, std::string>> words;
  for_each_setting(settings, [&words](const char* name, const auto& value, const char* /*help*/) {
    words.emplace_back(name, written(value));
  });
  return words;
}

std::string to_toml(const Config& config) {
  std::string text =
      "# A training run of micrograd. Written once, when it began; do not edit.\n\n[settings]\n";
  for (const auto& [name, value] : words_of(config.settings)) text += fmt::format("{} = {}\n", name, value);
  text += "\n[data]\n";
  for_each_of_data(config.data, [&text](const char* name, const auto& value) {
    text += fmt::format("{} = {}\n", name, written(value));
  });
  text += "\n[csv]\n";
  const CsvLists csv = lists_of(config.data.csv);
  for_each_of_csv(csv, [&text](const char* name, const auto& value) {
    text += fmt::format("{} = {}\n", name, written(value));
  });
  return text;
}

Config parse_config(std::string_view text, const std::string& file) {
  toml::table all;
  try {
    all = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw micrograd::IoError(fmt::format("config: {}: not TOML: {} (line {}, column {})", file,
                                         error.description(), error.source().begin.line,
                                         error.source().begin.column));
  }
  Config config;
  Table settings(all, "settings", file);
  for_each_setting(config.settings,
                   [&](const char* name, auto& value, const char* /*help*/) { settings.read(name, value); });
  settings.refuse_others();
  Table data(all, "data", file);
  for_each_of_data(config.data, [&](const char* name, auto& value) { data.read(name, value); });
  data.refuse_others();
  CsvLists lists;
  Table csv(all, "csv", file);
  for_each_of_csv(lists, [&](const char* name, auto& value) { csv.read(name, value); });
  csv.refuse_others();
  config.data.csv = schema_of(lists, file);
  return config;
}

}  // namespace micrograd::command
