// Tables and JSON.
#include <cli/grad_report.hpp>

#include <cmath>
#include <ostream>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cli/expression_functions.hpp>
#include <cli/expression_text.hpp>

namespace micrograd::command {

namespace {

using Row = std::vector<std::string>;

enum class Align { left, right };

/// The first column to the left, the others as told, two spaces between.
void print_table(const std::vector<Row>& rows, std::ostream& out, Align others = Align::right) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_on_screen(row[i]));
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_on_screen(row[i]), ' ');
      if (i > 0) line += "  ";
      line += i == 0 || others == Align::left ? row[i] + space : space + row[i];
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << "\n";
  }
}

std::string short_number(double x, int digits) {
  return std::isnan(x) ? "nan" : fmt::format("{:.{}g}", x, digits);
}

const char* word_for(GradReport::Verdict verdict) {
  switch (verdict) {
    case GradReport::Verdict::ok:
      return "ok";
    case GradReport::Verdict::differs:
      return "differs";
    case GradReport::Verdict::overflows:
      break;
  }
  return "overflows";
}

using OrderedJson = nlohmann::ordered_json;

/// JSON has no NaN and no infinities, so they are texts.
OrderedJson json_number(double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  return x;
}

}  // namespace

void print_text(const GradReport& report, int digits, std::ostream& out) {
  const auto number = [&](double x) { return short_number(x, digits); };
  out << "value " << number(report.value) << "\n";
  std::vector<Row> rows{{"", "value", "gradient"}};
  for (const auto* entries : {&report.variables, &report.results}) {
    for (const GradReport::Entry& entry : *entries)
      rows.push_back({entry.name, number(entry.value), number(entry.gradient)});
  }
  if (rows.size() > 1) {
    out << "\n";
    print_table(rows, out);
  }
  if (report.check) {
    rows = {{"check", "analytic", "numeric", "difference", ""}};
    for (const GradReport::CheckedEntry& entry : *report.check) {
      rows.push_back({entry.name, number(entry.analytic), number(entry.numeric),
                      short_number(std::abs(entry.analytic - entry.numeric), 2), word_for(entry.verdict)});
    }
    out << "\n";
    print_table(rows, out);
    if (report.has(GradReport::Verdict::overflows)) {
      out << "where the expression overflows there is no slope to compare with; that is no fault of the "
             "gradient\n";
    }
    if (report.check_failed()) {
      out << "the check failed: at a kink (relu at 0, a tie of max) or at the end of a domain (sqrt at 0) "
             "there is\n"
             "no slope to compare with; anywhere else the partial derivative of an operation is wrong\n";
    }
  }
  if (report.hessian) {
    rows = {{"second derivatives"}};
    for (const GradReport::Entry& column : report.variables) rows.front().push_back(column.name);
    for (std::size_t i = 0; i < report.hessian->rows; ++i) {
      rows.push_back({report.variables[i].name});
      for (std::size_t j = 0; j < report.hessian->columns; ++j)
        rows.back().push_back(number((*report.hessian)(i, j)));
    }
    out << "\n";
    print_table(rows, out);
  }
  if (report.explanation) {
    out << "\n";
    for (const std::string& line : *report.explanation) out << line << "\n";
  }
  if (!report.picture.empty()) out << "\nthe graph is drawn in " << report.picture << "\n";
}

void print_json(const GradReport& report, std::ostream& out) {
  OrderedJson json;
  json["value"] = json_number(report.value);
  json["variables"] = OrderedJson::object();
  json["gradients"] = OrderedJson::object();
  for (const GradReport::Entry& entry : report.variables) {
    json["variables"][entry.name] = json_number(entry.value);
    json["gradients"][entry.name] = json_number(entry.gradient);
  }
  for (const GradReport::Entry& entry : report.results) {
    json["results"][entry.name] = {{"value", json_number(entry.value)},
                                   {"gradient", json_number(entry.gradient)}};
  }
  if (report.check) {
    json["check"]["passed"] = !report.check_failed();
    json["check"]["variables"] = OrderedJson::object();
    for (const GradReport::CheckedEntry& entry : *report.check) {
      json["check"]["variables"][entry.name] = {
          {"analytic", json_number(entry.analytic)},
          {"numeric", json_number(entry.numeric)},
          {"difference", json_number(std::abs(entry.analytic - entry.numeric))},
          {"passed", entry.verdict == GradReport::Verdict::overflows
                         ? OrderedJson()
                         : OrderedJson(entry.verdict == GradReport::Verdict::ok)}};
    }
  }
  if (report.hessian) {
    json["hessian"] = OrderedJson::array();
    for (std::size_t i = 0; i < report.hessian->rows; ++i) {
      OrderedJson row = OrderedJson::array();
      for (std::size_t j = 0; j < report.hessian->columns; ++j)
        row.push_back(json_number((*report.hessian)(i, j)));
      json["hessian"].push_back(std::move(row));
    }
  }
  if (report.explanation) json["explanation"] = *report.explanation;
  if (!report.picture.empty()) json["picture"] = report.picture;
  out << json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) << "\n";
}

void print_functions(std::ostream& out) {
  std::vector<Row> rows{{"function", "is", "derivative by each operand, r the result"}};
  for (const auto& [name, overloads] : row_functions()) {
    for (const Overload& overload : overloads) {
      rows.push_back({written_call(name, overload), std::string(overload.info->formula),
                      std::string(overload.info->derivative)});
    }
  }
  print_table(rows, out, Align::left);
  out << "\nand sum(x, …), mean(x, …), logsumexp(x, …), and where(x < y, x, y), also called select\n";
}

}  // namespace micrograd::command
