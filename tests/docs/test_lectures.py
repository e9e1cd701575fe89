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
    assert commands or chapter.startswith(("And then", "What PyTorch"))
    assert set(commands) <= elsewhere


def test_every_chapter_says_what_to_notice() -> None:
    assert len(CHAPTERS) == 13
    assert all("**Notice**" in chapter for chapter in CHAPTERS[1:-1])


def test_every_setting_that_pytorch_calls_otherwise_is_there() -> None:
    known = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    found = re.findall(r"`(\w+)\.(\w+)(?: = .*?)?`", CHAPTERS[0])
    keys = [(section, key) for section, key in found if section not in ("nn", "torch", "model")]
    assert len(keys) > 15
    for section, key in keys:
        assert f"`[{section}]`" in known and (key == "name" or f"| `{key}` |" in known), f"{section}.{key}"
