import json
import re
import tomllib
from pathlib import Path

import pytest

from kerasseq.config.settings import SplitSettings
from kerasseq.datasets.imdb import Imdb
from kerasseq.datasets.named import Ajgt, Arsarcasm, Sst2, Sst5, Trec
from kerasseq.diagnosis import sides, targets, texts
from kerasseq.registry.components import load

DOCS = Path(__file__).parents[2] / "docs" / "data.md"
TEXT = DOCS.read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
BLOCKS = re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_toml_is_valid(block):
    sections = tomllib.loads(block)
    assert sections
    for kind, table in sections.items():
        settings = SplitSettings if kind == "split" else load(kind, table["name"])[1]
        settings.model_validate_json(json.dumps(table))


def test_tables_in_memory_are_trained_on_asked_and_refused_as_the_page_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "session"}
    for block in PYTHON:
        exec(compile(block, "docs/data.md", "exec"), names)
    assert names["answers"]["prediction"] == names["model"].predict(["good food", "bad food"])["prediction"]
    assert len(names["outcome"].truth) == 20
    assert f"```text\n{names['said']}\n```" in TEXT


def test_every_finding_is_explained():
    source = "".join(Path(module.__file__).read_text() for module in (sides, targets, texts))
    names = set(re.findall(r'"(?:pass|warn|fail)", "(\w+)"', source)) - {"pass", "warn", "fail"}
    assert {"rows", "overlap", "scores", "invisible"} <= names
    assert {name for name in names if not re.search(rf"^\| `{name}` \|", TEXT, re.M)} == set()


def test_every_file_of_a_mirror_is_listed():
    for spec in (Sst2, Sst5, Trec, Ajgt, Arsarcasm, Imdb):
        for file in spec.files.values():
            assert re.search(rf"^\| .* \| `{file.dataset}` \| .*`{re.escape(file.name)}`", TEXT, re.M), file.name
        assert spec.licence in TEXT
