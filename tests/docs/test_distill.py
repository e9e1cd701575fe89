"""The page on soft targets: its blocks are configs, its commands run, its claims hold."""

import csv
import random
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from kerasseq.commands.main import main
from kerasseq.datasets.table import Table
from kerasseq.errors import DataError
from kerasseq.runtime import load

PAGE = (Path(__file__).parents[2] / "docs" / "distill.md").read_text(encoding="utf-8")
CONFIGS = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
TABLE, FAULTS, SAID = re.findall(r"```text\n(.*?)```", PAGE, re.S)
COMMANDS = re.findall(r"^kerasseq ([^#\n]*)", PAGE, re.M)
SMALL = ["training.epochs=2", 'encoder={name="none"}', "embedding.dimension=4", "evaluation.baselines=false"]
SETTINGS = [word for setting in SMALL for word in ("--set", setting)]


def rows(count):
    draw = random.Random(0)
    for n in range(count):
        good = draw.random() < 0.5
        share = 0.2 * draw.random() + (0.8 if good else 0)
        words = [
            *draw.choices("the a food place".split(), k=4),
            draw.choice(["good", "fine"] if good else ["bad", "poor"]),
        ]
        yield f"{n} {' '.join(words)}", round(share, 3), good


def write(path, header, lines):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *lines])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The tables and the configs of the page."""
    place = tmp_path_factory.mktemp("distill")
    shares = [[text, f"{1 - share:.3f}", share, ["neg", "pos"][good]] for text, share, good in rows(120)]
    write(place / "panel.csv", TABLE.splitlines()[0].split(","), shares)
    write(place / "scores.csv", ["text", "score", "deviation"], [[t, 10 * share, share] for t, share, _ in rows(120)])
    moods = [[text, ["neg", "pos"][good] if n % 2 else ""] for n, (text, _, good) in enumerate(rows(200))]
    write(place / "texts.csv", ["text", "mood"], moods)
    for config in CONFIGS:
        (place / f"{tomllib.loads(config)['name']}.toml").write_text(config, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def said(folder):
    """What each command of the page prints."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for command in COMMANDS:
            result = CliRunner().invoke(main, [*shlex.split(command), *SETTINGS])
            assert result.exit_code == 0, result.output
            found.append(result.output)
    return found


def test_the_table_of_the_page_is_read_as_it_says(tmp_path):
    (tmp_path / "panel.csv").write_text(TABLE, encoding="utf-8")
    settings = {"train": str(tmp_path / "panel.csv"), "target": ("p_neg", "p_pos"), "classes": ("neg", "pos")}
    built = Table(**settings, label="label").build()
    assert built["target"].to_pylist() == ["pos", "pos", "neg"]
    assert built["distribution"].to_pylist()[1:] == [{"neg": 0.35, "pos": 0.65}, {"neg": 1, "pos": 0}]
    wrong = "text,p_neg,p_pos,label\na,0.9,0.2,\nb,0.35,65 %,\nc,,,\n"
    (tmp_path / "panel.csv").write_text(wrong, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        Table(**settings, label="label").build()
    assert str(caught.value).replace(f"{tmp_path}/", "").startswith(FAULTS)


def test_a_student_agrees_with_its_teacher_and_is_measured_by_the_labels(said):
    agreement, right = (re.sub(r"\d+(\\\.\d+)?", r"\\d+(\\.\\d+)?", re.escape(line)) for line in SAID.splitlines())
    teacher, student, labelled, third = said
    assert "agreement" not in teacher
    for output in (student, labelled, third):
        assert re.search(agreement, output), output
    assert re.search(right, labelled)
    assert not re.search(right, student)


def test_every_student_left_its_table_and_a_proved_file_of_the_same_classes(folder, said):
    for name, run in (("texts.distilled", "texts-distilled"), ("again", "again"), ("third", "panel")):
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
        assert header[:3] == ["text", "score[neg]", "score[pos]"]
        [*_, last] = sorted((folder / "runs" / run).iterdir())
        assert load(last / "model.onnx").labels == ("neg", "pos")
        assert "five readers" not in (last / "report.html").read_text(encoding="utf-8")


def test_a_score_with_its_deviation_trains(folder, monkeypatch):
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, ["train", "scores.toml", *SETTINGS])
    assert result.exit_code == 0, result.output
