// What `micrograd grad` found out, and how it is printed.
#pragma once

#include <algorithm>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include <micrograd/engine/functional.hpp>

namespace micrograd::command {

struct GradReport {
  struct Entry {
    std::string name;
    double value;
    double gradient;
  };
  /// What a comparison came to. Where the values beside the point are infinite there is none to make.
  enum class Verdict { ok, differs, overflows };
  struct CheckedEntry {
    std::string name;
    double analytic;  ///< the gradient by backward
    double numeric;   ///< the slope by differences
    Verdict verdict;
  };

  double value = 0.0;
  std::vector<Entry> variables;
  std::vector<Entry> results;  ///< those that a statement named
  std::optional<std::vector<CheckedEntry>> check;
  std::optional<Matrix> hessian;                        ///< in the order of the variables
  std::optional<std::vector<std::string>> explanation;  ///< line by line
  std::string picture;                                  ///< the file that was written, "" if none was

  /// Whether any comparison came to this.
  [[nodiscard]] bool has(Verdict verdict) const {
    return check && std::ranges::find(*check, verdict, &CheckedEntry::verdict) != check->end();
  }
  [[nodiscard]] bool check_failed() const { return has(Verdict::differs); }
};

/// Aligned tables, numbers to `digits` digits.
void print_text(const GradReport& report, int digits, std::ostream& out);

/// One JSON object with all digits. NaN and infinities, which JSON lacks, are the texts nan, inf and -inf. A
/// comparison that overflows has neither passed nor failed: null.
void print_json(const GradReport& report, std::ostream& out);

/// Every function of the language with its formula and derivative, straight from the table of operations.
void print_functions(std::ostream& out);

}  // namespace micrograd::command
