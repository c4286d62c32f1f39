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
cpp_id_attributes = ["constexpr"]

html_theme = "furo"
html_title = project
html_static_path = [str(ROOT / "docs/site/static")]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_search_language = "zh"  # English too


def set_language(app, pagename, templatename, context, doctree):
    """Browsers choose fonts, and screen readers voices, by the language of the page."""
    chinese = pagename == "zh" or re.search(r"\.zh(-CN)?$", pagename)
    context["language"] = "zh-CN" if chinese else "en"


def setup(app):
    app.add_lexer("csv", TextLexer)
    app.connect("html-page-context", set_language)
