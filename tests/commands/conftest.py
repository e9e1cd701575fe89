"""The command line in this process, away from the repository, with nothing left behind."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kerasseq.commands.main import main


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty folder to work in, no settings in the environment, and the log as it was afterwards."""
    for name in ("KERASSEQ_BACKEND", "KERASSEQ_PLUGINS", "KERASSEQ_TRACEBACK", "KERASSEQ_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERASSEQ_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    logger = logging.getLogger("kerasseq")
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = before


@pytest.fixture
def kerasseq() -> Callable[..., Result]:
    """`kerasseq("config", "check", ...)`: as a shell would call it; has exit_code, stdout and stderr."""

    def call(*arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(main, list(map(str, arguments)), input=input)

    return call


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """`rows.csv`: 60 texts, a score, a class and an author."""
    kinds = [("bad", "no"), ("good", "yes")]
    rows = [
        f"this is text number {i} which is {kinds[i % 2][0]},{i / 7:.2f},{kinds[i % 2][1]},{i % 9}" for i in range(60)
    ]
    text = "\n".join(["text,score,label,author", *rows]) + "\n"
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    return tmp_path / "rows.csv"


@pytest.fixture
def config(table: Path) -> Path:
    """A config of few lines that is right, beside its table."""
    text = '[dataset]\nname = "table"\ntrain = "rows.csv"\ntarget = "label"\n[task]\nname = "classification"\n'
    path = table.parent / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path
