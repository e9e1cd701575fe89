"""What the tests share: a config and its table, whose words keep company by kind."""

import os
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", os.environ.get("KERASSEQ_BACKEND", "torch"))

KINDS = {"drinks": "tea coffee juice شاي".split(), "towns": "rome cairo paris oslo".split()}
BESIDE = {"drinks": "hot cup drink".split(), "towns": "road bridge square".split()}

CONFIG = """
name = "company"

[dataset]
name = "table"
train = "company.csv"

[split]
validation = 0.2
test = 0.2

[[preprocessor]]
name = "casefold"

[tokenizer]
name = "word"

[encoder]
name = "none"

[pooler]
name = "mean"

[task]
name = "classification"
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`company.toml`, its table of 300 rows, and `company.txt`, the same texts a line each."""
    folder = tmp_path_factory.mktemp("company")
    random = np.random.default_rng(0)
    rows = []
    for row in range(300):
        kind = ("drinks", "towns")[row % 2]
        words = [*random.choice(KINDS[kind], 3), *random.choice(BESIDE[kind], 3), f"once{row}"]
        rows.append((" ".join(random.permutation(words)).title(), kind))
    (folder / "company.csv").write_text("text,target\n" + "\n".join(map(",".join, rows)) + "\n", encoding="utf-8")
    (folder / "company.txt").write_text("\n".join(text for text, _ in rows) + "\n", encoding="utf-8")
    (folder / "company.toml").write_text(CONFIG, encoding="utf-8")
    return folder
