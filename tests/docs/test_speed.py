"""What docs/speed.md shows is what happens."""

import re
from pathlib import Path
from typing import Any

import keras
import pytest

import kerasseq

PAGE = (Path(__file__).parents[2] / "docs" / "speed.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="the page shows what torch does")
def test_the_code_of_the_page_accelerates_a_model(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    for block in BLOCKS:
        exec(block, {})
    printed = capsys.readouterr().out.splitlines()
    names = [line.split()[0].rpartition("/")[2].rstrip("_0123456789") for line in printed]
    assert names == ["forward_lstm", "backward_lstm"]
    assert all(line.split()[1].rstrip(":") in ("compiled", "fused") for line in printed)


def test_the_package_offers_what_the_page_calls() -> None:
    assert {name for name in re.findall(r"kerasseq\.(\w+)\(", PAGE)} <= set(kerasseq.__all__)


def test_every_setting_of_the_page_exists() -> None:
    from kerasseq.config.settings import TrainingSettings

    assert set(re.findall(r"`training\.(\w+)", PAGE)) <= set(TrainingSettings.model_fields)
