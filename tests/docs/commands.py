#!/usr/bin/env python3
"""Follows a how-to page as a reader would: writes its files, runs its commands, compares what they print.

    commands.py --micrograd COMMAND --include FOLDER --library FOLDER PAGE.md

A block below a line that is nothing but a name, "`fruit.csv`:", is a file. Blocks fenced as ```sh run in the page's
order, in one folder that starts empty; a command that fails fails the test. If a ```text block follows, they must
print just that, standard output and errors together; numbers may differ by rounding (1e-6). `micrograd` is COMMAND, and
compilers find the library as if it were installed.
"""

import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

FILE_NAME = re.compile(r"`([\w.-]+)`:")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
TOLERANCE = 1e-6


def blocks_of(page):
    """(line number, language, body, the last line of text above) of each block."""
    lines = page.read_text(encoding="utf-8").splitlines()
    above, i = "", 0
    while i < len(lines):
        opening = re.fullmatch(r"```(\w*).*", lines[i])
        if opening:
            end = lines.index("```", i + 1)
            yield i + 1, opening[1], "".join(f"{line}\n" for line in lines[i + 1:end]), above
            above, i = "", end
        elif lines[i].strip():
            above = lines[i]
        i += 1


def same(promised, printed):
    if NUMBER.sub("0", promised) != NUMBER.sub("0", printed):
        return False
    pairs = zip(map(float, NUMBER.findall(promised)), map(float, NUMBER.findall(printed)))
    return all(abs(a - b) <= TOLERANCE * max(abs(a), abs(b)) for a, b in pairs)


def follow(page, folder, environment):
    """Runs the page in the folder; how many outputs were compared, and what is wrong, if anything."""
    printed, compared = None, 0
    for line, language, body, above in blocks_of(page):
        name = FILE_NAME.fullmatch(above)
        if name:
            (folder / name[1]).write_text(body, encoding="utf-8")
        elif language == "sh":
            ran = subprocess.run(["bash", "-euo", "pipefail", "-c", body], cwd=folder, env=environment, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=200)
            printed = ran.stdout
            if ran.returncode:
                return compared, f"{page}:{line}: exits with {ran.returncode}:\n{printed}"
            continue
        elif language == "text" and printed is not None:
            compared += 1
            if not same(body, printed):
                difference = difflib.unified_diff(body.splitlines(), printed.splitlines(), "promised", "printed",
                                                  lineterm="")
                return compared, f"{page}:{line}: prints something else:\n" + "\n".join(difference)
        printed = None
    return compared, ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--micrograd", type=pathlib.Path, required=True)
    parser.add_argument("--include", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("page", type=pathlib.Path)
    arguments = parser.parse_args()
    if not any(language == "sh" for _, language, _, _ in blocks_of(arguments.page)):
        sys.exit(f"{arguments.page}: no commands")
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "CPLUS_INCLUDE_PATH": arguments.include,
                   "LIBRARY_PATH": arguments.library, "LD_LIBRARY_PATH": arguments.library,
                   "PATH": f"{arguments.micrograd.parent}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as folder:
        compared, problem = follow(arguments.page, pathlib.Path(folder), environment)
    print(problem or f"{arguments.page}: {compared} outputs compared")
    sys.exit(bool(problem))


main()
