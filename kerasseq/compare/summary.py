"""From finished runs to a comparison: means over seeds, intervals over rows, differences over both."""

# R resamples

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kerasseq.compare.agreement import Agreement, agree, is_random
from kerasseq.compare.measured import Measured, Scored
from kerasseq.compare.plan import Model
from kerasseq.compare.result import Baseline, Comparison, Failure, Row, Summary
from kerasseq.console import count
from kerasseq.metrics import Replicas, Score, difference, mean_replicas
from kerasseq.metrics.bootstrap import percentile_interval
from kerasseq.metrics.scores import is_of_class

__all__ = ["Done", "summarise"]


@dataclass
class Done:
    """What became of the jobs of one model.

    Attributes:
        model: As planned.
        runs: Those that finished.
        failures: Those that did not.
        pooled: By seed, all its folds as one; empty without folds.
    """

    model: Model
    runs: list[Measured] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    pooled: dict[int, Scored] = field(default_factory=dict)

    @property
    def data(self) -> str:
        """What tells the test rows from others, of one run or of all folds."""
        return " ".join(dict.fromkeys(run.data for run in sorted(self.runs, key=lambda run: run.fold or 0)))

    @property
    def rows(self) -> int:
        """Test rows, of all folds together."""
        return sum({run.fold: run.rows for run in self.runs}.values())

    @property
    def folds(self) -> int:
        """How many were wanted; 0 without."""
        return len({job.fold for job in self.model.jobs if job.fold is not None})

    @property
    def scored(self) -> list[Scored]:
        """Of each run; with folds, of each seed."""
        return list(self.pooled.values()) if self.folds else [run.scored for run in self.runs]


def summarise(done: Sequence[Done], created: str) -> Comparison:
    """Tell the models apart.

    Confidence and resamples are those of the first model, and its seed draws the rows: the interval of a single run is
    that of its own `metrics.json` where that run has the same three.

    Args:
        done: One entry for each row.
        created: When, ISO 8601.
    """
    done = [_of_one_data(entry) for entry in done]
    first = done[0].model.jobs[0].experiment
    settings = first.evaluation
    finished = [run for entry in done for run in entry.runs]
    main = str(finished[0].metrics["main"]) if finished else ""
    sets = list(dict.fromkeys((entry.data, entry.rows) for entry in done if entry.runs))
    rows, remarks = [], []
    for entry in done:
        model, runs, failures = entry.model, tuple(entry.runs), tuple(entry.failures)
        rows.append(
            Row(model.label, model.backend, runs, failures, folds=entry.folds, name=model.name, over=model.over)
        )
    for number, (data, _) in enumerate(sets):
        mine = [i for i, entry in enumerate(done) if entry.runs and entry.data == data]
        replicas = [mean_replicas([one.replicas for one in done[i].scored]) if done[i].scored else {} for i in mine]
        summed = [
            replace(rows[i], group=number, scores=_scores(done[i], found, settings.confidence))
            for i, found in zip(mine, replicas, strict=True)
        ]
        seeds = [[one.points.get(main, math.nan) for one in done[i].scored] for i in mine]
        for i, row in zip(mine, _against_best(summed, replicas, seeds, main, settings.confidence), strict=True):
            rows[i] = row
    if len(sets) > 1:
        remarks.append(_sets_remark(rows, [count for _, count in sets]))
    remarks += _machines(finished)
    return Comparison(
        task=first.task.name,
        main=main,
        rows=rows,
        baselines=_baselines(done, [data for data, _ in sets]),
        agreements=_agreements(done, main),
        groups=[count for _, count in sets],
        confidence=settings.confidence,
        resamples=settings.resamples,
        remarks=remarks,
        created=created,
    )


def _of_one_data(entry: Done) -> Done:
    """The runs on the test rows of the first one of its fold; another run of the same settings saw changed data."""
    first: dict[int | None, str] = {}
    for run in entry.runs:
        first.setdefault(run.fold, run.data)
    same = [run for run in entry.runs if run.data == first[run.fold]]
    why = "the data has changed since the first run; compare into another --out"
    changed = [Failure(run.seed, why) for run in entry.runs if run.data != first[run.fold]]
    lost = {failure.seed for failure in changed}
    pooled = {seed: found for seed, found in entry.pooled.items() if seed not in lost}
    return Done(entry.model, same, [*entry.failures, *changed], pooled)


