"""What the tests share: a table of opinions."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("KERAS_BACKEND", os.environ.get("KERASSEQ_BACKEND", "torch"))

WORDS = {"good": "great lovely fine warm bright".split(), "bad": "poor awful cold dull grim".split()}

CONFIG = """
name = "opinions"

[dataset]
name = "table"
train = "opinions.csv"

[split]
validation = 0.25
test = 0.25

[tokenizer]
name = "word"
min_frequency = 1

[embedding]
name = "learned"
dimension = 8

[encoder]
name = "simple_rnn"
units = 4
layers = 1
bidirectional = false

[pooler]
name = "mean"

[task]
name = "classification"

[training]
epochs = 2
batch_size = 16
learning_rate = 0.05

[evaluation]
resamples = 100
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config beside its table of 120 rows."""
    rows = ["text,target"]
    for row in range(120):
        kind = ("good", "bad")[row % 2]
        words = WORDS[kind]
        rows.append(f"a {words[row % 5]} and {words[row % 3]} day {row % 7},{kind}")
    (tmp_path / "opinions.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    path = tmp_path / "opinions.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path
