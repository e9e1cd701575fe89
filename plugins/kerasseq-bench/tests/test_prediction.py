import csv
import json

import pytest
from click.testing import CliRunner
from kerasseq_bench.prediction import prediction

from kerasseq.commands.main import main
from kerasseq.plugin import UsageError

CONFIG = """
name = "tiny"
[dataset]
name = "bundled"
set = "technology_ar"
[tokenizer]
name = "word"
[embedding]
name = "learned"
dimension = 4
[encoder]
name = "none"
[pooler]
name = "mean"
[task]
name = "regression"
[training]
epochs = 1
batch_size = 256
[evaluation]
baselines = false
[[exporter]]
name = "onnx"
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prediction")
    (folder / "tiny.toml").write_text(CONFIG, encoding="utf-8")
    done = CliRunner().invoke(main, ["run", str(folder / "tiny.toml"), "--out", str(folder / "runs")])
    assert done.exit_code == 0, done.output
    return folder / "runs" / "tiny" / "0001"


def test_every_program_answers_every_row_in_a_process_of_its_own_and_is_measured(run, tmp_path):
    texts, file = tmp_path / "texts.csv", tmp_path / "found.json"
    with texts.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["text"], *([f"هاتف {n}"] for n in range(300))])
    asked = [str(run), "--texts", str(texts), "--rounds", "1", "--json", str(file)]
    result = CliRunner().invoke(prediction, asked, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "300 rows, csv to csv, medians of 1 rounds in turn" in result.output
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["rows"] == 300
    assert list(found["programs"]) == ["kerasseq, model.onnx", "scikit-learn"]
    for [measured] in found["programs"].values():
        assert measured["seconds"] > 0
        assert measured["cpu"] > 0
        assert 30 < measured["peak"] < 20_000


def test_a_run_without_a_file_is_told_what_writes_it(tmp_path):
    with pytest.raises(UsageError, match=r"must hold a model\.onnx; kerasseq export"):
        CliRunner().invoke(prediction, [str(tmp_path)], catch_exceptions=False)
