"""The page on n-grams beside the network: its block is a config, its commands run, its claims hold."""

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.datasets.bundled import Bundled
from kerasseq.run_directory import RunDirectory

PAGE = (Path(__file__).parents[2] / "docs" / "wide.md").read_text(encoding="utf-8")
[CONFIG] = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
COMMANDS = re.findall(r"^kerasseq ([^#\n]*)", PAGE, re.M)
SMALL = ["--set", "training.epochs=2", "--set", "encoder.units=4", "--set", "evaluation.resamples=100"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Each command of the page, run."""
    folder = tmp_path_factory.mktemp("wide")
    table = Bundled(name="bundled").build().slice(0, 240)
    with (folder / "my.csv").open("w", encoding="utf-8", newline="") as file:
        rows = zip(table["text"].to_pylist(), table["target"].to_pylist(), strict=True)
        csv.writer(file).writerows([["text", "score"], *rows])
    (folder / "my.toml").write_text(CONFIG, encoding="utf-8")
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in COMMANDS:
            result = CliRunner().invoke(main, [*shlex.split(command), *SMALL])
            assert result.exit_code == 0, result.output
            found.append((RunDirectory.open(folder / "runs" / "my" / f"{len(found) + 1:04}"), result.output))
    return found


def metrics(run):
    return json.loads(run.metrics.read_text(encoding="utf-8"))


def test_the_network_alone_is_what_a_share_of_one_answers(runs):
    (_, said), (alone, _), (half, _), _ = runs
    assert re.search(r"answer: \S+ of the network and \S+ of the n-grams", said)
    found = metrics(alone)
    assert found["scores"] == found["parts"]["network_alone"]
    assert metrics(half)["parts"]["network_alone"] == found["scores"]  # the same training
    assert metrics(half)["scores"] != found["scores"]


def test_the_bar_is_what_the_linear_model_answers_alone(runs):
    baselines = [metrics(run)["baselines"]["ngrams"] for run, _ in runs]
    assert all(found == baselines[0] for found in baselines)


def test_the_report_has_the_parts_and_the_n_grams(runs):
    page = runs[2][0].report.read_text(encoding="utf-8")
    for words in (
        "Network alone",
        "N-grams, linear",
        "N-grams: what weighs most",
        "0.5 of the network",
        "lower",
        "higher",
    ):
        assert words in page


def test_every_run_left_a_proved_file(runs):
    for run, said in runs:
        assert run.onnx.exists()
        assert "proof equal to the model" in said


def test_without_the_section_the_network_answers_as_it_does_alone(runs):
    (_, _), (alone, _), _, (without, said) = runs
    assert "parts" not in metrics(without)
    assert "of the network" not in said
    assert metrics(without)["scores"] == metrics(alone)["scores"]


def explained(run, *arguments):
    return CliRunner().invoke(main, ["predict", str(run.path), "شركة تطلق نموذجا", "--explain", *arguments])


def test_one_answer_is_explained_by_its_parts_and_n_grams(runs):
    half, _ = runs[2]
    row = json.loads(explained(half, "--format", "jsonl").stdout)
    network, linear = (row["explanation"][part] for part in ("network", "linear"))
    assert (network["factor"], linear["factor"]) == (0.5, 0.5)
    assert (network["alone"] + linear["alone"]) / 2 == pytest.approx(row["prediction"], abs=1e-4)
    added = linear["start"] + linear["rest"] + sum(moved for _, moved in linear["weighed"])
    assert added == pytest.approx(linear["alone"] / 2, abs=1e-4)
    said = explained(half).stdout
    assert f"n-grams in the number:\n    {linear['weighed'][0][1]:+.3f}  \u2068" in said
    assert f"{linear['start']:+.3f}  without any\n" in said
    page = half.report.read_text(encoding="utf-8")
    assert 'data-label="n-grams"' in page
    assert 'data-label="n-grams"' not in runs[1][0].report.read_text(encoding="utf-8")  # they have no part there


def test_a_run_of_neither_n_grams_nor_attention_is_explained_by_leaving_words_out(runs):
    row = json.loads(explained(runs[3][0], "--format", "jsonl").stdout)
    assert [word["word"] for word in row["explanation"]["words"]] == ["شركة", "تطلق", "نموذجا"]
    for run in (runs[1][0], runs[3][0]):  # in the second n-grams have no part
        assert 'data-label="words"' in run.report.read_text(encoding="utf-8")