def _scores(entry: Done, replicas: Replicas, confidence: float) -> dict[str, Summary]:
    runs = entry.runs
    found = {}
    for name in runs[0].metrics["scores"]:
        if is_of_class(name):
            continue
        seeds = tuple(run.score(name) for run in runs)
        said = runs[0].metrics["scores"][name]
        called, error = _told(said)
        known = [value for value in seeds if value is not None]
        if len(known) < len(seeds):
            what = "runs" if entry.folds else "seeds"
            note = said.get("note") or f"undefined for {len(seeds) - len(known)} {what}"
            found[name] = Summary(Score(name, None, None, None, note, called, error), None, seeds)
            continue
        ends = percentile_interval(replicas[name], confidence) if name in replicas else None
        low, high = ends or (None, None)
        spread = statistics.stdev(known) if len(known) > 1 else None
        mean, pooled = statistics.fmean(known), None
        if entry.folds:
            values = [one.points[name] for one in entry.scored if name in one.points]
            whole = statistics.fmean(values) if values and all(map(math.isfinite, values)) else None
            pooled = Score(name, whole, low, high, "", called, error)
            low = high = None
        found[name] = Summary(Score(name, mean, low, high, "", called, error), spread, seeds, pooled)
    return found


def _told(said: Mapping[str, Any]) -> tuple[str, bool]:
    """What `Score.as_json` says besides numbers: a title, and whether less is better."""
    return str(said.get("title", "")), bool(said.get("error", False))


def _against_best(
    rows: list[Row], replicas: Sequence[Replicas], seeds: Sequence[Sequence[float]], main: str, confidence: float
) -> list[Row]:
    """The rows of one set of test rows, each with its difference to the best."""
    values = [row.scores[main].whole.value if main in row.scores else None for row in rows]
    known = [(value, i) for i, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return rows
    lower = rows[known[0][1]].scores[main].score.lower_is_better
    best_value, best = min(known) if lower else max(known, key=lambda entry: entry[0])
    told = []
    for row, value, found, scores in zip(rows, values, replicas, seeds, strict=True):
        if row is rows[best]:
            row = replace(row, best=True)
        elif value is not None and main in found and main in replicas[best]:
            both = scores, seeds[best]
            apart = difference(value - best_value, found[main], replicas[best][main], confidence, both)
            row = replace(row, difference=apart)
        told.append(row)
    return told


def _baselines(done: Sequence[Done], sets: Sequence[str]) -> list[Baseline]:
    """Of each set of test rows the baselines of the first run that measured them; of folds their mean."""
    found: dict[tuple[int, str], Baseline] = {}
    for entry in done:
        for seed in dict.fromkeys(run.seed for run in entry.runs):
            runs = [run for run in entry.runs if run.seed == seed]
            group = sets.index(entry.data)
            for name, scores in runs[0].metrics["baselines"].items():
                values = {
                    key: _mean([run.metrics["baselines"].get(name, {}).get(key) for run in runs], key) for key in scores
                }
                found.setdefault((group, name), Baseline(name, group, values))
    return [found[key] for key in sorted(found, key=lambda key: key[0])]


def _mean(said: Sequence[Mapping[str, Any] | None], key: str) -> Score:
    """The score of one run as it is, of several their mean without an interval."""
    known = [one for one in said if one is not None]
    if len(said) == 1:
        return Score(key, known[0]["value"], known[0]["low"], known[0]["high"], "", *_told(known[0]))
    values = [one["value"] for one in known]
    whole = None if len(values) < len(said) or None in values else statistics.fmean(values)
    return Score(key, whole, None, None, "", *_told(known[0]))


def _agreements(done: Sequence[Done], main: str) -> list[Agreement]:
    """Each further backend of a model against its first one."""
    labels: dict[str, list[Done]] = {}
    for entry in done:
        labels.setdefault(entry.model.label, []).append(entry)
    found = []
    for label, (first, *others) in labels.items():
        for other in others:
            backends = (first.model.backend, other.model.backend)
            random = is_random(first.model.jobs[0].experiment.to_dict())
            if {run.data for run in first.runs} == {run.data for run in other.runs}:
                found.append(agree(label, backends, (_by_seed(first, main), _by_seed(other, main)), random))
                continue
            why = "the test rows differ, or there are none"
            found.append(Agreement(label, backends, None, None, "", None, why))
    return found


def _by_seed(entry: Done, main: str) -> dict[int, float]:
    if entry.folds:
        return {seed: found.points[main] for seed, found in entry.pooled.items() if math.isfinite(found.points[main])}
    scores = {run.seed: run.score(main) for run in entry.runs}
    return {seed: score for seed, score in scores.items() if score is not None}


def _sets_remark(rows: Sequence[Row], counts: Sequence[int]) -> str:
    """Who has which test rows."""
    said = []
    for number, size in enumerate(counts):
        who = dict.fromkeys(row.label for row in rows if row.group == number)
        said.append(f"{', '.join(who)}: {count(size, 'row')}")
    return f"the test rows differ, so that scores of different sets cannot be compared: {'; '.join(said)}"


def _machines(runs: Sequence[Measured]) -> list[str]:
    """Speed means little beside another machine's."""
    names = ("platform", "device", "threads")
    for backend in dict.fromkeys(run.environment["backend"] for run in runs):
        mine = [run.environment for run in runs if run.environment["backend"] == backend]
        changed = [name for name in names if len({str(one.get(name)) for one in mine}) > 1]
        if changed:
            return [f"the speed of training is of different machines: another {' and another '.join(changed)}"]
    return []
