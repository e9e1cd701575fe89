"""`--folds`: each config and seed on every part of the rows, summed up over both and as one."""

import csv
import json
import statistics

import pytest

from kerasseq.compare.road import compare
from kerasseq.compare.tables import facts, scores
from kerasseq.errors import RunError, UsageError


def test_every_seed_is_trained_on_every_fold_of_one_split(plan):
    [model] = plan("a", seeds=2, folds=3)
    assert [(job.seed, job.fold) for job in model.jobs] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    splits = [job.experiment.split for job in model.jobs]
    assert {(split.method, split.folds, split.seed) for split in splits} == {("kfold", 3, 0)}
    assert [split.fold for split in splits] == [job.fold for job in model.jobs]


def test_a_score_is_the_mean_over_folds_and_seeds_and_stands_beside_that_of_all_rows(plan, fake, fake_pool, tmp_path):
    found = compare(plan("a", "b", seeds=2, folds=3), tmp_path, work=fake({"b": 0.5}), pooled=fake_pool)
    assert fake_pool.calls == [(name, seed, [0, 1, 2]) for name in "ab" for seed in (0, 1)]
    row = found.rows[0]
    values = [run.score("f1_macro") for run in row.runs]
    summary = row.scores["f1_macro"]
    assert summary.score.value == pytest.approx(statistics.fmean(values))
    assert summary.spread == pytest.approx(statistics.stdev(values))
    assert summary.score.low is None and summary.pooled.low < summary.pooled.value < summary.pooled.high
    assert found.groups == [180]
    assert "180 test rows in 3 folds" in facts(found)
    line = scores(found).rows[0]
    assert " ± " in line[3].text and line[3].below.startswith("as one 0.") and line[2].text == "2"


def test_the_files_have_both_scores_and_each_fold(plan, fake, fake_pool, tmp_path):
    compare(plan("a", seeds=1, folds=2), tmp_path, work=fake(), pooled=fake_pool)
    [model] = json.loads((tmp_path / "comparison.json").read_text("utf-8"))["models"]
    assert [run["fold"] for run in model["runs"]] == [0, 1]
    assert model["scores"]["f1_macro"]["as_one"]["value"] > 0
    with (tmp_path / "comparison.csv").open(encoding="utf-8", newline="") as file:
        line, baseline = csv.DictReader(file)
    assert float(line["f1_macro_as_one_low"]) < float(line["f1_macro_as_one"])
    assert baseline["f1_macro"] and not baseline["f1_macro_as_one"]
    assert "all folds' answers as one" in (tmp_path / "comparison.html").read_text("utf-8").replace("&#x27;", "'")


def test_a_fold_that_fails_leaves_its_seed_without_a_score_of_all_rows(plan, fake, fake_pool, tmp_path):
    work = fake()

    def failing(job, out):
        if (job.seed, job.fold) == (1, 2):
            raise RunError("training: diverged")
        return work(job, out)

    found = compare(plan("a", seeds=2, folds=3), tmp_path, work=failing, pooled=fake_pool)
    assert [seed for _, seed, _ in fake_pool.calls] == [0]
    [row] = found.rows
    assert [(failure.seed, failure.reason) for failure in row.failures] == [(1, "fold 2: training: diverged")]
    assert len(row.scores["f1_macro"].seeds) == 5 and found.failed


def test_folds_of_a_finished_run_or_of_tags_are_refused(plan, finished, tmp_path):
    from kerasseq.compare.plan import make_plan

    with pytest.raises(UsageError, match="--folds: must have configs to train, got the finished run"):
        make_plan([finished], folds=3)
    config = tmp_path / "tags.toml"
    config.write_text('name = "t"\n[dataset]\nname = "bundled_tags"\n[task]\nname = "tagging"\n', encoding="utf-8")
    with pytest.raises(
        UsageError, match="--folds: must be of a task with a class or a number for each row, got tagging"
    ):
        make_plan([config], folds=3)
