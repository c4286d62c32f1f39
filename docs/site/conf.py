# Settings of Sphinx for the web site. `./run docs` runs it over the folder that stage.py has filled.
import pathlib
import re

from pygments.lexers.special import TextLexer

ROOT = pathlib.Path(__file__).resolve().parents[2]

project = "micrograd in C++"
author = "the authors of micrograd in C++"
release = re.search(r"project\(micrograd VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]

extensions = ["myst_parser", "breathe"]
exclude_patterns = ["docs/site", "tests"]
root_doc = "index"

myst_heading_anchors = 4
breathe_projects = {"micrograd": str(ROOT / "build/docs/doxygen/xml")}
breathe_default_project = "micrograd"
breathe_show_include = False  # the page says it, with the whole path
cpp_id_attributes = ["constexpr"]

html_theme = "furo"
html_title = project
html_static_path = [str(ROOT / "docs/site/static")]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_search_language = "zh"  # English too


def is_chinese(pagename):
    return pagename == "zh" or re.search(r"\.zh(-CN)?$", pagename)


def in_its_language(app, pagename, templatename, context, doctree):
    """Says which language a page is in, links a page to its translation, and puts Chinese first for Chinese pages."""
    context["language"] = "zh-CN" if is_chinese(pagename) else "en"
    other = pagename.removesuffix(".zh") if is_chinese(pagename) else f"{pagename}.zh"
    if pagename.startswith("docs/") and other in app.env.found_docs:
        words = "English" if is_chinese(pagename) else "中文"
        context["body"] = f'<p><a href="{context["pathto"](other)}">{words}</a></p>{context["body"]}'
    groups = re.split(r'(?=<p class="caption")', context.get("furo_navigation_tree", ""))
    if is_chinese(pagename) and len(groups) > 1:
        groups[1:] = sorted(groups[1:], key=lambda group: "中文" not in group)
        context["furo_navigation_tree"] = "".join(groups)


def setup(app):
    app.add_lexer("csv", TextLexer)
    app.connect("html-page-context", in_its_language, priority=900)  # after the theme's own
