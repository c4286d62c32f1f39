#!/usr/bin/env python3
"""Compiles and runs the programs in the documentation (pages.py says how a page marks them).

    snippets.py [--build FOLDER] [--list] [NAME...]

Runs the blocks whose names contain one of NAMEs, or all: `snippets.py tour.closures`. FOLDER is where CMake has
written settings.json, build/release/tests/docs unless given; build its target docs_snippets first.

A C++ block with a main() is a whole program and must bring its includes. Any other is put inside a main(), with
its includes and its definitions of types, templates, namespaces and functions in front, after `<iostream>`,
`<micrograd/micrograd.hpp>` and `using namespace micrograd`. A block must print exactly what the page says: nothing,
if it says nothing. It runs in an empty folder; pictures that it leaves there must be those beside the page, in
pictures/, to the byte. Translations are not run: languages.py sees to it that their blocks are the same.
"""

import argparse
import concurrent.futures
import difflib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pages

DEFINITION = re.compile(r"(template|struct|class|enum|namespace|using|inline|static|constexpr)\b"
                        r"|(?!(?:if|for|while|switch|else|do)\b)(?![^(]*<<)"
                        r"[A-Za-z_][\w:<>&*, ]*\s[&*]*\w+\([^=]*\)( const)? \{")
# Libraries beside the usual one, by their settings, and what a program that needs them includes.
BESIDE = {"lanes": re.compile(r"#include <micrograd/compiler/"),
          "pictures": re.compile(r"#include <micrograd/(graph/render|plot/)")}
SANITIZERS = ["-fsanitize=address,undefined", "-fno-omit-frame-pointer", "-g", "-O1"]
BREAK = "\x1e"  # printed between a block and the one that continues it
RUN_SECONDS = 120
SKIPPED = 77


class Wrong(Exception):
    """What is wrong with a block."""


def cpp_program(block):
    """The source of a block, together with those it continues; and whether it is a whole program."""
    chain = block.chain()
    if any(re.search(r"\bint main\(", part.code) for part in chain):
        return "".join(line_of(part) + part.code for part in chain), True
    includes, outside, inside = "", "", ""
    for part in chain:
        part_includes, part_outside, part_inside = split(part.code)
        includes += part_includes
        outside += line_of(part) + part_outside
        inside += (f'std::cout << "{BREAK}";\n' if inside else "") + line_of(part) + part_inside
    return f"{includes}using namespace micrograd;\n{outside}int main() {{\n{inside}}}\n", False


def line_of(block):
    """Makes diagnostics name the line in the document."""
    return f'#line {block.line + 1} "{block.page.file}"\n'


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


def build_cpp(block, settings, folder):
    """The command that runs the block, or nothing if it is only to be compiled."""
    source, is_whole = cpp_program(block)
    file, built, program = folder / "program.cpp", folder / "program.o", folder / "program"
    file.write_text(source, encoding="utf-8")
    sanitized = "sanitize" in block.notes
    compiler, flags = settings["compiler"], settings["compile"]
    launcher = settings["launcher"]
    if sanitized:
        flags = [*(f for f in flags if not f.startswith(("-O", "-W"))), *SANITIZERS]
    if not is_whole:
        flags = [*flags, "-include", settings["header"]]
        launcher = []  # ccache would not use the precompiled header
    if not is_whole and not sanitized and compiler_is_gnu(compiler):
        flags = [*flags, "-Winvalid-pch"]  # slow without it, and nobody would notice
    if sanitized and not is_whole:
        plain = folder / "snippets.hpp"  # the precompiled one is built with other flags
        shutil.copy(settings["header"], plain)
        flags[flags.index(settings["header"])] = str(plain)
    # In two steps, because ccache knows compiling only.
    call([*launcher, *compiler, *flags, "-c", str(file), "-o", str(built)], "does not compile")
    if not block.run:
        return None
    link = settings["link"]
    for library, include in BESIDE.items():
        if not include.search(source):
            continue
        if not settings[library]:
            sys.exit(SKIPPED)
        link = settings[library] + link
    call([*compiler, *(SANITIZERS if sanitized else []), str(built), "-o", str(program), *link], "does not link")
    return [str(program)]


def compiler_is_gnu(compiler):
    return "clang" not in pathlib.Path(compiler[-1]).name


