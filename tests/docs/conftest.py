"""What pages share whose commands train on the bundled set."""

import pytest

from kerasseq.datasets.bundled import Bundled

ROWS = 240


@pytest.fixture
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundled set has `ROWS` rows: its commands are the same, and done sooner."""
    build = Bundled.build
    monkeypatch.setattr(Bundled, "build", lambda self: build(self).take(list(range(0, 4 * ROWS, 4))))
