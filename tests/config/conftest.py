"""Configs to read, and an environment that says nothing about backends."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from kerasseq.config.experiment import Experiment
from kerasseq.config.read import read_text
from kerasseq.errors import ConfigError

WORKING = """name = "small"

[dataset]
name = "table"
train = "rows.csv"
target = "score"

[task]
name = "regression"
"""


@pytest.fixture(autouse=True)
def no_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment chooses no backend and no plugins."""
    for name in ("KERASSEQ_BACKEND", "KERAS_BACKEND", "KERASSEQ_PLUGINS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `rows.csv`: 30 texts, a score, a class and a group."""
    rows = "".join(f"text {i},{i / 7:.2f},{'yes' if i % 2 else 'no'},{i % 5}\n" for i in range(30))
    (tmp_path / "rows.csv").write_text("text,score,label,author\n" + rows, encoding="utf-8")
    return tmp_path


@pytest.fixture
def working() -> str:
    """A config of few lines that is right."""
    return WORKING


@pytest.fixture
def read(folder: Path) -> Callable[..., Experiment]:
    """`read(text, overrides, backend)`: an experiment beside `rows.csv`."""

    def read(text: str = WORKING, overrides: Sequence[str] = (), backend: str = "") -> Experiment:
        return read_text(text, "a.toml", folder, overrides, backend)

    return read


@pytest.fixture
def problems(read: Callable[..., Experiment]) -> Callable[..., list[str]]:
    """`problems(text, overrides, backend)`: what is wrong, a line each; empty for a right config."""

    def problems(text: str = WORKING, overrides: Sequence[str] = (), backend: str = "") -> list[str]:
        try:
            read(text, overrides, backend)
        except ConfigError as error:
            return str(error).splitlines()
        return []

    return problems
