// The subcommands. Each adds its options to the application and, if it is the one that was asked for, says
// how to run it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace micrograd::command {

/// Runs the chosen subcommand and returns its exit code. Throws micrograd::Error.
using Run = std::function<int()>;

void add_train_command(CLI::App& app, Run& run);
void add_predict_command(CLI::App& app, Run& run);
void add_evaluate_command(CLI::App& app, Run& run);
void add_tour_command(CLI::App& app, Run& run);
void add_completions_command(CLI::App& app, Run& run);

/// What can be typed after the command `app`.
std::vector<std::string> long_options(const CLI::App& app);
std::vector<std::string> names_of_subcommands(const CLI::App& app);

/// The whole command: everything but main's argument list. Prints what went wrong to standard error. Exit
/// codes: 0 done, 1 the world's fault (a file, a number that is not finite), 2 the caller's, 130 interrupted
/// by Ctrl-C.
int run_command(int argc, const char* const* argv);

}  // namespace micrograd::command
