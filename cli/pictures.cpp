// Each picture: what goes into it, in the net's own words where it can.
#include "pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>
#include <micrograd/graph/render.hpp>
#include <micrograd/plot/confusion.hpp>
#include <micrograd/plot/line_chart.hpp>
#include <micrograd/plot/regions.hpp>
#include <micrograd/plot/weights.hpp>
#include <micrograd/train/accuracy.hpp>
#include "run_data.hpp"

namespace micrograd::command {
namespace {

namespace plot = micrograd::plot;
using micrograd::Dataset;
using micrograd::Value;

std::vector<std::string> class_names(const PictureSource& source) { return source.config.data.csv.classes; }

Picture draw_losses(const PictureSource& source, const std::filesystem::path& folder) {
  plot::Curve learned{.name = "training rows"}, held_out{.name = "held-out rows"};
  bool any_held_out = false;
  for (const EpochRecord& record : source.metrics) {
    learned.y.push_back(record.loss);
    held_out.y.push_back(record.held_out_loss);
    any_held_out |= std::isfinite(record.held_out_loss);
  }
  plot::LineChart chart{.title = "Loss of " + shown_name(source.config.settings.data),
                        .y_label = source.loss_name};
  chart.curves.push_back(std::move(learned));
  if (any_held_out) chart.curves.push_back(std::move(held_out));
  save(chart, folder / "loss.svg");
  return {"loss.svg", "the loss of each epoch"};
}

/// Numbers of a row as the data has them, which is how people want to see them on an axis.
double as_in_data(const PictureSource& source, double standardised, std::size_t column) {
  const micrograd::Standardiser& by = source.config.data.standardiser;
  return by.mean.empty() ? standardised : standardised * by.deviation[column] + by.mean[column];
}

std::vector<double> outputs_at(const PictureSource& source, std::vector<double> row) {
  const micrograd::Standardiser& by = source.config.data.standardiser;
  if (!by.mean.empty()) by.apply(row);
  std::vector<double> outputs;
  for (const Value& output : source.net(std::span<const double>(row))) outputs.push_back(output.data());
  return outputs;
}

Picture draw_boundary(const PictureSource& source, const std::filesystem::path& folder) {
  const std::vector<std::string> names = source.config.data.csv.names();
  plot::DecisionRegions regions{
      .title = shown_name(source.config.settings.data) + ": which class, and how surely",
      .x_label = names.empty() ? "" : names[0],
      .y_label = names.empty() ? "" : names[1],
      .classes = class_names(source)};
  for (const Dataset* const data : {&source.train, &source.held_out}) {
    for (std::size_t row = 0; row < data->rows(); ++row) {
      regions.x.push_back(as_in_data(source, data->row(row)[0], 0));
      regions.y.push_back(as_in_data(source, data->row(row)[1], 1));
      regions.labels.push_back(data->labels[row]);
    }
  }
  if (source.net.outputs() == 1) {
    regions.score_at = [&source](double x, double y) { return outputs_at(source, {x, y})[0]; };
  } else {
    regions.scores_at = [&source](double x, double y) { return outputs_at(source, {x, y}); };
  }
  save(regions, folder / "boundary.png");
  return {"boundary.png", "what the net says of every place in the plane"};
}

Picture draw_confusions(const PictureSource& source, const std::filesystem::path& folder) {
  const bool held_out = source.held_out.rows() > 0;
  const Dataset& data = held_out ? source.held_out : source.train;
  plot::ConfusionMatrix matrix = plot::count_confusions(data.labels, source.predicted, class_names(source));
  matrix.title = held_out ? "Held-out rows" : "Training rows";
  save(matrix, folder / "confusion.svg");
  return {"confusion.svg", "which classes are taken for which"};
}

Picture draw_weights(const PictureSource& source, const std::filesystem::path& folder) {
  const micrograd::Layer& layer = source.net.layers().front();
  plot::WeightMap map{.title = "Weights of the first layer",
                      .neurons = layer.outputs(),
                      .inputs = layer.inputs(),
                      .image_width = source.train.picture_width};
  for (const micrograd::Neuron& neuron : layer.neurons()) {
    const std::vector<Value> parameters = neuron.parameters();
    for (std::size_t i = 0; i < layer.inputs(); ++i) map.weights.push_back(parameters[i].data());
  }
  save(map, folder / "weights.svg");
  return {"weights.svg", "what the first layer looks at"};
}

/// One forward and backward pass that can be read: of the first two inputs and the first two neurons of each
/// layer of the trained net, with its weights, before the first row.
Picture draw_graph(const PictureSource& source, const std::filesystem::path& folder) {
  const std::vector<micrograd::Layer>& layers = source.net.layers();
  const auto some = [](std::size_t count) { return std::min<std::size_t>(count, 2); };
  std::vector<Value> signals;
  signals.reserve(some(source.net.inputs()));
  for (std::size_t i = 0; i < some(source.net.inputs()); ++i) {
    signals.emplace_back(source.train.row(0)[i], fmt::format("x{}", i));
  }
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const bool last = l == layers.size() - 1;
    std::vector<Value> outputs;
    for (std::size_t n = 0; n < (last ? 1 : some(layers[l].outputs())); ++n) {
      const std::vector<Value> trained = layers[l].neurons()[n].parameters();
      std::vector<Value> weights;
      for (std::size_t i = 0; i < std::min(signals.size(), layers[l].inputs()); ++i) {
        weights.emplace_back(trained[i].data(), fmt::format("w{}{}{}", l, n, i));
      }
      signals.resize(weights.size());
      const Value bias(trained.back().data(), fmt::format("b{}{}", l, n));
      const Value total = micrograd::dot(weights, signals) + bias;
      outputs.push_back(micrograd::activate(layers[l].neurons()[n].activation(), total));
    }
    signals = std::move(outputs);
  }
  signals[0].set_label("output");
  signals[0].backward();
  save_picture(signals[0], folder / "graph.svg");
  return {"graph.svg", "a pass through two neurons of each layer"};
}

}  // namespace

std::vector<Picture> draw_pictures(const PictureSource& source, const std::filesystem::path& folder) {
  const micrograd::EvaluationMode judged(source.net);
  std::vector<Picture> pictures;
  // A picture that cannot be drawn is no reason to fail after a long training.
  const auto add = [&](const char* name,
                       Picture (*draw)(const PictureSource&, const std::filesystem::path&)) {
    try {
      pictures.push_back(draw(source, folder));
    } catch (const micrograd::UsageError& error) {
      pictures.push_back({name, fmt::format("not drawn: {}", error.what())});
    }
  };
  if (!source.metrics.empty()) add("loss.svg", draw_losses);
  add("graph.svg", draw_graph);
  const micrograd::NoGrad answers_only;
  if (!source.train.labels.empty()) {
    if (source.train.columns == 2) add("boundary.png", draw_boundary);
    add("confusion.svg", draw_confusions);
  }
  add("weights.svg", draw_weights);
  return pictures;
}

}  // namespace micrograd::command
