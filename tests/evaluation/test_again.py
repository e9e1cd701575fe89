import shutil

import pytest

from kerasseq.errors import DataError, RunError, UsageError
from kerasseq.evaluation.again import again, elsewhere
from kerasseq.run_directory import RunDirectory


@pytest.fixture
def copy(finished, tmp_path):
    """The finished run and its data, where nobody else looks."""
    folder = tmp_path / "copy"
    shutil.copytree(finished.parents[2], folder)
    directory = RunDirectory(folder / "runs" / "tiny" / "0001")
    text = directory.experiment.read_text(encoding="utf-8").replace(str(finished.parents[2]), str(folder))
    directory.experiment.write_text(text, encoding="utf-8")
    return directory


def contents(directory):
    return {p.name: p.read_bytes() for p in directory.path.rglob("*") if p.is_file()}


def test_measured_again_a_run_has_the_same_scores_to_the_last_digit(copy):
    before = contents(copy)
    for path in (copy.metrics, copy.predictions, copy.report, copy.card):
        path.unlink()
    outcome = again(copy)
    after = contents(copy)
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} <= {"report.html", "MODEL_CARD.md"}
    assert "2 epochs" in copy.card.read_text(encoding="utf-8")
    assert set(outcome.baselines) == {"majority", "ngrams"}


@pytest.mark.parametrize("side", ["train", "test"])
def test_a_run_is_not_measured_again_on_other_rows(copy, side):
    rows = copy.path.parents[2] / "rows.csv"
    lines = rows.read_bytes().decode("utf-8").split("\r\n")
    row = next(i for i, line in enumerate(lines) if line.endswith(f",{side}"))
    lines[row] = lines[row].replace(lines[row].split(",")[0], "شيء آخر", 1)
    rows.write_bytes("\r\n".join(lines).encode("utf-8"))
    with pytest.raises(RunError, match=rf"{side} must have the rows that the run had.*--data FILE"):
        again(copy)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"backend": "torch", "data": 3}'])
def test_a_damaged_environment_is_named(copy, content):
    copy.environment.write_text(content)
    with pytest.raises(RunError, match=r"environment.json: must be the environment.json of a run"):
        again(copy)


def test_the_rows_of_a_file_are_measured_and_the_run_stays_as_it_is(copy, tmp_path):
    before = contents(copy)
    rows = (copy.path.parents[2] / "rows.csv").read_bytes().decode("utf-8").split("\r\n")
    kept = [rows[0], *(row for row in rows if row.endswith(",test"))]
    (tmp_path / "new.csv").write_bytes("\r\n".join(kept).encode("utf-8"))
    outcome = elsewhere(copy, tmp_path / "new.csv")
    assert contents(copy) == before
    assert outcome.baselines == {}
    own = again(copy)
    assert [(s.name, s.value, s.low) for s in outcome.scores] == [(s.name, s.value, s.low) for s in own.scores]


def test_a_file_may_have_another_format_than_the_data_of_the_run(copy, tmp_path):
    (tmp_path / "new.jsonl").write_text('{"text": "خدمة", "mood": "good"}\n{"text": "bad", "mood": "bad"}\n')
    assert len(elsewhere(copy, tmp_path / "new.jsonl").truth) == 2


@pytest.mark.parametrize(
    ("name", "content", "error", "match"),
    [
        ("a.csv", "text,feeling\na,good\n", UsageError, 'a.csv: must have a column "mood"'),
        ("a.csv", "text,mood\na,good\nb,great\n", DataError, "a.csv:3: mood: must be one of bad, good, so-so, got"),
        ("a.csv", "text,mood\na,\n", DataError, "a.csv:2: mood: must have a value"),
        ("a.csv", "text,mood\n", DataError, "a.csv:1: row: must be at least one below the header, got none"),
        ("a.txt", "text,mood\na,good\n", UsageError, "a.txt: has no known suffix"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(copy, tmp_path, name, content, error, match):
    (tmp_path / name).write_text(content)
    with pytest.raises(error, match=match):
        elsewhere(copy, tmp_path / name)


def test_a_file_that_is_not_there_is_said(copy, tmp_path):
    with pytest.raises(UsageError, match=r"rowz.csv: must be a file, got nothing there; did you mean"):
        (tmp_path / "rows.csv").write_text("")
        elsewhere(copy, tmp_path / "rowz.csv")


@pytest.mark.parametrize("content", [b"epoch,loss\nx,y\n", b"\xff\x00", b"epoch\n1,2,3\n"])
@pytest.mark.parametrize("name", ["history", "timing"])
def test_a_damaged_history_is_named(copy, name, content):
    path = getattr(copy, name)
    path.write_bytes(content)
    with pytest.raises(RunError, match=f"{path.name}: must be what training wrote, got "):
        again(copy)
