"""What the site is made of: each page stands in a list of it, and links lead somewhere, to headings too.

`tox -e docs` says the same through Sphinx; this says it in every run of the tests.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = (ROOT / "docs" / "site" / "index.md").read_text(encoding="utf-8")
LISTED = [
    name
    for block in re.findall(r"^```{toctree}\n(.*?)^```", INDEX, re.M | re.S)
    for name in block.split("\n\n")[1].split()
]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "kerasseq/datasets/data/README.md")),
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("plugins/*/README.md")),
]


def prose(page):
    """The page without its blocks of code."""
    return re.sub(r"^( *)```.*?^\1```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def anchors(page):
    """What GitHub, and Sphinx with MyST, call the headings of a page."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.M)
    titles = [re.sub(r"\[(.*?)\]\(.*?\)", r"\1", title).lower() for title in titles]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def test_every_page_stands_in_one_list():
    pages = [path.relative_to(ROOT).with_suffix("").as_posix() for path in (*PAGES, ROOT / "docs" / "notebook.ipynb")]
    assert sorted(LISTED) == sorted(pages)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_of_a_page_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]+`", "", prose(page))):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target
