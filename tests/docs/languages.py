#!/usr/bin/env python3
"""Keeps the documentation's two languages in step, and the tour complete.

Every translation (NAME.zh.md, README.zh-CN.md) has the sections of its English page, in the same order; in each the
very same blocks, the same pictures, and the same numbers in the text. Every lesson is in docs/tour/order.txt and in
both languages, and so is every other page of docs/. Every picture is shown, and drawn by a block of the page that
shows it. Chinese sentences have Chinese punctuation.
"""

import itertools
import re
import sys

import pages

HAN = "[\u3400-\u9fff]"
HALF_WIDTH = re.compile(rf"{HAN}[`*]*[,;:?!()]|{HAN}[`*]*\.(?!\w)|[)][`*]*{HAN}")
FULL_WIDTH_DIGITS = re.compile("[\uff10-\uff19]")


def text_of(section):
    """The section's sentences in one piece, without the targets of links."""
    return re.sub(r"\]\([^)]*\)", "]", "\n".join(text for _, text in section.prose))


def numbers_of(section):
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text_of(section) + "\n" + section.title)
    return set(re.findall(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", text))


def compare(english, chinese):
    """The differences between a page and its translation, one line each."""
    for ours, theirs in itertools.zip_longest(english.sections[1:], chinese.sections[1:]):
        if not ours or not theirs or ours.level != theirs.level:
            here = (f"{page.file}:{s.line}: '{'#' * s.level} {s.title}'" if s else f"{page.file}: its end"
                    for page, s in ((chinese, theirs), (english, ours)))
            yield " stands against ".join(here)
            return
    for ours, theirs in zip(english.sections, chinese.sections):
        here = f"{chinese.file}:{theirs.line}: under '{theirs.title}'"
        if len(ours.fences) != len(theirs.fences):
            yield f"{here} {len(theirs.fences)} blocks, {english.file}:{ours.line} has {len(ours.fences)}"
            continue
        for one, other in zip(ours.fences, theirs.fences):
            if one.content() != other.content():
                yield f"{chinese.file}:{other.line}: not the same block as {english.file}:{one.line}"
        missing, added = numbers_of(ours) - numbers_of(theirs), numbers_of(theirs) - numbers_of(ours)
        if missing or added:
            yield (f"{here} the numbers in the text differ: only in {english.file} {sorted(missing)}, "
                   f"only here {sorted(added)}")
    if [path for _, path in english.pictures()] != [path for _, path in chinese.pictures()]:
        yield f"{chinese.file}: other pictures than {english.file}"


def punctuation(chinese):
    for section in chinese.sections:
        for line, text in [(section.line, section.title), *section.prose]:
            bare = re.sub(r"`[^`]*`|\]\([^)]*\)", lambda m: "`x`" if m[0].startswith("`") else "]", text)
            found = HALF_WIDTH.search(bare) or FULL_WIDTH_DIGITS.search(bare)
            if found:
                yield f"{chinese.file}:{line}: half-width punctuation or full-width digits: {found[0]}"


def opening(page):
    """A lesson opens with its title and one paragraph that says what it answers."""
    lines = page.path.read_text(encoding="utf-8").splitlines()
    if len(lines) < 3 or not lines[0].startswith("# ") or lines[1] or not re.match(r"\w|`|\*", lines[2]):
        yield f"{page.file}:1: expected '# Title', an empty line and a paragraph that says what the lesson answers"
    if sum(section.level == 1 for section in page.sections) != 1:
        yield f"{page.file}: more than one title"


def pictures(page):
    for line, path in page.pictures():
        name = path.removeprefix("pictures/")
        if not (page.path.parent / path).is_file():
            yield f"{page.file}:{line}: there is no {path}"
        elif not any(f'"{name}"' in block.code for block in page.blocks):
            yield f"{page.file}:{line}: no block of the page draws {name}"


def tour(root, found):
    folder = root / "docs" / "tour"
    order = (folder / "order.txt").read_text(encoding="utf-8").split()
    if not order or len(set(order)) != len(order):
        yield "docs/tour/order.txt: empty, or names a lesson twice"
    expected = {folder / f"{name}{suffix}" for name in order for suffix in (".md", ".zh.md")}
    there = {page.path for page in found if page.is_lesson}
    for path in sorted(expected - there):
        yield f"docs/tour/order.txt: there is no {path.relative_to(root)}"
    for path in sorted(there - expected):
        yield f"{path.relative_to(root)}: not in docs/tour/order.txt"
    for path in sorted({*root.glob("docs/*.md"), *root.glob("docs/howto/*.md")}):
        if not pages.TRANSLATED.search(path.name) and not path.with_suffix(".zh.md").exists():
            yield f"{path.relative_to(root)}: there is no translation"
    shown = {(page.path.parent / path).resolve() for page in found for _, path in page.pictures()}
    for path in sorted(root.glob("docs/**/pictures/*")):
        if path.resolve() not in shown:
            yield f"{path.relative_to(root)}: no page shows it"


def main():
    root = pages.default_root()
    try:
        found = pages.documents(root)
    except pages.PageError as error:
        sys.exit(str(error))
    by_path = {page.path: page for page in found}
    problems = [*tour(root, found)]
    pairs = 0
    for page in found:
        problems += pictures(page)
        if page.is_lesson:
            problems += opening(page)
        if not pages.is_translation(page):
            continue
        problems += punctuation(page)
        english = by_path.get(pages.original_of(page))
        if english:
            problems += compare(english, page)
            pairs += 1
        else:
            problems.append(f"{page.file}: a translation of nothing")
    print("\n".join(problems))
    print(f"{pairs} translated pages, {len(problems)} problems")
    sys.exit(bool(problems) or not pairs)


main()
