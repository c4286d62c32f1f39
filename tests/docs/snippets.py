#!/usr/bin/env python3
"""Compiles and runs the C++ in the documentation.

    snippets.py --root PROJECT --work FOLDER -- COMPILER [FLAG...]

Looks at README.md, CONTRIBUTING.md and docs/**/*.md for blocks fenced as ```cpp. A block with a main() is a
whole program; any other is put inside a main(), with its includes and its definitions of types, templates,
namespaces and functions in front, after `using namespace micrograd`. If the next thing is a block fenced as
```text (a line that ends with a colon may stand between), the program must print exactly that. A block fenced as
```cpp no-run is only compiled.
"""

import argparse
import concurrent.futures
import difflib
import os
import pathlib
import re
import subprocess
import sys

DEFINITION = re.compile(r"(template|struct|class|enum|namespace|using|inline|static|constexpr)\b"
                        r"|(?!(?:if|for|while|switch|else|do)\b)(?![^(]*<<)"
                        r"[A-Za-z_][\w:<>&*, ]*\s[&*]*\w+\([^=]*\)( const)? \{")
LIBRARY = re.compile(r"\.(a|so)(\.\d+)*$")
RUN_SECONDS = 60


class Snippet:
    def __init__(self, file, line, code, run):
        self.file, self.line, self.code, self.run = file, line, code, run
        self.expected = None

    def done(self):
        if not self.run:
            return "compiled"
        return "compiled and run" if self.expected is None else "compiled and run, output compared"

    def name(self):
        return f"{self.file}:{self.line}"

    def program(self):
        """The block as a whole program; diagnostics name the line in the document."""
        here = f'#line {self.line + 1} "{self.file}"\n'
        if re.search(r"\bint main\(", self.code):
            return here + self.code
        includes, outside, inside = split(self.code)
        return (includes + "#include <iostream>\n#include <micrograd/micrograd.hpp>\n"
                + "using namespace micrograd;\n"
                + here + outside + "int main() {\n" + here + inside + "}\n")


def split(code):
    """Includes, definitions that cannot stand inside main(), and the rest.

    The last two keep every line's place, so that diagnostics give the right number."""
    includes, outside, inside = "", "", ""
    depth, defining = 0, False
    for line in code.splitlines():
        bare = re.sub(r'//.*|"(\\.|[^"])*"', "", line)
        if line.startswith("#include"):
            includes, outside, inside = includes + line + "\n", outside + "\n", inside + "\n"
            continue
        if not defining and DEFINITION.match(line):
            defining, depth = True, 0
        if defining:
            outside, inside = outside + line + "\n", inside + "\n"
            depth += bare.count("{") - bare.count("}")
            defining = not (depth == 0 and bare.rstrip().endswith((";", "}")))
        else:
            outside, inside = outside + "\n", inside + line + "\n"
    return includes, outside, inside


def snippets_of(root, path):
    """The C++ blocks of one document, each with the output that is promised for it."""
    file = path.relative_to(root)
    lines = path.read_text(encoding="utf-8").splitlines()
    found, latest, i = [], None, 0  # latest: the block whose output may come next
    while i < len(lines):
        fence = re.fullmatch(r"```(\S*)\s*(.*)", lines[i])
        if fence:
            end = i + 1
            while end < len(lines) and lines[end] != "```":
                end += 1
            if end == len(lines):
                raise SystemExit(f"{file}:{i + 1}: the fence is never closed")
            body = "".join(line + "\n" for line in lines[i + 1:end])
            if fence[1] == "cpp":
                if fence[2] not in ("", "no-run"):
                    raise SystemExit(f"{file}:{i + 1}: expected ```cpp or ```cpp no-run, got {lines[i]}")
                latest = Snippet(file, i + 1, body, run=not fence[2])
                found.append(latest)
            elif fence[1] == "text" and latest:
                latest.expected, latest = body, None
            else:
                latest = None
            i = end
        elif lines[i].strip() and not lines[i].rstrip().endswith(":"):
            latest = None
        i += 1
    return found


def check(snippet, work, compiler, flags):
    """What is wrong with the snippet, or an empty string."""
    stem = work / re.sub(r"\W", "_", snippet.name())
    source = stem.with_suffix(".cpp")
    source.write_text(snippet.program(), encoding="utf-8")
    # In two steps, because ccache knows compiling only. The library must stand after what uses it.
    to_link = [f for f in flags if f.startswith("-Wl,") or LIBRARY.search(f)]
    built = subprocess.run([*compiler, "-c", str(source), "-o", f"{stem}.o", *(f for f in flags if f not in to_link)],
                           capture_output=True, text=True)
    if not built.returncode:
        built = subprocess.run([*compiler, f"{stem}.o", "-o", str(stem), *flags], capture_output=True, text=True)
    if built.returncode:
        return "does not compile:\n" + built.stderr
    if not snippet.run:
        return ""
    try:
        ran = subprocess.run([str(stem)], capture_output=True, text=True, timeout=RUN_SECONDS, cwd=work)
    except subprocess.TimeoutExpired:
        return f"runs for more than {RUN_SECONDS} seconds"
    if ran.returncode:
        return f"exits with {ran.returncode}:\n{ran.stdout}{ran.stderr}"
    if snippet.expected is not None and ran.stdout != snippet.expected:
        difference = difflib.unified_diff(snippet.expected.splitlines(), ran.stdout.splitlines(),
                                          "promised", "printed", lineterm="")
        return "prints something else:\n" + "\n".join(difference)
    return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("command", nargs="+", help="the compiler and its flags")
    arguments = parser.parse_args()
    first_flag = next(i for i, word in enumerate(arguments.command) if word.startswith("-"))
    compiler, flags = arguments.command[:first_flag], arguments.command[first_flag:]
    arguments.work.mkdir(parents=True, exist_ok=True)

    root = arguments.root
    documents = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").glob("**/*.md"))]
    found = [s for d in documents if d.exists() for s in snippets_of(root, d)]
    if not any(s.file.name == "README.md" for s in found):
        raise SystemExit("README.md has no C++ to run")

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = list(pool.map(lambda s: check(s, arguments.work, compiler, flags), found))
    for snippet, problem in zip(found, problems):
        print(f"{snippet.name()} {problem or snippet.done()}")
    ran = sum(s.run for s in found)
    compared = sum(s.run and s.expected is not None for s in found)
    bad = sum(map(bool, problems))
    print(f"{len(found)} snippets compiled, {ran} of them run, the output of {compared} compared; {bad} wrong")
    sys.exit(bad > 0)


main()
