"""A line of JSON for everything that happens to a run."""

import json
import math

from kerasseq.trackers.lines import Lines
from kerasseq.trackers.tracker import Results, Tracked


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_json_cannot_say_is_null_and_every_letter_stays(tmp_path):
    tracker = Lines().build()
    assert tracker.start(Tracked("مزاج", "مزاج/0001", tmp_path, {"seed": 0, "task.labels": ["a"]})) == ""
    tracker.epoch(3, {"loss": 0.5, "validation_f1": math.nan})
    tracker.end(Results({"f1[سلبي]": 0.25}, {"majority": {"f1[سلبي]": 0.0}}, (tmp_path / "report.html",)))
    started, epoch, ended = lines(tmp_path / "tracking.jsonl")
    assert (started["event"], started["run"]) == ("started", "مزاج/0001")
    assert started["settings"] == {"seed": 0, "task.labels": ["a"]}
    assert (epoch["epoch"], epoch["logs"]) == (3, {"loss": 0.5, "validation_f1": None})
    assert (ended["metrics"], ended["baselines"]["majority"]) == ({"f1[سلبي]": 0.25}, {"f1[سلبي]": 0.0})
    assert ended["artifacts"] == [str(tmp_path / "report.html")]


def test_runs_may_share_a_file(tmp_path):
    shared = tmp_path / "all" / "runs.jsonl"
    for name in ("a/0001", "b/0001"):
        tracker = Lines(path=str(shared)).build()
        tracker.start(Tracked("x", name, tmp_path, {}, resumed=name.startswith("b")))
        tracker.stop("failed", "RunError: no")
    assert [(line["run"], line["event"]) for line in lines(shared)] == [
        ("a/0001", "started"),
        ("a/0001", "failed"),
        ("b/0001", "resumed"),
        ("b/0001", "failed"),
    ]
