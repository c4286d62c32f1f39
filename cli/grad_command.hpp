// `micrograd grad "a*b + relu(c)" a=2 b=-3 c=10`: the value of an expression and its gradient, and on request
// the backward pass step by step, a check by differences, second derivatives and a picture.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace micrograd::command {

struct GradArguments {
  std::string expression{};                ///< in the language of <cli/expression.hpp>
  std::vector<std::string> assignments{};  ///< `a=2`, `b=-pi/2`, for each variable of the expression
  bool explain = false;                    ///< tell the backward pass step by step
  bool check = false;                      ///< compare with the slopes that the function really has
  bool hessian = false;                    ///< second derivatives too
  bool json = false;                       ///< one JSON object instead of tables
  bool functions = false;                  ///< only list the functions that an expression may call
  int digits = 6;                          ///< of a number in a table, 1 to 17
  std::string svg{};                       ///< where to save a picture of the graph; "" for nowhere
};

/// Does what the arguments say and prints to `out`. Returns the exit code: 1 if the check fails, else 0.
/// Throws UsageError for a mistake in the arguments, before anything is printed, and IoError if the picture
/// cannot be written.
[[nodiscard]] int run_grad(const GradArguments& arguments, std::ostream& out);

/// Adds the command `grad` to a command line. When it is used, `exit_code` becomes what run_grad returns;
/// what run_grad throws comes out of `app.parse`. `out` and `exit_code` must outlive `app`.
void add_grad_command(CLI::App& app, std::ostream& out, int& exit_code);

}  // namespace micrograd::command
