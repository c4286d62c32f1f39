// One line of JSON for each key, so that a person finds it and two runs can be compared with diff.
#include "config.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include <micrograd/error.hpp>

namespace micrograd::command {
namespace {

using Json = nlohmann::json;

/// Texts that are not UTF-8 cannot be written, numbers that are not finite would not be read again.
std::string written(const std::string& key, const Json& value) {
  try {
    return value.dump();
  } catch (const Json::type_error&) {
    throw micrograd::UsageError(key + ": not UTF-8 (got \"" +
                                value.dump(-1, ' ', true, Json::error_handler_t::replace) +
                                "\"); give the file or column a name in UTF-8");
  }
}

/// A value as errors show it. What is nested is only named: it may go deeper than our stack.
std::string shown(const Json& value) {
  constexpr std::size_t longest = 80;
  if (value.is_structured()) return value.is_array() ? "a list" : "an object";
  return value.dump().substr(0, longest);
}

/// The keys of one table; each must be asked for exactly once.
class Table {
 public:
  Table(const Json& all, const std::string& name, const std::string& file) : name_(name), file_(file) {
    const auto found = all.find(name);
    if (found == all.end() || !found->is_object()) {
      fail("table '" + name + "' is missing (got " + (found == all.end() ? "nothing" : shown(*found)) +
           ", expected an object)");
    }
    table_ = &*found;
  }

  template <class T>
  void read(const std::string& key, T& value) {
    const auto found = table_->find(key);
    if (found == table_->end()) {
      fail("key '" + name_ + "." + key + "' is missing (got " + std::to_string(table_->size()) +
           " other keys, expected it to be " + expected(value) + ")");
    }
    seen_.insert(key);
    if (!convert(*found, value)) {
      fail("key '" + name_ + "." + key + "' is of the wrong kind (got " + shown(*found) + ", expected " +
           expected(value) + ")");
    }
  }

  void refuse_others() const {
    for (const auto& [key, value] : table_->items()) {
      if (!seen_.contains(key)) fail("unknown key '" + name_ + "." + key + "'");
    }
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw micrograd::IoError("config: " + file_ + ": " + what);
  }

  static bool convert(const Json& node, std::string& value) {
    if (node.is_string()) value = node.get<std::string>();
    return node.is_string();
  }
  static bool convert(const Json& node, bool& value) {
    if (node.is_boolean()) value = node.get<bool>();
    return node.is_boolean();
  }
  static bool convert(const Json& node, std::uint64_t& value) {
    if (node.is_number_unsigned()) value = node.get<std::uint64_t>();
    return node.is_number_unsigned();
  }
  static bool convert(const Json& node, double& value) {
    if (node.is_number()) value = node.get<double>();
    return node.is_number();
  }
  template <class T>
  static bool convert(const Json& node, std::vector<T>& values) {
    if (!node.is_array()) return false;
    values.clear();
    for (const Json& item : node) {
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
  const Json* table_ = nullptr;
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
  f("class-weights", data.class_weights);
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
    throw micrograd::IoError(fmt::format(
        "config: {}: the lists of csv are not of one length (got {} positions, {} categories and {} "
        "fills, expected {} of each, one for each name)",
        file, lists.positions.size(), lists.categories.size(), lists.fills.size(), count));
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
    words.emplace_back(name, written(name, value));
  });
  return words;
}

std::string to_json(const Config& config) {
  std::string text = "{\n\"about\": \"A training run of micrograd, as it began. Do not edit.\"";
  const auto table = [&text](const char* name) { text += std::string(",\n\n\"") + name + "\": {"; };
  const auto key = [&text](const char* name, const auto& value) {
    text += text.back() == '{' ? "\n  \"" : ",\n  \"";
    text += name;
    text += "\": " + written(name, value);
  };
  table("settings");
  for_each_setting(config.settings,
                   [&key](const char* name, const auto& value, const char*) { key(name, value); });
  text += "\n}";
  table("data");
  for_each_of_data(config.data, key);
  text += "\n}";
  table("csv");
  const CsvLists csv = lists_of(config.data.csv);
  for_each_of_csv(csv, key);
  return text + "\n}\n}\n";
}

Config parse_config(std::string_view text, const std::string& file) {
  Json all;
  try {
    all = Json::parse(text);
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …": what a user can use comes last.
    const std::string what = error.what();
    throw micrograd::IoError("config: " + file + ": not JSON: " + what.substr(what.find("] ") + 2));
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
