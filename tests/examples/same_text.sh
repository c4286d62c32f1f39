#!/usr/bin/env bash
# The microgpt example makes up the same words again for the same seed, and with graphs the same as compiled;
# another seed gives others; a file that is not there is one clear line.
#
#   same_text.sh MICROGPT WORDS
set -euo pipefail

made_up() { "$microgpt" "$words" --steps 120 --samples 8 "$@" | sed '1,/^made up:/d'; }
fail() { echo "$1"; exit 1; }

microgpt=$1 words=$2
compiled=$(made_up --seed 3)
[[ $(wc -l <<<"$compiled") == 8 ]] || fail "8 words were asked for (got '$compiled')"
[[ $compiled == "$(made_up --seed 3)" ]] || fail "the same seed gave other words"
[[ $compiled == "$(made_up --seed 3 --eager)" ]] || fail "graphs gave other words than programs"
[[ $compiled != "$(made_up --seed 4)" ]] || fail "another seed gave the same words"

status=0
message=$("$microgpt" /nowhere/words 2>&1 >/dev/null) || status=$?
[[ $status == 1 && $message == *"/nowhere/words"* ]] || fail "a missing file (got $status and '$message')"
