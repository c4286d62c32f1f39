// What a training run is made of: one list of settings, from which come the options of `micrograd train`, the
// file config.json, and the check that a continued run has not been changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace micrograd::command {

struct Settings {
  std::string data = "moons";
  std::string label = "-1";
  std::string missing = "error";
  bool one_hot = false;
  std::string task = "auto";
  std::vector<std::string> ignore;
  std::vector<std::string> words;
  std::size_t points = 200;
  double noise = -1;
  double held_out = 0.2;
  bool standardise = true;
  std::vector<std::size_t> model{16, 16};
  std::string activation = "relu";
  std::string init = "he";
  double dropout = 0;
  std::string loss = "auto";
  std::string optimizer = "adam";
  double lr = 0.01;
  double momentum = 0.9;
  double weight_decay = 0;
  std::string schedule = "constant";
  double l1 = 0;
  double l2 = 0;
  double clip_norm = 0;
  double clip_value = 0;
  std::size_t epochs = 50;
  std::size_t batch = 32;
  std::size_t accumulate = 1;
  std::size_t patience = 0;
  bool balance = false;
  std::uint64_t seed = 1;
  bool eager = false;
  std::string precision = "double";
};

/// Calls `f(name, value, help)` for every setting, in the order of the help. The one place that lists them.
template <class S, class F>
void for_each_setting(S& s, F&& f) {
  f("data", s.data,
    "moons, circles, spirals, blobs, xor, digits, fashion-mnist, a CSV file, or two IDX files as "
    "IMAGES,LABELS");
  f("label", s.label, "CSV: the column to predict, by name or number (from 1; -1 is the last)");
  f("missing", s.missing, "CSV: what to do about empty cells: error, drop (the row) or mean (fill in)");
  f("one-hot", s.one_hot, "CSV: turn text columns into one column for each word");
  f("task", s.task, "CSV: what the column to predict holds: classes, numbers, or auto to see by its cells");
  f("ignore", s.ignore, "CSV: columns to leave out");
  f("words", s.words, "CSV: columns of numbers that stand for words, as with --one-hot");
  f("points", s.points, "moons, circles, spirals, blobs, xor: how many points to make");
  f("noise", s.noise, "moons, circles, spirals, blobs, xor: how far points stray (-1: as suits each)");
  f("held-out", s.held_out, "share of the rows that the net never learns from, to judge it by");
  f("standardise", s.standardise,
    "shift and scale columns to mean 0 and deviation 1; on unless --no-standardise");
  f("model", s.model, "neurons in each hidden layer");
  f("activation", s.activation,
    "of the hidden layers, one for all or one for each (tanh,relu): linear, relu, tanh, sigmoid, softplus, "
    "gelu, silu, leakyrelu, elu");
  f("init", s.init, "initial weights: uniform, he, xavier or xavier_normal");
  f("dropout", s.dropout, "share of hidden outputs left out while learning");
  f("loss", s.loss, "cross-entropy, binary-cross-entropy, hinge, mse, mae, huber; auto chooses by the data");
  f("optimizer", s.optimizer, "sgd, nesterov, rmsprop, adam or adamw");
  f("lr", s.lr, "learning rate");
  f("momentum", s.momentum, "of sgd, nesterov and rmsprop");
  f("weight-decay", s.weight_decay, "how much parameters shrink a step");
  f("schedule", s.schedule,
    "of the learning rate: constant, linear, cosine or step:STEPS:FACTOR, perhaps followed by ,warmup=STEPS");
  f("l1", s.l1, "penalty on the sum of the parameters' sizes");
  f("l2", s.l2, "penalty on the sum of the parameters' squares");
  f("clip-norm", s.clip_norm, "longest gradient; 0: any length");
  f("clip-value", s.clip_value, "largest entry of a gradient; 0: any size");
  f("epochs", s.epochs, "how often every row is seen");
  f("batch", s.batch, "rows in a batch");
  f("accumulate", s.accumulate, "batches whose gradients make one step");
  f("patience", s.patience,
    "stop after so many epochs without a better one, and keep the best one's weights; 0: never");
  f("balance", s.balance, "weigh classes so that rare ones count as much as common ones");
  f("seed", s.seed, "of weights, data, order and dropout");
  f("eager", s.eager, "record each row's graph, though batches could run through a compiled program: slower");
  f("precision", s.precision,
    "of the numbers that compiled programs compute with: double, or single, faster");
}

}  // namespace micrograd::command
