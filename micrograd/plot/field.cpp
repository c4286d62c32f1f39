// Scores are interpolated between the nodes. Where there are classes only, pixels between nodes of one class
// belong to it, and the others are asked one by one.
#include <micrograd/plot/field.hpp>

#include <algorithm>
#include <cmath>
#include <span>

#include <micrograd/error.hpp>

namespace micrograd::plot {
namespace {

double place(Range range, std::size_t i, std::size_t count) {
  return range.low + (range.high - range.low) * static_cast<double>(i) / static_cast<double>(count - 1);
}

/// Pixels are asked at their middles.
double middle(Range range, std::size_t i, std::size_t count) {
  return range.low + (range.high - range.low) * (static_cast<double>(i) + 0.5) / static_cast<double>(count);
}

/// Where the middle of a pixel lies among `nodes` nodes: after which one, and how far on to the next.
struct Between {
  std::size_t node;
  double on;
};

Between between(std::size_t i, std::size_t pixels, std::size_t nodes) {
  const double along =
      (static_cast<double>(i) + 0.5) / static_cast<double>(pixels) * static_cast<double>(nodes - 1);
  const auto node = std::min(static_cast<std::size_t>(along), nodes - 2);
  return {.node = node, .on = along - static_cast<double>(node)};
}

void check_class(std::size_t label, std::size_t limit) {
  if (label < limit) return;
  throw UsageError("draw: class_at named a class that cannot be drawn (got " + std::to_string(label) +
                   ", expected less than " + std::to_string(limit) + ")");
}

/// Infinite scores are as good as huge ones, and can be interpolated.
double bounded(double score) { return std::isnan(score) ? score : std::clamp(score, -1e290, 1e290); }

/// Appends the scores of a node. One score s is the pair (0, s).
void append(std::span<const double> scores, Nodes& nodes) {
  if (scores.size() == 1) nodes.scores.push_back(0);
  for (const double score : scores) nodes.scores.push_back(bounded(score));
}

void ask_scores(const DecisionRegions& regions, Range x, Range y, Nodes& nodes) {
  std::size_t expected = 0;
  for (std::size_t j = 0; j < nodes.rows; ++j) {
    for (std::size_t i = 0; i < nodes.columns; ++i) {
      const double at_x = place(x, i, nodes.columns);
      const double at_y = place(y, j, nodes.rows);
      const std::vector<double> scores = regions.score_at ? std::vector<double>{regions.score_at(at_x, at_y)}
                                                          : regions.scores_at(at_x, at_y);
      if (i == 0 && j == 0) expected = scores.size();
      if (scores.empty() || scores.size() != expected) {
        throw UsageError("draw: scores_at must give some scores, and always as many (got " +
                         std::to_string(scores.size()) + ", expected " +
                         (expected == 0 ? "1 or more" : std::to_string(expected)) + ")");
      }
      append(scores, nodes);
    }
  }
}

void ask_classes(const DecisionRegions& regions, Range x, Range y, std::size_t limit, Nodes& nodes) {
  for (std::size_t j = 0; j < nodes.rows; ++j) {
    for (std::size_t i = 0; i < nodes.columns; ++i) {
      nodes.labels.push_back(regions.class_at(place(x, i, nodes.columns), place(y, j, nodes.rows)));
      check_class(nodes.labels.back(), limit);
    }
  }
  nodes.classes = *std::max_element(nodes.labels.begin(), nodes.labels.end()) + 1;
}

/// The class of the largest score and the confidence in it.
void judge(std::span<const double> scores, Field& field) {
  std::size_t best = 0;
  bool known = true;
  for (std::size_t k = 0; k < scores.size(); ++k) {
    known = known && !std::isnan(scores[k]);
    if (scores[k] > scores[best]) best = k;
  }
  if (!known) {
    field.labels.push_back(Field::unknown);
    field.confidence.push_back(0);
    return;
  }
  double total = 0;
  for (const double score : scores) total += std::exp(score - scores[best]);
  const double even = 1 / static_cast<double>(scores.size());
  field.labels.push_back(best);
  field.confidence.push_back((1 / total - even) / (1 - even));
}

Field spread_scores(const Nodes& nodes, std::size_t columns, std::size_t rows) {
  Field field{.columns = columns};
  std::vector<double> scores(nodes.classes);
  for (std::size_t row = 0; row < rows; ++row) {
    const Between v = between(rows - 1 - row, rows, nodes.rows);
    for (std::size_t column = 0; column < columns; ++column) {
      const Between u = between(column, columns, nodes.columns);
      const double* low = &nodes.scores[(v.node * nodes.columns + u.node) * nodes.classes];
      const double* high = low + nodes.columns * nodes.classes;
      for (std::size_t k = 0; k < nodes.classes; ++k) {
        const double below = low[k] * (1 - u.on) + low[k + nodes.classes] * u.on;
        const double above = high[k] * (1 - u.on) + high[k + nodes.classes] * u.on;
        scores[k] = below * (1 - v.on) + above * v.on;
      }
      judge(scores, field);
    }
  }
  return field;
}

Field spread_classes(const Nodes& nodes, const DecisionRegions& regions, Range x, Range y, std::size_t limit,
                     std::size_t columns, std::size_t rows) {
  Field field{.columns = columns};
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t from_below = rows - 1 - row;
    const std::size_t j = between(from_below, rows, nodes.rows).node;
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t* low =
          &nodes.labels[j * nodes.columns + between(column, columns, nodes.columns).node];
      const std::size_t* high = low + nodes.columns;
      std::size_t label = low[0];
      if (low[1] != label || high[0] != label || high[1] != label) {
        label = regions.class_at(middle(x, column, columns), middle(y, from_below, rows));
        check_class(label, limit);
      }
      field.labels.push_back(label);
    }
  }
  return field;
}

}  // namespace

Nodes ask(const DecisionRegions& regions, Range x, Range y, std::size_t limit) {
  if (!regions.grid.scores.empty()) {
    const ScoreGrid& grid = regions.grid;
    Nodes nodes{.columns = grid.columns, .rows = grid.rows};
    const std::size_t places = nodes.columns * nodes.rows;
    const std::size_t scores = grid.scores.size() / places;
    for (std::size_t i = 0; i < places; ++i)
      append(std::span(grid.scores).subspan(i * scores, scores), nodes);
    nodes.classes = nodes.scores.size() / places;
    return nodes;
  }
  Nodes nodes{.columns = regions.resolution, .rows = regions.resolution};
  if (regions.class_at) {
    ask_classes(regions, x, y, limit, nodes);
  } else {
    ask_scores(regions, x, y, nodes);
    nodes.classes = nodes.scores.size() / (nodes.columns * nodes.rows);
  }
  return nodes;
}

Field spread(const Nodes& nodes, const DecisionRegions& regions, Range x, Range y, std::size_t limit,
             std::size_t columns, std::size_t rows) {
  if (nodes.scores.empty()) return spread_classes(nodes, regions, x, y, limit, columns, rows);
  return spread_scores(nodes, columns, rows);
}

}  // namespace micrograd::plot
