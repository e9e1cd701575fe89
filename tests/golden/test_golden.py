"""What kerasseq 0.1.0 left is opened, and answers as it did."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.corpus.text import Texts
from kerasseq.evaluation.again import again, elsewhere
from kerasseq.loading import load
from kerasseq.run_directory import RunDirectory
from kerasseq.runtime import load as load_file

pytestmark = pytest.mark.once

HERE = Path(__file__).parent
RUNS = ("moods", "stars")


def said(name):
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def asked(name):
    """The columns of texts."""
    found = said(name)
    return [found[column] for column in ("text", "text_2") if column in found]


@pytest.fixture
def copy(tmp_path):
    """`copy("moods")`: the run where it may be written to, with its data beside it."""

    def make(name):
        shutil.copyfile(HERE / "rows.csv", tmp_path / "rows.csv")
        run = Path(shutil.copytree(HERE / name, tmp_path / name))
        toml = (run / "experiment.toml").read_text(encoding="utf-8")
        (run / "experiment.toml").write_text(toml.replace("/golden/", f"{tmp_path}/"), encoding="utf-8")
        return RunDirectory(run)

    return make


def close(got, wanted):
    """Columns of answers, labels equal and numbers within a millionth."""
    assert list(got) == list(wanted)
    for name, values in wanted.items():
        if isinstance(values[0], str):
            assert got[name] == values
        else:
            np.testing.assert_allclose(got[name], values, atol=1.01e-6, rtol=0)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_answers_as_it_did(name):
    trained, wanted = load(HERE / name), said(name)
    close(trained.predict(*asked(name)), wanted["keras"])
    answer = trained.answer(Texts(*asked(name)))
    assert str(answer.counts) == wanted["encoding"]
    for got, weights in zip(answer.attention, wanted["attention"], strict=True):
        for row, values in zip(got, weights, strict=True):
            np.testing.assert_allclose(row, values, atol=1e-6, rtol=0)


@pytest.mark.parametrize("name", RUNS)
def test_an_exported_file_answers_as_it_did_and_says_what_it_is(name):
    model, wanted = load_file(HERE / name / "model.onnx"), said(name)
    columns, counts = model.answer(*asked(name))
    close(columns, wanted["onnx"])
    assert {key: values.tolist() for key, values in counts.items()} == wanted["counts"]
    arrays, _ = model.run(model.input.rows(*asked(name)))
    np.testing.assert_allclose(list(arrays.values())[-1], wanted["onnx_numbers"], atol=1e-6, rtol=0)
    assert (model.metadata["version"], model.metadata["name"]) == ("0.1.0", name)
    assert model.metadata["data"]["train"]["rows"] == 60
    assert (model.takes, model.pairs) == {"moods": ("text", False), "stars": ("pair", True)}[name]
    assert list(model.outputs) == {"moods": ["label", "probabilities"], "stars": ["score"]}[name]
    assert not {"takes", "columns", "outputs"} & {
        key.removeprefix("kerasseq.") for key in model.session.get_modelmeta().custom_metadata_map
    }


@pytest.mark.parametrize("name", RUNS)
def test_predict_answers_from_the_run_and_from_its_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wanted = said(name)
    columns = {"text": "text", "text_2": "topic"}
    for target, names in ((HERE / name, columns), (HERE / name / "model.onnx", dict.fromkeys(("text", "text_2")))):
        header = [names[column] or column for column in ("text", "text_2") if column in wanted]
        buffer = io.StringIO()
        rows = list(zip(*asked(name), strict=True))
        csv.writer(buffer).writerows([header, *rows])
        (tmp_path / "new.csv").write_text(buffer.getvalue(), encoding="utf-8", newline="")
        result = CliRunner().invoke(main, ["predict", str(target), "--input", "new.csv", "--format", "jsonl"])
        assert result.exit_code == 0, result.output
        found = [json.loads(line) for line in result.stdout.splitlines()]
        close({key: [row[key] for row in found] for key in wanted["onnx"]}, wanted["onnx"])
        assert result.stderr.splitlines()[-1] == wanted["encoding"]


@pytest.mark.parametrize("name", RUNS)
def test_other_rows_and_its_own_get_the_scores_that_they_got(name, copy):
    run, wanted = copy(name), said(name)
    found = {score.name: score.value for score in elsewhere(run, HERE / "rows.csv").scores}
    assert found == pytest.approx(wanted["elsewhere"], abs=1e-6)
    before = json.loads((HERE / name / "metrics.json").read_text(encoding="utf-8"))["scores"]
    outcome = again(run)
    values = {score.name: score.value for score in outcome.scores}
    assert values == pytest.approx({score: entry["value"] for score, entry in before.items()}, abs=1e-6)
    lines = [(path / "predictions.csv").read_text(encoding="utf-8") for path in (HERE / name, run.path)]
    assert [line.split(",")[0] for line in lines[0].splitlines()] == [
        line.split(",")[0] for line in lines[1].splitlines()
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_it_is_verified(name, copy, monkeypatch):
    run = copy(name)
    monkeypatch.chdir(run.path.parent)
    result = CliRunner().invoke(main, ["verify", name, "--backends", "torch,onnx"])
    assert result.exit_code == 0, result.output
    assert run.verify.exists()
