#!/usr/bin/env python3
"""Puts the pages of the web site into one folder, from where Sphinx reads them.

    stage.py FOLDER

The pages keep their places relative to each other and to the sources, so that their links hold on the site as they do
in the repository. The pages of the reference are written here: one for each layer, from the headers themselves. Run
from the root of the project.
"""

import pathlib
import re
import shutil
import sys

PAGES = ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"]
FOLDERS = ["docs", "data", "micrograd", "examples", "tests"]  # what pages link to
LINKED = ["*.md", "*.txt", "*.svg", "*.png", "*.hpp", "*.cpp", "*.py"]
SHOWN = ("briefdescription detaileddescription innerclass public-type public-attrib public-func public-static-attrib "
         "public-static-func protected-type protected-attrib protected-func friend enum typedef var func")
UMBRELLA = pathlib.Path("micrograd/micrograd.hpp")


def opening_comment(header):
    """What a header says about itself, in its first lines."""
    lines = []
    for line in header.read_text(encoding="utf-8").splitlines():
        if not line.startswith("//"):
            break
        lines.append(line[2:].removeprefix(" "))
    return "\n".join(lines)


def public_headers():
    """What the umbrella header includes, and what its comment says stands outside it."""
    text = UMBRELLA.read_text(encoding="utf-8")
    included = re.findall(r"^#include <(micrograd/[^>]+)>", text, re.MULTILINE)
    beside = re.findall(r"<(micrograd/[^>]+)>", opening_comment(UMBRELLA))
    found = []
    for name in included + beside:
        if name.endswith("…"):
            found += sorted(pathlib.Path(name.removesuffix("…")).glob("*.hpp"))
        elif name == "micrograd/ops.hpp":
            found.append(pathlib.Path("micrograd/ops/row.hpp"))  # the rows themselves are the table of operations
        else:
            found.append(pathlib.Path(name))
    missing = [str(header) for header in found if not header.is_file()]
    if missing or not found:
        sys.exit(f"stage: {UMBRELLA} names what does not exist: {missing}")
    return found


def layers():
    """(name, headers, what it does) of each layer, in the order of the table in ARCHITECTURE.md."""
    headers = {}
    for header in public_headers():
        headers.setdefault(header.parts[1].removesuffix(".hpp"), []).append(header)
    table = re.findall(r"^\| `[\w./]+`.*$", pathlib.Path("ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE)
    for row in table:
        names, what, *_ = [cell.strip() for cell in row.strip("|").split("|")]
        for name in re.findall(r"`(\w+)(?:\.hpp|/)`", names):
            if name in headers:
                yield name, headers.pop(name), what
    if headers:
        sys.exit(f"stage: ARCHITECTURE.md has no row for {sorted(headers)}")


def code_marked(comment):
    """The comment as Markdown: its indented lines are code, and what looks like HTML is not."""
    parts, code = [], []
    for line in [*comment.splitlines(), ""]:
        if line.startswith("  ") and line.strip():
            code.append(line)
            continue
        if code:
            parts += ["", "```cpp", *(text.removeprefix("  ") for text in code), "```", ""]
            code = []
        parts.append(line)
    # Outside of code, a `<` would begin HTML.
    return re.sub(r"(```.*?```|`[^`]*`)|<", lambda m: m[1] or "\\<", "\n".join(parts).strip(), flags=re.DOTALL)


def layer_page(name, headers, what):
    page = f"# {name}\n\n{what[0].upper()}{what[1:]}.\n\n"
    for header in headers:
        page += f"## {header.name}\n\n`#include <{header}>`\n\n{code_marked(opening_comment(header))}\n\n"
        page += f"```{{doxygenfile}} {header}\n:project: micrograd\n:sections: {SHOWN}\n```\n\n"
    return page


def main():
    out = pathlib.Path(sys.argv[1])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for page in PAGES:
        shutil.copy2(page, out)
    for folder in FOLDERS:
        for pattern in LINKED:
            for file in pathlib.Path(folder).rglob(pattern):
                (out / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, out / file)
    lessons = (out / "docs" / "tour" / "order.txt").read_text(encoding="utf-8").split()
    for page in ("index.md", "zh.md"):
        text = (out / "docs" / "site" / page).read_text(encoding="utf-8")
        text = re.sub(r"^LESSONS(.*)$", lambda m: "\n".join(f"docs/tour/{name}{m[1]}" for name in lessons), text,
                      flags=re.MULTILINE)
        (out / page).write_text(text, encoding="utf-8")
    (out / "reference").mkdir()
    names = []
    for name, headers, what in layers():
        title = "rows" if name == "ops" else name
        (out / "reference" / f"{title}.md").write_text(layer_page(title, headers, what), encoding="utf-8")
        names.append(title)
    contents = "".join(f"{name}\n" for name in ["operations", *names])
    (out / "reference" / "index.md").write_text(
        f"# Reference\n\nWritten from the headers and from the table of operations.\n\n"
        f"```{{toctree}}\n:maxdepth: 2\n\n{contents}```\n", encoding="utf-8")


main()
