"""`kerasseq distill`."""

import csv
from pathlib import Path

import pytest

MOODS = Path(__file__).parents[1] / "golden" / "moods"
SMALL = ["--set", "training.epochs=1", "--set", 'encoder={name="none"}', "--set", "evaluation.resamples=100"]


@pytest.fixture
def texts(tmp_path):
    rows = [
        "text,mood",
        *(f"{word} خدمة {n},{'good' if n % 5 == 0 else ''}" for n in range(30) for word in ("bad", "good")),
    ]
    (tmp_path / "texts.csv").write_text("\n".join([*rows, ",", "bad خدمة 0,"]) + "\n", encoding="utf-8")
    return tmp_path / "texts.csv"


def test_a_student_is_trained_measured_and_compared_with_its_teachers(kerasseq, texts):
    found = kerasseq("distill", MOODS, "--data", texts, "--temperature", "2", *SMALL)
    assert found.exit_code == 0, found.output
    assert "60 texts of " in found.stderr
    assert "left out: 1 empty, 1 repeated" in found.stderr
    assert "wrote texts.distilled.csv" in found.stderr
    assert "agreement with the teachers on 6 held-out texts: the same class of " in found.stdout
    assert "report: runs/texts-distilled/0001/report.html" in found.stdout
    with Path("texts.distilled.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["text", "score[bad]", "score[good]", "score[so-so]"]
    assert "temperature = 2.0" in Path("runs/texts-distilled/0001/experiment.toml").read_text(encoding="utf-8")
    card = Path("runs/texts-distilled/0001/MODEL_CARD.md").read_text(encoding="utf-8")
    assert "labelled by: the model" in card
    again = kerasseq("distill", MOODS, "--data", texts, *SMALL)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "texts.distilled.csv is already there; --force overwrites it, --output writes another file" in again.stderr


def test_what_is_asked_for_is_checked_before_anybody_answers(kerasseq, texts, config):
    for arguments, message in (
        (["--label-share", "0.3"], "--label-share must have labels to share with; name their column with --label"),
        (["--output", "a.json"], "--output must end in .csv, got a.json"),
        (["--output", texts, "--force"], "--output must be another file than the data"),
        (["--text", "body"], '--text must be a column of texts.csv, got "body"'),
        (["--config", config, "--set", "encoder.units=0"], "encoder.units: must be at least 1, got 0"),
        (["--config", config, "--set", "task.name=regression"], "must be one column for"),
    ):
        found = kerasseq("distill", MOODS, "--data", texts, *arguments)
        assert found.exit_code == 2, (arguments, found.output)
        assert message in found.stderr, arguments
    assert not Path("texts.distilled.csv").exists()
    assert not Path("runs").exists()


def test_a_wrong_label_is_named_by_its_line(kerasseq, texts):
    texts.write_text("text,mood\na,bad\nb,awful\n", encoding="utf-8")
    found = kerasseq("distill", MOODS, "--data", texts, "--label", "mood")
    assert found.exit_code == 1
    assert 'texts.csv:3: mood: must be a class of the teachers, bad, good, so-so, got "awful"' in found.stderr
