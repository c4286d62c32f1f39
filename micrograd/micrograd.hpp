// Everything public, in one include; apart from Eigen's face, <micrograd/engine/eigen.hpp>, and from what
// needs a library of its own: compile, <micrograd/compiler/compile.hpp>, needs micrograd::compiler; the
// pictures, <micrograd/graph/render.hpp> and <micrograd/plot/…>, need micrograd::pictures.
#pragma once

#include <micrograd/engine/bounded.hpp>
#include <micrograd/engine/dual.hpp>
#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/gradcheck.hpp>
#include <micrograd/engine/index.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include <micrograd/graph/dot.hpp>
#include <micrograd/graph/explain.hpp>
#include <micrograd/graph/json.hpp>
#include <micrograd/graph/snapshot.hpp>
#include <micrograd/nn/activation.hpp>
#include <micrograd/nn/dropout.hpp>
#include <micrograd/nn/initialiser.hpp>
#include <micrograd/nn/layer.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/nn/module.hpp>
#include <micrograd/nn/neuron.hpp>
#include <micrograd/nn/random.hpp>
#include <micrograd/nn/width.hpp>
#include <micrograd/ops.hpp>
#include <micrograd/train/accuracy.hpp>
#include <micrograd/train/blobs.hpp>
#include <micrograd/train/checkpoint.hpp>
#include <micrograd/train/circles.hpp>
#include <micrograd/train/clip.hpp>
#include <micrograd/train/csv.hpp>
#include <micrograd/train/dataset.hpp>
#include <micrograd/train/digits.hpp>
#include <micrograd/train/fit.hpp>
#include <micrograd/train/idx.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/named.hpp>
#include <micrograd/train/optimiser.hpp>
#include <micrograd/train/schedule.hpp>
#include <micrograd/train/spirals.hpp>
#include <micrograd/train/standardise.hpp>
#include <micrograd/train/trainer.hpp>
#include <micrograd/train/xor.hpp>
