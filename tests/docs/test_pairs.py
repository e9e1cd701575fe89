"""The page on pairs: its block is a config, its commands run, its list is what is counted."""

import csv
import json
import re
import shlex
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.compare import worker
from kerasseq.run_directory import RunDirectory
from kerasseq.wide.matches import NAMES

PAGE = (Path(__file__).parents[2] / "docs" / "pairs.md").read_text(encoding="utf-8")
[CONFIG] = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
COMMANDS = re.findall(r"^kerasseq ([^#\n]*)", PAGE, re.M)
SMALL = [
    "--set", "training.epochs=1", "--set", "encoder.units=4", "--set", "encoder.layers=1",
    "--set", "evaluation.resamples=100",
]  # fmt: skip
WORDS = "cell energy light water root leaf sugar air plant sun growth seed soil stem flower".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where each command of the page was run, on answers whose mark is the share of the question's words in them."""
    folder = tmp_path_factory.mktemp("pairs")
    draw = np.random.default_rng(0)
    rows = []
    for question in range(12):
        wanted = list(draw.choice(WORDS, 8, replace=False))
        for kept in draw.integers(0, 9, 12):
            answer = draw.permutation([*wanted[:kept], "perhaps", "so"])
            rows.append([" ".join(wanted), " ".join(answer), kept * 10 / 8, f"q{question}"])
    with (folder / "grading.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["model_answer", "student_answer", "mark", "question"], *rows])
    (folder / "grading.toml").write_text(CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("KERAS_BACKEND", keras.backend.backend())
        patch.setattr("kerasseq.compare.process.launch", worker.attempt)
        patch.setattr(worker, "LONG_ENOUGH", 0.0)
        for command in COMMANDS:
            extra = ["--set", "exporter=[]"] if command != COMMANDS[0] else []
            result = CliRunner().invoke(main, [*shlex.split(command), *SMALL, *extra])
            assert result.exit_code == 0, result.output
    return folder


def test_the_overlap_has_its_part_is_a_baseline_and_stands_in_the_file(folder):
    run, alone = (RunDirectory.open(folder / "runs" / "grading" / name) for name in ("0001", "0002"))
    metrics = json.loads(alone.metrics.read_text(encoding="utf-8"))
    assert metrics["scores"]["pearson"]["value"] > 0.9
    wanted = pytest.approx(metrics["scores"]["pearson"]["value"], abs=1e-4)
    assert metrics["baselines"]["overlap"]["pearson"]["value"] == wanted
    page = run.report.read_text(encoding="utf-8")
    for words in ("Overlap, linear", "Network alone", "Overlap: what weighs most", "one deviation above the mean"):
        assert words in page
    assert run.onnx.exists()


def test_the_folds_measure_on_every_row_as_one(folder):
    found = json.loads((folder / "comparisons" / "0001" / "comparison.json").read_text(encoding="utf-8"))
    assert found["test_rows"] == [144]
    assert found["models"][0]["scores"]["pearson"]["as_one"]["value"] > 0.9


def test_the_page_lists_what_is_counted():
    listed = PAGE.split("| number | what |")[1].split("\n\n")[0]
    assert f"These {len(NAMES)} and their squares" in PAGE
    for start in {name.split(",")[0].split(" of the ")[0] for name in NAMES}:
        assert start in listed
