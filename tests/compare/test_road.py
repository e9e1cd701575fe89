import csv
import json

import pytest

from kerasseq.compare.process import place
from kerasseq.compare.road import compare
from kerasseq.errors import RunError

FILES = {"comparison.json", "comparison.csv", "comparison.md", "comparison.html", "measured", "runs"}


def test_every_job_is_done_one_after_another_and_the_files_are_written(plan, fake, tmp_path):
    said, work, out = [], fake(), tmp_path / "out"
    found = compare(plan("a", "b", seeds=2), out, said.append, work)
    assert [name for name, _, _ in work.calls] == ["a", "a", "b", "b"]
    assert [seed for _, _, seed in work.calls] == [0, 1, 0, 1]
    assert {path.name for path in out.iterdir()} == FILES
    assert said[0].startswith("[1/4] a, ") and said[-1].startswith("[4/4] b, ") and "f1_macro 0." in said[-1]
    assert not found.failed


def test_a_second_call_takes_what_the_first_finished(plan, fake, tmp_path):
    out, first = tmp_path / "out", fake()

    def interrupted(job, out):
        if len(first.calls) == 2:
            raise KeyboardInterrupt
        return first(job, out)

    with pytest.raises(KeyboardInterrupt):
        compare(plan("a", "b", seeds=2), out, work=interrupted)
    said, second = [], fake()
    found = compare(plan("a", "b", seeds=2), out, said.append, second)
    assert [call[::2] for call in second.calls] == [("b", 0), ("b", 1)]
    assert "done before" in said[0] and "done before" in said[1]
    assert [len(row.runs) for row in found.rows] == [2, 2]


def test_other_settings_are_trained_anew_and_a_lost_run_too(plan, fake, tmp_path):
    out = tmp_path / "out"
    compare(plan("a", seeds=1), out, work=fake())
    work = fake()
    compare(plan("a", seeds=1, overrides=["encoder.units=5"]), out, work=work)
    assert len(work.calls) == 1
    [model] = plan("a", seeds=1)
    place(model.jobs[0], out).with_suffix(".npz").write_bytes(b"cut")
    again = fake()
    compare([model], out, work=again)
    assert len(again.calls) == 1


def test_a_run_that_fails_is_a_row_that_says_why_and_the_rest_goes_on(plan, fake, tmp_path):
    work, out = fake(), tmp_path / "out"

    def failing(job, out):
        if job.experiment.name == "b" or (job.experiment.name, job.seed) == ("c", 1):
            raise RunError("training: loss must stay finite | got <nan>")
        return work(job, out)

    found = compare(plan("a", "b", "c", seeds=2), out, work=failing)
    assert found.failed
    assert [(len(row.runs), len(row.failures)) for row in found.rows] == [(2, 0), (0, 2), (1, 1)]
    models = json.loads((out / "comparison.json").read_text("utf-8"))["models"]
    assert models[1]["scores"] == {} and models[1]["failures"][0]["reason"].startswith("training: loss")
    with (out / "comparison.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert lines[1]["f1_macro"] == "" and "loss must stay finite" in lines[1]["failures"]
    assert "1 of 2 seeds failed" in (out / "comparison.md").read_text("utf-8")


def test_a_place_that_cannot_be_written_to_is_said_before_anything_trains(plan, fake, tmp_path):
    (tmp_path / "file").write_text("")
    work = fake()
    with pytest.raises(RunError, match="file/out: must be a folder that can be written to"):
        compare(plan("a", seeds=1), tmp_path / "file" / "out", work=work)
    assert not work.calls
