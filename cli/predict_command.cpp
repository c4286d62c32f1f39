// `micrograd predict` and `micrograd evaluate`: a trained net before other rows; the answers as CSV.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <sstream>

#include <micrograd/engine/modes.hpp>
#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/train/checkpoint.hpp>
#include "commands.hpp"
#include "learn.hpp"
#include "run_data.hpp"
#include "run_folder.hpp"

namespace micrograd::command {
namespace {

using micrograd::Dataset;
using micrograd::Value;

struct Arguments {
  std::string run;
  std::string data;
  std::string out;
};

/// A run, as far as it has come.
struct Trained {
  Config config;
  Objective objective;
  micrograd::MLP net;
};

Trained load_run(const std::string& path) {
  const RunFolder folder{path};
  Config config = read_config(folder);
  Objective judged_by = objective(config);
  const std::string file = folder.checkpoint().string();
  const micrograd::SafeTensors weights = micrograd::parse_safetensors(micrograd::read_file(file), file);
  micrograd::MLP net = make_net(config, weights, file);
  micrograd::set_parameters(net, weights, file);
  net.evaluate();
  return {std::move(config), std::move(judged_by), std::move(net)};
}

/// A cell of CSV: quoted where it must be.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

/// Shares of the classes, for losses that know of shares.
std::vector<double> shares(const std::string& loss, std::span<const Value> outputs) {
  if (loss == "hinge") return {};
  if (outputs.size() == 1) {
    const double share = 1 / (1 + std::exp(-outputs[0].data()));
    return {1 - share, share};
  }
  std::vector<double> result;
  double largest = outputs[0].data(), total = 0;
  for (const Value& output : outputs) largest = std::max(largest, output.data());
  for (const Value& output : outputs) result.push_back(std::exp(output.data() - largest));
  for (const double power : result) total += power;
  for (double& share : result) share /= total;
  return result;
}

std::string predictions(const Trained& trained, const Dataset& data) {
  const DataShape& shape = trained.config.data;
  const std::vector<std::string>& classes = shape.csv.classes;
  const bool with_shares = !classes.empty() && trained.objective.name != "hinge";
  std::string csv = "predicted";
  if (with_shares) {
    for (const std::string& name : classes) csv += "," + cell("share of " + name);
  }
  csv += '\n';
  const micrograd::NoGrad answers_only;
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const std::vector<Value> outputs = trained.net(data.row(row));
    if (classes.empty()) {
      csv += fmt::format("{}", outputs[0].data() * shape.target_deviation + shape.target_mean);
    } else {
      csv += cell(classes[micrograd::predicted_class(outputs)]);
    }
    if (with_shares) {
      for (const double share : shares(trained.objective.name, outputs)) csv += fmt::format(",{:.6g}", share);
    }
    csv += '\n';
  }
  return csv;
}

/// Rows, loss and accuracy of all; then rows, how many were found, and how often the net was right in saying
/// so, of each class.
std::string judgement(const Trained& trained, const Dataset& data) {
  if (data.labels.empty() && data.targets.empty()) {
    throw micrograd::UsageError(
        "evaluate: the rows lack what is to be predicted (" +
        (learned_from_pictures(trained.config)
             ? std::string("got pictures alone, expected IMAGES,LABELS")
             : "got the other columns, expected a column '" + trained.config.data.csv.label + "'") +
        "); micrograd predict needs none");
  }
  const std::vector<double>& weights = trained.config.data.class_weights;
  const micrograd::Evaluation all = judge(trained.config, trained.objective, trained.net, data);
  const std::vector<std::string>& classes = trained.config.data.csv.classes;
  if (classes.empty()) {
    const double scale = trained.config.data.target_deviation;
    const micrograd::NoGrad answers_only;
    double squares = 0, sizes = 0;
    for (std::size_t row = 0; row < data.rows(); ++row) {
      const double error = (trained.net(data.row(row))[0].data() - data.targets[row]) * scale;
      squares += error * error;
      sizes += std::abs(error);
    }
    const auto rows = static_cast<double>(data.rows());
    return fmt::format("rows,standardised_{},root_mean_squared_error,mean_absolute_error\n{},{},{},{}\n",
                       trained.objective.name, data.rows(), all.loss, std::sqrt(squares / rows),
                       sizes / rows);
  }
  struct Counts {
    std::size_t rows = 0, said = 0, right = 0;
  };
  std::vector<Counts> counts(classes.size());
  for (std::size_t row = 0; row < data.rows(); ++row) {
    const std::size_t said = all.predicted[row];
    ++counts[data.labels[row]].rows;
    ++counts[said].said;
    if (said == data.labels[row]) ++counts[said].right;
  }
  std::string csv = fmt::format("class,rows,{}{},accuracy,recall,precision\nall,{},{},{},,\n",
                                weights.empty() ? "" : "balanced_", trained.objective.name, data.rows(),
                                all.loss, all.accuracy);
  const auto share = [](std::size_t part, std::size_t whole) {
    return whole == 0 ? std::string()
                      : fmt::format("{:.6g}", static_cast<double>(part) / static_cast<double>(whole));
  };
  for (std::size_t label = 0; label < classes.size(); ++label) {
    const auto [rows, said, right] = counts[label];
    csv += fmt::format("{},{},,,{},{}\n", cell(classes[label]), rows, share(right, rows), share(right, said));
  }
  return csv;
}

void put(const std::string& csv, const std::string& out) {
  if (out.empty()) {
    std::cout << csv << std::flush;
  } else {
    micrograd::write_file(out, csv);
  }
}

template <class Answer>
void add_command(CLI::App& app, Run& run, const char* name, const char* help, bool needs_data,
                 Answer answer) {
  CLI::App* const command = app.add_subcommand(name, help);
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("run", arguments->run, "folder of the run")->required();
  CLI::Option* const data = command->add_option(
      "data", arguments->data,
      needs_data ? "file of rows, with the columns that the run learned from; or an "
                   "IDX file of pictures, if it learned from such"
                 : "file of rows, or two IDX files as IMAGES,LABELS; by default those held "
                   "out");
  if (needs_data) data->required();
  command->add_option("--out", arguments->out, "file for the answers; standard output by default");
  command->callback([arguments, answer, &run] {
    run = [arguments, answer] {
      const Trained trained = load_run(arguments->run);
      put(answer(trained, load_more(trained.config, arguments->data)), arguments->out);
      return 0;
    };
  });
}

}  // namespace

void add_predict_command(CLI::App& app, Run& run) {
  add_command(app, run, "predict", "what a trained net says of rows in a file, as CSV", true, predictions);
}

void add_evaluate_command(CLI::App& app, Run& run) {
  add_command(app, run, "evaluate", "how good a trained net is on rows whose answers are known, as CSV",
              false, judgement);
}

}  // namespace micrograd::command
