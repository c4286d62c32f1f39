// Reads the command line, runs what it asks for, and words what went wrong.
#include "commands.hpp"

#include <cctype>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <micrograd/error.hpp>
#include "expression_text.hpp"
#include "grad_command.hpp"

namespace micrograd::command {
namespace {

constexpr int usage_error = 2;
constexpr int world_error = 1;

/// Shows `--balance,--no-balance` without the `{false}` that stands for "the second means no".
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    std::string name = CLI::Formatter::make_option_name(option, is_positional);
    constexpr std::string_view mark = "{false}";
    if (const std::size_t at = name.find(mark); at != name.npos) name.erase(at, mark.size());
    return name;
  }
};

/// What is wrong with the command line, in one line as all errors are.
std::string mistake(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> used = app.get_subcommands();
  const CLI::App& command = used.empty() ? app : *used.front();
  const std::string where = used.empty() ? "" : command.get_name() + ": ";
  const std::string help = "micrograd " + (used.empty() ? "" : command.get_name() + " ") + "--help";
  if (const std::vector<std::string> unknown = app.remaining(true); !unknown.empty()) {
    const bool is_option = unknown.front().starts_with('-');
    const std::vector<std::string> known =
        is_option || !used.empty() ? long_options(command) : names_of_subcommands(app);
    const std::string meant = nearest(unknown.front(), known);
    return where +
           (is_option      ? "unknown option "
            : used.empty() ? "unknown command "
                           : "one word too many ") +
           in_quotes(unknown.front()) + "; " +
           (meant.empty() ? help + " lists what there is" : "did you mean " + in_quotes(meant) + "?");
  }
  std::string what = error.what();
  what[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(what[0])));
  return where + what + "; " + help + " lists what there is";
}

int parse_and_run(int argc, const char* const* argv) {
  CLI::App app(
      "Train small neural nets, look at them, and ask any formula for its gradient.\n"
      "Every number is a scalar that remembers how it was made.\n",
      "micrograd");
  app.set_version_flag("--version", "micrograd " MICROGRAD_VERSION);
  app.formatter(std::make_shared<HelpFormatter>());  // subcommands take it over
  app.failure_message(CLI::FailureMessage::simple);
  app.footer(
      "Examples:\n"
      "  micrograd train                          learn to tell two moons apart\n"
      "  micrograd train --data digits --model 32 --epochs 20\n"
      "  micrograd train --data flowers.csv --label species\n"
      "  micrograd train --resume runs/moons-1    go on where a run was interrupted\n"
      "  micrograd predict runs/flowers-1 new.csv\n"
      "  micrograd evaluate runs/flowers-1\n"
      "  micrograd grad \"a*b + relu(c)\" a=2 b=-3 c=10 --explain\n"
      "  micrograd tour                           lessons on how such a thing works\n\n"
      "Exit codes: 0 done; 1 a file or a number is at fault; 2 the command line is; 130 interrupted.");
  Run run;
  add_train_command(app, run);
  add_predict_command(app, run);
  add_evaluate_command(app, run);
  int grad_exit = 0;  // of `grad`, which runs while the command line is read
  add_grad_command(app, std::cout, grad_exit);
  add_tour_command(app, run);
  add_completions_command(app, run);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) throw CLI::RequiredError("A subcommand");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // help and version are such errors too
    throw UsageError(mistake(app, error));
  }
  const int exit_code = run ? run() : grad_exit;
  std::cout.flush();
  if (!std::cout || std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw micrograd::IoError("standard output cannot be written; is the disk full?");
  }
  return exit_code;
}

}  // namespace

int run_command(int argc, const char* const* argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const micrograd::UsageError& error) {
    std::cerr << "micrograd: " << error.what() << '\n';
    return usage_error;
  } catch (const std::bad_alloc&) {
    std::cerr << "micrograd: not enough memory\n";
    return world_error;
  } catch (const std::exception& error) {
    std::cerr << "micrograd: " << error.what() << '\n';
    return world_error;
  }
}

}  // namespace micrograd::command
