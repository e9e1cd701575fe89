"""The tests of this plugin run on torch unless the environment names another backend."""

import os
from pathlib import Path

import pytest

# Keras fixes its backend at the first import
os.environ.setdefault("KERAS_BACKEND", os.environ.get("KERASSEQ_BACKEND", "torch"))

CONFIG = """
name = "tiny"
exporter = []
[dataset]
name = "table"
train = "rows.csv"
[tokenizer]
name = "word"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "none"
[task]
name = "classification"
[training]
epochs = 2
[evaluation]
resamples = 100
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A small experiment with a right-to-left class and a row of settings that MLflow's names do not take."""
    rows = [
        "text,target",
        *[f"{'good' if i % 2 else 'bad'} food {i},{'جيد' if i % 2 else 'a/b: [c]'}" for i in range(40)],
    ]
    (tmp_path / "rows.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "tiny.toml").write_text(CONFIG + '[[preprocessor]]\nname = "html"\n', encoding="utf-8")
    return tmp_path / "tiny.toml"
