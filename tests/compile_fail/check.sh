#!/usr/bin/env bash
# check.sh FILE COMPILER [FLAG...]: holds the compiler to what the first line of FILE says:
#   // expect: REGEX   compilation fails, and one line of the diagnostics matches the extended REGEX
#   // expect-ok       it compiles (so that the other cases do not fail for some trivial reason)
set -euo pipefail
export LC_ALL=C  # plain quotes in diagnostics

file=$1
shift
first_line=$(head -n 1 "$file")

failed=0
diagnostics=$("$@" "$file" 2>&1) || failed=1

case $first_line in
  '// expect-ok')
    if ((failed)); then
      echo "$file should compile, but the compiler says:"
      echo "$diagnostics"
      exit 1
    fi
    ;;
  '// expect: '*)
    regex=${first_line#'// expect: '}
    if ((!failed)); then
      echo "$file should not compile, but it does"
      exit 1
    fi
    if ! grep -Eq -- "$regex" <<<"$diagnostics"; then
      echo "$file fails to compile, as it should, but no diagnostic matches: $regex"
      echo "$diagnostics"
      exit 1
    fi
    ;;
  *)
    echo "$file: the first line should be '// expect: REGEX' or '// expect-ok', got '$first_line'"
    exit 1
    ;;
esac
