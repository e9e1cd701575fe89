"""From runs to rows, against the same sums written out."""

from dataclasses import replace

import numpy as np
import pytest

from kerasseq.compare.agreement import Agreement
from kerasseq.compare.road import compare
from kerasseq.compare.summary import Done, summarise
from kerasseq.compare.tables import scores


def done(models, work, out):
    found = []
    for model in models:
        found.append(Done(model, [work(job, out) for job in model.jobs]))
    return found


def test_a_row_is_the_mean_over_its_seeds_with_their_spread(plan, fake, tmp_path):
    found = summarise(done(plan("gru", seeds=3), fake(), tmp_path), "now")
    [row] = found.rows
    for name in ("f1_macro", "log_loss"):
        seeds = [run.metrics["scores"][name]["value"] for run in row.runs]
        assert row.scores[name].score.value == pytest.approx(np.mean(seeds))
        assert row.scores[name].spread == pytest.approx(np.std(seeds, ddof=1))
        assert row.scores[name].seeds == tuple(seeds)
        assert row.scores[name].score.low < np.mean(seeds) < row.scores[name].score.high
    assert found.names[0] == "f1_macro"
    assert not any(name.endswith("]") for name in row.scores)


def test_a_single_seed_has_no_spread_and_the_interval_of_its_own_metrics(plan, fake, tmp_path):
    [row] = summarise(done(plan("gru", seeds=1), fake(), tmp_path), "now").rows
    own = row.runs[0].metrics["scores"]["accuracy"]
    score = row.scores["accuracy"].score
    assert row.scores["accuracy"].spread is None
    assert (score.value, score.low, score.high) == pytest.approx((own["value"], own["low"], own["high"]))


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_the_best_row_is_that_of_the_best_main_score_and_the_others_are_told_from_it(plan, fake, tmp_path, kind):
    work = fake({"weak": 3.0, "strong": 0.2, "even": 0.21}, kind=kind)
    found = summarise(done(plan("weak", "strong", "even", seeds=2), work, tmp_path), "now")
    weak, strong, even = found.rows
    best = strong if strong.best else even
    assert [row.best for row in found.rows].count(True) == 1 and not weak.best and best.difference is None
    main = {"classification": "f1_macro", "regression": "mae"}[kind]
    apart = weak.scores[main].score.value - best.scores[main].score.value
    assert weak.difference.value == pytest.approx(apart)
    assert (apart > 0) is (kind == "regression") is found.lower_is_better
    assert weak.difference.p < 0.05
    close = even if best is strong else strong
    assert close.difference.p > weak.difference.p


def test_models_that_lie_apart_by_their_seeds_alone_are_one(plan, fake, tmp_path):
    work = fake({"one": 0.9, "other": 0.9001})  # drawn apart
    entries = done(plan("one", "other", seeds=5), work, tmp_path)
    spread = np.linspace(-0.05, 0.05, 5)
    for entry, apart in zip(entries, (0.0, 0.02), strict=True):
        for place, run in enumerate(entry.runs):
            value = 0.5 + apart + spread[place]
            scored = replace(run.scored, points={"f1_macro": value}, replicas={"f1_macro": np.full(100, value)})
            metrics = {**run.metrics, "scores": {"f1_macro": {**run.metrics["scores"]["f1_macro"], "value": value}}}
            entry.runs[place] = replace(run, metrics=metrics, scored=scored)
    worse, best = summarise(entries, "now").rows
    assert best.best and worse.difference.value == pytest.approx(-0.02)
    assert worse.difference.p > 0.3, "the rows say the same of every draw"


def test_a_score_that_only_its_task_knows_keeps_its_title_and_its_direction(plan, fake, tmp_path):
    entries = done(plan("worse", "better", seeds=1), fake(), tmp_path)
    for entry, value in zip(entries, (9e-5, 5e-5), strict=True):
        [run] = entry.runs
        said = {"value": value, "low": None, "high": None, "title": "Pinball loss", "error": True}
        metrics = {**run.metrics, "main": "pinball", "scores": {"pinball": said}}
        metrics["baselines"] = {"last_value": {"pinball": {**said, "value": 2e-4}}}
        drawn = replace(run.scored, replicas={"pinball": np.full(100, value)}, headlines=())
        entry.runs = [replace(run, metrics=metrics, scored=drawn)]
    found = summarise(entries, "now")
    assert [row.best for row in found.rows] == [False, True] and found.lower_is_better
    table = scores(found)
    assert table.head[3:5] == ["Pinball loss ↓", "to the best"]
    assert [row[3].text for row in table.rows] == ["9.0e-05", "5.0e-05", "2.0e-04"]
    assert (table.rows[0][4].text, table.rows[2][0].text) == ("+4.0e-05", "Last value")


def test_rows_on_other_texts_are_not_told_apart_and_it_is_said(plan, fake, tmp_path):
    work = fake({"a": 0.5, "b": 1.5, "c": 1.0}, data={"c": "other"})
    found = summarise(done(plan("a", "b", "c", seeds=1), work, tmp_path), "now")
    assert [row.group for row in found.rows] == [0, 0, 1]
    assert found.rows[2].difference is None and not found.rows[2].best
    assert found.rows[1].difference is not None
    [remark] = found.remarks
    assert remark.startswith("the test rows differ") and remark.endswith("a, b: 60 rows; c: 60 rows")
    assert [baseline.group for baseline in found.baselines] == [0, 1]


def test_a_seed_that_saw_changed_data_counts_as_failed(plan, fake, tmp_path):
    [entry] = done(plan("gru", seeds=1), fake(), tmp_path)
    [changed] = done(plan("gru", seeds=1), fake(data={"gru": "changed"}), tmp_path / "b")
    entry.runs += changed.runs
    found = summarise([entry], "now")
    assert len(found.rows[0].runs) == 1
    assert "the data has changed" in found.rows[0].failures[0].reason
    assert found.failed


def test_nothing_finished_is_a_comparison_of_failures(plan, fake, tmp_path):
    def work(job, out):
        from kerasseq.errors import RunError

        raise RunError("no room")

    found = compare(plan("a", "b", seeds=1), tmp_path / "out", work=work)
    assert found.failed and found.main == ""
    assert "no room" in (tmp_path / "out" / "comparison.md").read_text("utf-8")
    assert "no room" in (tmp_path / "out" / "comparison.html").read_text("utf-8")


@pytest.mark.both
def test_backends_that_differ_beyond_the_seeds_fail(plan, fake, tmp_path):
    none = ["encoder.dropout=0.0", "task.dropout=0.0", "embedding.dropout=0.0"]
    entries = done(plan("gru", seeds=3, backends=["torch", "jax"], overrides=none), fake(), tmp_path)
    same = summarise(entries, "now")
    assert [one.ok for one in same.agreements] == [True] and not same.failed
    assert same.agreements[0].difference == 0
    broken = done(plan("gru", seeds=3, backends=["jax"], overrides=none), fake({"gru": 4.0}), tmp_path / "b")
    found = summarise([entries[0], *broken], "now")
    assert isinstance(found.agreements[0], Agreement) and found.agreements[0].ok is False
    assert found.failed
