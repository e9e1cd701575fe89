"""docs/lectures.md: its commands are those of the pages that it names, whose own tests run them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "lectures.md").read_text(encoding="utf-8")
CHAPTERS = re.split(r"^## ", TEXT, flags=re.M)[1:]
COMMAND = re.compile(r"^\$ (kerasseq .*)$", re.M)


def pages() -> list[Path]:
    """Pages whose commands tests of their own run."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "plugins").glob("*/README.md"))]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=[chapter.partition("\n")[0] for chapter in CHAPTERS])
def test_the_command_of_a_chapter_stands_on_another_page(chapter: str) -> None:
    elsewhere = {
        line for page in pages() if page.name != "lectures.md" for line in COMMAND.findall(page.read_text("utf-8"))
    }
    commands = COMMAND.findall(chapter)
    assert commands or chapter.startswith("And then")
    assert set(commands) <= elsewhere


def test_every_chapter_says_what_to_notice() -> None:
    assert len(CHAPTERS) == 12
    assert all("**Notice**" in chapter for chapter in CHAPTERS[:-1])
