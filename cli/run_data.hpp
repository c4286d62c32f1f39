// From settings to rows: those that a net learns from, those that are held out, and others that it is asked
// about.
#pragma once

#include <filesystem>
#include <string>

#include <micrograd/train/dataset.hpp>
#include "config.hpp"

namespace micrograd::command {

/// Where the data sets of this project lie: MICROGRAD_DATA in the environment, the source tree, or where they
/// were installed; the first that exists.
std::filesystem::path data_folder();

struct Data {
  micrograd::Dataset train;     ///< standardised as `shape` says
  micrograd::Dataset held_out;  ///< no rows if none are held out
  DataShape shape;
};

/// Loads, divides and standardises what the settings name. Throws micrograd::Error.
Data load_data(const Settings& settings);

/// What the setting `data` is called so that it is found from any folder: files by their whole paths.
std::string lasting_name(const std::string& data);
/// What people are shown of it: of a path the last part, of two files that of the pictures.
std::string shown_name(const std::string& data);

/// The data of a run; `moved_to`, unless empty, is where its file is now. Throws micrograd::UsageError if it
/// is not what it was when the run began.
Data load_same_data(const Config& config, const std::string& moved_to = {});

/// Whether the rows come from IDX files: Fashion-MNIST, or a user's own.
bool learned_from_pictures(const Config& config);

/// Rows to be put before the net of a run. An empty `source` means the rows that were held out; otherwise a
/// file, or IDX files as load_named has them, read as the run's own data was. They may lack what is to be
/// predicted: a column, or the second file. Throws micrograd::Error.
micrograd::Dataset load_more(const Config& config, const std::string& source);

}  // namespace micrograd::command