def build_python(block, settings, folder):
    file = folder / "program.py"
    parts = [part.code for part in block.chain()]
    file.write_text(f'print(end="{BREAK}")\n'.join(parts), encoding="utf-8")
    return [settings["python"], str(file)]


def call(command, problem):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Wrong(f"{problem}:\n{done.stderr}")


def masked(text):
    """The text without its numbers, and without the spaces that line them up."""
    return re.sub(r"[ \t]+", " ", pages.NUMBER.sub("#", text))


def compare(block, printed):
    expected = block.expected or ""
    same = masked(printed) == masked(expected) if block.numbers_vary else printed == expected
    if not same:
        difference = difflib.unified_diff(expected.splitlines(), printed.splitlines(), "promised", "printed",
                                          lineterm="")
        raise Wrong("prints something else:\n" + "\n".join(difference))


def compare_sanitized(block, ran):
    if ran.returncode == 0:
        raise Wrong(f"the sanitizers have nothing to say about it:\n{ran.stdout}{ran.stderr}")
    if not block.expected:
        raise Wrong(f"the page does not show what the sanitizers say:\n{ran.stderr}")
    said = iter(masked(ran.stderr).splitlines())
    for line in masked(block.expected).splitlines():
        if not any(line.strip() in candidate for candidate in said):
            raise Wrong(f"the sanitizers do not say, or not in this order: {line}\n{ran.stderr}")


def compare_pictures(block, folder):
    for drawn in sorted([*folder.glob("*.svg"), *folder.glob("*.png")]):
        kept = block.page.path.parent / "pictures" / drawn.name
        if not kept.exists() or kept.read_bytes() != drawn.read_bytes():
            raise Wrong(f"draws another {drawn.name}; look at it, then: cp {drawn} {kept}")


def check(block, settings, work):
    folder = work / block.name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "run").mkdir(parents=True)
    build = build_cpp if block.language == "cpp" else build_python
    command = build(block, settings, folder)
    if not command:
        return "compiled"
    environment = {**os.environ, "ASAN_OPTIONS": "detect_stack_use_after_return=1", "PYTHONDONTWRITEBYTECODE": "1",
                   "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, cwd=folder / "run",
                             env=environment)
    except subprocess.TimeoutExpired as late:
        raise Wrong(f"runs for more than {RUN_SECONDS} seconds") from late
    if "sanitize" in block.notes:
        compare_sanitized(block, ran)
        return "died as promised"
    if ran.returncode:
        raise Wrong(f"exits with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    compare(block, ran.stdout.rpartition(BREAK)[2])
    compare_pictures(block, folder / "run")
    shutil.rmtree(folder)
    return "as promised"


def read_settings(folder):
    found = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    lists = ("compiler", "launcher", "compile", "link", "pictures", "lanes")  # as CMake writes lists
    return {key: [word for word in value.split(";") if word] if key in lists else value for key, value in found.items()}


def main():
    parser = argparse.ArgumentParser()
    root = pages.default_root()
    parser.add_argument("--build", type=pathlib.Path, default=root / "build" / "release" / "tests" / "docs")
    parser.add_argument("--list", action="store_true", help="only name the blocks")
    parser.add_argument("--exact", action="store_true", help="the blocks that are called NAME")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    try:
        blocks = [b for page in pages.documents(root) if not pages.is_translation(page) for b in page.blocks]
    except pages.PageError as error:
        sys.exit(str(error))
    wanted = [b for b in blocks if not arguments.names
              or any(n == b.name if arguments.exact else n in b.name for n in arguments.names)]
    if not wanted:
        sys.exit(f"no block is called {' or '.join(arguments.names) or 'anything'}")
    if arguments.list:
        print("\n".join(b.name for b in wanted))
        return
    settings = read_settings(arguments.build)

    def outcome(block):
        try:
            return True, check(block, settings, arguments.build / "run")
        except Wrong as wrong:
            return False, str(wrong)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(outcome, wanted))
    for block, (_, words) in zip(wanted, outcomes):
        print(f"{block.where()} ({block.name}) {words}")
    bad = sum(not good for good, _ in outcomes)
    print(f"{len(wanted)} blocks, {bad} wrong")
    sys.exit(bad > 0)


main()
