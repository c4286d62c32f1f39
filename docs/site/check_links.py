#!/usr/bin/env python3
"""Follows every link within a built site: to pages, to places in them, to pictures and files.

    check_links.py FOLDER

Prints those that lead nowhere, and exits with 1 if there are any. What lies outside the site is not asked for.
"""

import html.parser
import pathlib
import sys
import urllib.parse


class Page(html.parser.HTMLParser):
    """The targets that a page links to, and the places that it offers."""

    def __init__(self, path):
        super().__init__()
        self.links, self.places = set(), set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in ("href", "src") and value:
                self.links.add(value)
            elif name == "id" or (name == "name" and tag == "a"):
                self.places.add(value)


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    pages = {path: Page(path) for path in sorted(root.rglob("*.html"))}
    checked, broken = 0, []
    for path, page in pages.items():
        for link in sorted(page.links):
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            checked += 1
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            place = urllib.parse.unquote(parts.fragment)
            if not target.is_file() or not target.is_relative_to(root):
                broken.append(f"{path.relative_to(root)}: {link}: there is no such file")
            elif place and target in pages and place not in pages[target].places:
                broken.append(f"{path.relative_to(root)}: {link}: there is no such place")
    print("\n".join(broken))
    print(f"{len(pages)} pages, {checked} links within the site, {len(broken)} broken")
    sys.exit(bool(broken) or not checked)


main()
