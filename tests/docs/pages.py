"""The documentation as sections and runnable blocks: what snippets.py runs and languages.py compares.

    ```cpp             a whole program (it has a main) or a fragment, see snippets.py; `cpp no-run` is compiled only
    ```python          plain Python 3
    ```text            right after one of them: what it prints. A line that ends with a colon may stand between.

A comment on the line before a fence says more about the block:

    <!-- continued -->      the program goes on from the block before it in the same language; its output is only
                            what this block prints in addition
    <!-- sanitize -->       built with the address and undefined-behaviour sanitizers and expected to die; the
                            lines of its ```text stand in this order in what it writes to stderr
    <!-- numbers vary -->   (before a ```text) only the words are compared, as timings and addresses differ

A program of a lesson, with the blocks that it goes on from, has fewer than 60 lines of C++.
"""

import pathlib
import re

RUNNABLE = ("cpp", "python")
NOTES = {"cpp": {"continued", "sanitize"}, "python": {"continued"}, "text": {"numbers vary"}}
NUMBER = re.compile(r"(?<![\w.])-?0x[0-9a-fA-F]+|(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\d+(?:\.\d+)?")
TRANSLATED = re.compile(r"\.zh(-\w+)?\.md$")
LESSON_PROGRAMS_STAY_UNDER = 60


class PageError(Exception):
    """A page that breaks the rules above; says where and how."""


class Section:
    """A heading and what stands below it, up to the next one."""

    def __init__(self, level, title, line):
        self.level, self.title, self.line = level, title, line
        self.prose = []   # (line number, text) of what is neither heading nor block
        self.fences = []  # all blocks, whatever their language


class Fence:
    def __init__(self, language, option, notes, body, line):
        self.language, self.option, self.notes, self.body, self.line = language, option, frozenset(notes), body, line

    def content(self):
        """What must be the same in every language."""
        return (self.language, self.option, self.notes, self.body)


class Block:
    """A fence that can be run, and the output that the page promises."""

    def __init__(self, page, name, fence, previous):
        self.page, self.name, self.previous = page, name, previous
        self.language, self.code, self.line, self.notes = fence.language, fence.body, fence.line, fence.notes
        self.run = fence.option != "no-run"
        self.expected, self.numbers_vary = None, False

    def chain(self):
        """The blocks that make up the program, first to last."""
        return [*(self.previous.chain() if self.previous else []), self]

    def where(self):
        return f"{self.page.file}:{self.line}"


class Page:
    def __init__(self, root, path):
        self.root, self.path, self.file = root, path, path.relative_to(root)
        self.is_lesson = path.parent == root / "docs" / "tour"
        self.sections, self.blocks = [Section(0, "", 1)], []
        self._read(path.read_text(encoding="utf-8").splitlines())

    def problem(self, line, what):
        return PageError(f"{self.file}:{line}: {what}")

    def _read(self, lines):
        latest, i, names = None, 0, {}  # latest: the block whose output may come next
        while i < len(lines):
            line, section = lines[i], self.sections[-1]
            opening, heading = re.fullmatch(r"```(\S*)\s*(.*)", line), re.fullmatch(r"(#+) (.+)", line)
            if opening:
                end = i + 1
                while end < len(lines) and lines[end] != "```":
                    end += 1
                if end == len(lines):
                    raise self.problem(i + 1, "the fence is never closed")
                body = "".join(f"{text}\n" for text in lines[i + 1:end])
                fence = Fence(opening[1], opening[2], self._notes(lines, i, opening[1]), body, i + 1)
                section.fences.append(fence)
                if fence.language in RUNNABLE:
                    latest = self._block(fence, section, names)
                elif fence.language == "text" and latest:
                    latest.expected, latest.numbers_vary = body, "numbers vary" in fence.notes
                    latest = None
                elif fence.language == "text" and self.is_lesson:
                    raise self.problem(i + 1, "no program before this output")
                else:
                    latest = None
                i = end
            elif heading:
                self.sections.append(Section(len(heading[1]), heading[2], i + 1))
                latest = None
            elif line.strip() and not re.fullmatch(r"<!--.*-->", line):
                section.prose.append((i + 1, line))
                if not line.rstrip().endswith((":", "：")):
                    latest = None
            i += 1

    def _notes(self, lines, i, language):
        found = set()
        while i > 0 and (comment := re.fullmatch(r"<!-- (.*) -->", lines[i - 1])):
            i -= 1
            if comment[1] not in NOTES.get(language, ()):
                known = ", ".join(sorted(NOTES.get(language, ()))) or "none"
                raise self.problem(i + 1, f"no such note before a {language} block (got '{comment[1]}', "
                                          f"known: {known})")
            found.add(comment[1])
        return found

    def _block(self, fence, section, names):
        if fence.option not in ("", "no-run") or fence.option and (fence.language != "cpp" or self.is_lesson):
            raise self.problem(fence.line, f"expected ```{fence.language}, got ```{fence.language} {fence.option}")
        previous = None
        if "continued" in fence.notes:
            previous = next((b for b in reversed(self.blocks) if b.language == fence.language), None)
            if not previous:
                raise self.problem(fence.line, f"no {fence.language} block before this one to continue")
        parts = [*self.file.with_suffix("").parts, slug(section.title)]
        if fence.language != "cpp":
            parts.append(fence.language)
        name = ".".join(part for part in parts if part not in ("docs", ""))
        names[name] = names.get(name, 0) + 1
        if names[name] > 1:
            name += f".{names[name]}"
        block = Block(self, name, fence, previous)
        lines = sum(part.code.count("\n") for part in block.chain())
        if self.is_lesson and fence.language == "cpp" and lines >= LESSON_PROGRAMS_STAY_UNDER:
            raise self.problem(fence.line, f"a lesson's program is too long (got {lines} lines of C++, expected fewer "
                                           f"than {LESSON_PROGRAMS_STAY_UNDER})")
        self.blocks.append(block)
        return block

    def pictures(self):
        """The pictures that the page shows, as (line, path as written)."""
        return [(line, path) for section in self.sections for line, text in section.prose
                for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)]


def slug(title):
    return re.sub(r"\W+", "_", title.lower().replace("c++", "cpp")).strip("_")


def documents(root):
    """All pages that are checked, translations among them."""
    found = [*sorted(root.glob("*.md")), *sorted((root / "docs").glob("**/*.md"))]
    return [Page(root, path) for path in found if path.name != "CHANGELOG.md"]


def is_translation(page):
    return bool(TRANSLATED.search(page.path.name))


def original_of(page):
    """The path of the English page that a translation belongs to."""
    return page.path.with_name(TRANSLATED.sub(".md", page.path.name))


def default_root():
    return pathlib.Path(__file__).resolve().parents[2]
