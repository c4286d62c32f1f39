// Everything public, in one include (Eigen's face, <micrograd/engine/eigen.hpp>, apart).
#pragma once

#include <micrograd/engine/bounded.hpp>
#include <micrograd/engine/dual.hpp>
#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/gradcheck.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>
#include <micrograd/nn/activation.hpp>
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
#include <micrograd/train/dataset.hpp>
#include <micrograd/train/digits.hpp>
#include <micrograd/train/fit.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/optimiser.hpp>
