"""The search: Optuna proposes, workers train, the best is trained with more seeds, and what is left is measured once.

The study lives in a run directory, `RUN/tune`: the plan, the trials as Optuna keeps them in SQLite, and the models of
the best ones. It ends with one of these as the run's own.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import statistics
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from kerasseq.config.read import read_text
from kerasseq.plugin import KerasseqError, RunDirectory, RunError, write_json
from kerasseq.processes import Worker, on_backend
from kerasseq_tune.plan import Plan
from kerasseq_tune.space import changed, shown

__all__ = ["Found", "Hand", "Place", "Study"]

log = logging.getLogger("kerasseq")

WORKER = "kerasseq_tune.worker"

BEST = 3
"""Configs that are trained with more seeds, beside the one that was written."""

SEARCHED = 0.7
"""Share of the time for training that the search has; the rest is for seeds."""

LONGEST = 1 / 8
"""Share of the time for the search that one trial has, if the config as written does not take longer."""

MEASURING = 20.0
"""Seconds that are kept for the test, exports and pages, at the least."""

DEAD = 3
"""Trials that may fail one after another."""

TIE = 1e-6
"""Weight of the network's own score beside that of the answer: where n-grams answer alone, every trial has the same
score, and the search would know of no network which is nearer to a share."""

REPEATS = 30
"""Proposals in a row that were tried before, after which nothing new is left to try."""

ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Place:
    """Where a study is kept."""

    run: RunDirectory

    @property
    def folder(self) -> Path:
        """`RUN/tune`."""
        return self.run.path / "tune"

    @property
    def plan(self) -> Path:
        """What it was asked."""
        return self.folder / "plan.json"

    @property
    def trials(self) -> Path:
        """As Optuna keeps them."""
        return self.folder / "study.db"

    @property
    def seeds(self) -> Path:
        """What other seeds of the best configs gave."""
        return self.folder / "seeds.json"

    @property
    def chosen(self) -> Path:
        """Which model becomes the run's own."""
        return self.folder / "chosen.json"

    def model(self, number: int, seed: int) -> Path:
        """Where a trial trains."""
        return self.folder / "models" / f"{number:04d}-{seed}"


@dataclass(frozen=True)
class Found:
    """How a study ended.

    Attributes:
        run: The run directory.
        said: The scores on the test rows, as `kerasseq evaluate` prints them.
        outcome: The same as JSON values.
        trial: The number of the config that was chosen.
    """

    run: RunDirectory
    said: str
    outcome: Mapping[str, Any]
    trial: int


class Study:
    """A search in a run directory.

    Args:
        plan: What is asked.
        place: Where it is kept; what stands there goes on.
        say: Told a line for each trial.
        hand: Makes what trains.
        begun: When the time began that the plan's minutes bound, as `time.time` gives it; None for now.
    """

    def __init__(
        self,
        plan: Plan,
        place: Place,
        say: Callable[[str], None],
        hand: Callable[[contextlib.ExitStack, Plan], Hand] | None = None,
        begun: float | None = None,
    ) -> None:
        self.plan = plan
        self.place = place
        self.written = read_text(plan.experiment, str(place.plan), backend=plan.backend)
        self.say = say
        self.hand = hand or Hand
        self.begun = time.time() if begun is None else begun
        self.lock = threading.RLock()
        self.failures = 0
        self.seeding: set[tuple[int, int]] = set()
        self.stopped: BaseException | None = None
        self.measuring = MEASURING
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        place.folder.mkdir(parents=True, exist_ok=True)
        plan.save(place.plan)
        pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=2)
        self.study = optuna.create_study(
            storage=f"sqlite:///{place.trials}", study_name="tune", direction="maximize", pruner=pruner,
            load_if_exists=True,
        )  # fmt: skip

    # === The road ===

    def run(self) -> Found:
        """Search, train the best with more seeds, and measure the one that is best by their mean.

        Raises:
            RunError: No trial came to an end; what there is stays, and more time goes on with it.
            KeyboardInterrupt: Ctrl-C; what there is stays.
        """
        with contextlib.ExitStack() as stack:
            workers = [self.hand(stack, self.plan) for _ in range(self.plan.workers)]
            if not self.place.chosen.exists():
                self._taken_up()
                self._all(workers, self._search)
                if not self.finished():
                    raise RunError(self._nothing())
                self._all(workers, self._confirm)
                self._choose()
            chosen = json.loads(self.place.chosen.read_text(encoding="utf-8"))
            self._promote(self.place.folder / chosen["model"])
            answer = workers[0].ask({"measure": str(self.place.run.path)})
            if answer is None or answer["kind"] != "done":
                why = workers[0].ended() if answer is None else answer["reason"]
                raise RunError(f"{why}; measure it with: kerasseq evaluate {self.place.run.path}")
        shutil.rmtree(self.place.folder / "models", ignore_errors=True)
        return Found(self.place.run, answer["said"], answer["outcome"], chosen["trial"])

    def _all(self, workers: list[Hand], part: Callable[[Hand], None]) -> None:
        """Have every worker do its part; one does it here, so that Ctrl-C reaches it."""
        if len(workers) == 1:
            part(workers[0])
            return

        def guarded(worker: Hand) -> None:
            try:
                part(worker)
            except BaseException as stop:
                self.stopped = self.stopped or stop
            finally:
                worker.rest()

        threads = [threading.Thread(target=guarded, args=[worker], daemon=True) for worker in workers]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        except BaseException as stop:
            self.stopped = stop  # what a worker says from now on is its end, and not that of its trial
            raise
        if self.stopped is not None:
            raise self.stopped

    # === The search ===

    def _taken_up(self) -> None:
        """The first trial is the config as written; those that a killed process left are tried again."""
        if not self.study.trials:
            self.study.enqueue_trial(dict(self.plan.space.written))
        for trial in self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self.study.tell(trial.number, state=TrialState.FAIL)
            self.study.enqueue_trial(trial.params or dict(self.plan.space.written))
            shutil.rmtree(self.place.model(trial.number, self.plan.seed), ignore_errors=True)

    def _search(self, worker: Hand) -> None:
        repeats = 0
        while True:
            with self.lock:  # of both: else two workers begin the last trial
                if not self._goes_on():
                    return
                trial = self._proposed()
                values = self.plan.space.draw(trial)
                known = self._same(values, trial.number)
                if known is not None:
                    trial.set_user_attr("ended", "repeat")
                    self.study.tell(trial, state=TrialState.FAIL)
            if known is not None:
                repeats += 1
                if repeats > REPEATS:
                    self.say("every config that is proposed was tried before; the search ends")
                    return
                continue
            repeats = 0
            trial.set_user_attr("values", values)
            self._told(
                trial, values, worker.train(self._job(trial.number, values, self.plan.seed), self._epochs(trial))
            )

    def _goes_on(self) -> bool:
        trials, minutes = self.plan.budget.trials, self.plan.budget.minutes
        with self.lock:
            if self.stopped is not None or (trials and len(self.tried()) + self._running() >= trials):
                return False
            seconds = [each.user_attrs["seconds"] for each in self.finished()]
            left = self._search_end() - time.time()
            return not minutes or left > (min(seconds) if seconds else 0)

    def _running(self) -> int:
        return len(self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))

    def _proposed(self) -> optuna.Trial:
        """The next trial: the same after the same trials, whether this process made them or one before it."""
        ended = [each for each in self.study.get_trials(deepcopy=False) if "ended" in each.user_attrs]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            self.study.sampler = optuna.samplers.TPESampler(
                seed=(self.plan.seed * 1_000_003 + len(ended)) % 2**32,
                n_startup_trials=8,
                multivariate=True,
                group=True,
                constant_liar=self.plan.workers > 1,
            )
        return self.study.ask()

    def _same(self, values: Mapping[str, Any], number: int) -> int | None:
        """A trial with the same values, ended or running."""
        for each in self.study.get_trials(deepcopy=False):
            if each.number != number and each.user_attrs.get("values") == values and each.state != TrialState.FAIL:
                return int(each.number)
        return None

    def _job(self, number: int, values: Mapping[str, Any], seed: int) -> dict[str, Any]:
        given = {} if values == dict(self.plan.space.written) else dict(values)
        budget = self.plan.budget
        try:
            experiment = changed(self.written, given, seed)
        except KerasseqError as error:
            return {"refused": " ".join(str(error).splitlines())}
        return {
            "experiment": experiment.to_toml(),
            "backend": self.plan.backend,
            "directory": str(self.place.model(number, seed)),
            "deadline": self._deadline() if budget.minutes else None,
            "size": budget.size,
            "latency": budget.latency,
        }

    def _epochs(self, trial: optuna.Trial) -> Callable[[Mapping[str, Any]], bool]:
        """Whether a trial goes on after an epoch; the config as written always does."""

        def goes_on(epoch: Mapping[str, Any]) -> bool:
            with self.lock:
                trial.report(_sign(epoch) * epoch["value"], epoch["epoch"])
                return trial.number == 0 or not trial.should_prune()

        return goes_on

    def _told(self, trial: optuna.Trial, values: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Enter what came of a trial."""
        with self.lock:
            if self.stopped is not None:
                return
            kind = answer["kind"]
            facts = {key: answer[key] for key in FACTS if answer.get(key) is not None}
            for key, value in {**facts, "ended": kind}.items():
                trial.set_user_attr(key, value)
            self._same_data(answer.get("data"))
            model = self.place.model(trial.number, self.plan.seed)
            if kind == "done":
                self.failures = 0
                own = answer.get("own", 0.0)
                self.study.tell(trial, _sign(answer) * (answer["value"] + TIE * own))
                self._tidy()
            else:
                if kind == "refused":
                    trial.set_constraint("over", 1.0)
                state = TrialState.FAIL if kind == "failed" else TrialState.PRUNED
                self.study.tell(trial, state=state)
                shutil.rmtree(model, ignore_errors=True)
            if answer.get("tests") and answer.get("read"):
                self.measuring = max(self.measuring, MEASURING / 2 + 2 * answer["read"])
            self.say(self._line(trial.number, kind, answer, values))
            if kind == "failed":
                self.failures += 1
                if trial.number == 0 or self.failures >= DEAD:
                    raise RunError(answer["reason"])

    def _same_data(self, data: Mapping[str, str] | None) -> None:
        if data is None:
            return
        if self.plan.data and dict(self.plan.data) != dict(data):
            sides = ", ".join(side for side in data if data[side] != self.plan.data.get(side))
            rule = f"{self.place.folder}: must go on with the rows that it began with, {sides} has others"
            raise RunError(f"{rule}; begin anew with: kerasseq tune CONFIG")
        if not self.plan.data:
            self.plan = replace(self.plan, data=dict(data))
            self.plan.save(self.place.plan)

    def _line(self, number: int, kind: str, answer: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        best = self.best()
        place = f"{len(self.tried())}/{self.plan.budget.trials}" if self.plan.budget.trials else f"{len(self.tried())}"
        if kind == "done":
            said = f"{answer['main']} {answer['value']:.4f}"
            said += f" (best {best.user_attrs['value']:.4f}, trial {best.number})" if best else ""
        else:
            said = {"pruned": "given up", "stopped": "stopped"}.get(kind, f"{kind}: {answer.get('reason', '')}")
        if not number:
            about = "as written"
        else:
            about = ", ".join(
                f"{key} {shown(value)}" for key, value in values.items() if value != self.plan.space.written[key]
            )
        seconds = f", {answer['seconds']:.1f} s" if "seconds" in answer else ""
        return f"[{place}] trial {number}: {said}{seconds}: {about}"

    # === Seeds, and the choice ===

    def candidates(self) -> list[FrozenTrial]:
        """The best configs, and the one that was written."""
        ranked = sorted(self.finished(), key=lambda each: (-(each.value or 0.0), each.number))
        return ranked[:BEST] + [each for each in ranked[BEST:] if each.number == 0]

    def _confirm(self, worker: Hand) -> None:
        """Train the best configs with other seeds, a seed at a time, while there is time for it."""
        while True:
            with self.lock:
                todo = next(self._unseeded(self.seeds()), None)
                if self.stopped is not None or todo is None:
                    return
                trial, seed = todo
                self.seeding.add((trial.number, seed))
            answer = worker.train(self._job(trial.number, trial.user_attrs["values"], seed), lambda epoch: True)
            with self.lock:
                known = self.seeds()
                told = {key: answer.get(key) for key in ("kind", "value", "seconds", "reason", "cut")}
                known.setdefault(str(trial.number), {})[str(seed)] = told
                write_json(self.place.seeds, known)
                value = f"{answer['main']} {answer['value']:.4f}" if answer["kind"] == "done" else answer["kind"]
                self.say(f"trial {trial.number}, seed {seed}: {value}")

    def _unseeded(self, known: Mapping[str, Any]) -> Iterator[tuple[FrozenTrial, int]]:
        for step in range(1, self.plan.seeds):
            seed = self.plan.seed + step
            for trial in self.candidates():
                left = self._training_end() - time.time()
                if self.plan.budget.minutes and left < 1.1 * trial.user_attrs["seconds"]:
                    continue
                done = str(seed) in known.get(str(trial.number), {})
                if not done and (trial.number, seed) not in self.seeding:
                    yield trial, seed

    def seeds(self) -> dict[str, Any]:
        """What other seeds gave, by trial and seed."""
        if not self.place.seeds.exists():
            return {}
        found: dict[str, Any] = json.loads(self.place.seeds.read_text(encoding="utf-8"))
        return found

    def values(self, trial: FrozenTrial) -> dict[int, float]:
        """The scores of a config on validation, by seed."""
        told = self.seeds().get(str(trial.number), {})
        others = {int(seed): one["value"] for seed, one in told.items() if one["kind"] == "done"}
        return {self.plan.seed: trial.user_attrs["value"], **others}

    def _choose(self) -> None:
        """By the mean over the seeds, of those that have as many as any; of its models the best one."""
        scores = {each.number: self.values(each) for each in self.candidates()}
        most = max(map(len, scores.values()))
        sign = _sign(self.finished()[0].user_attrs)
        means = {n: sign * statistics.fmean(of.values()) for n, of in scores.items() if len(of) == most}
        number = max(means, key=lambda n: (means[n], -n))
        seed = max(scores[number], key=lambda one: (sign * scores[number][one], -one))
        model = self.place.model(number, seed).relative_to(self.place.folder)
        write_json(self.place.chosen, {"trial": number, "seed": seed, "model": str(model)})

    def _promote(self, model: Path) -> None:
        """Make a trial's files the run's own; `experiment.toml`, by which a folder is a run, comes last."""
        if not model.exists():
            return
        names = sorted(model.iterdir(), key=lambda path: path.name == "experiment.toml")
        for path in names:
            target = self.place.run.path / path.name
            if path.is_dir() and target.is_dir():
                shutil.rmtree(target)
            os.replace(path, target)

    # === What there is ===

    def tried(self) -> list[FrozenTrial]:
        """Trials that ended of themselves."""
        every = self.study.get_trials(deepcopy=False)
        return [each for each in every if each.user_attrs.get("ended", "repeat") != "repeat"]

    def finished(self) -> list[FrozenTrial]:
        """Trials with a score."""
        return list(self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))

    def best(self) -> FrozenTrial | None:
        """The trial with the best score so far."""
        return max(self.finished(), key=lambda each: (each.value or 0.0, -each.number), default=None)

    def _tidy(self) -> None:
        """Keep the models of those that may be chosen, and no others."""
        kept = {self.place.model(each.number, self.plan.seed) for each in self.candidates()}
        running = self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        kept |= {self.place.model(each.number, self.plan.seed) for each in running}
        for path in (self.place.folder / "models").glob("*"):
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def _training_end(self) -> float:
        return self.begun + 60 * self.plan.budget.minutes - self.measuring

    def _deadline(self) -> float:
        """When a trial that begins now is stopped; the config as written has all the time there is."""
        end = self._training_end()
        written = [float(each.user_attrs["seconds"]) for each in self.finished() if each.number == 0]
        if not written:
            return end
        return min(end, time.time() + max(LONGEST * (self._search_end() - self.begun), *written))

    def _search_end(self) -> float:
        share = SEARCHED if self.plan.seeds > 1 else 1.0
        return self.begun + share * (60 * self.plan.budget.minutes - self.measuring)

    def _nothing(self) -> str:
        """Why there is no model, and what to do."""
        tried = self.tried()
        reasons = dict.fromkeys(str(each.user_attrs.get("reason", "")) for each in tried)
        why = "; ".join(reason for reason in reasons if reason) or "the time is over before one epoch of one trial"
        go_on = f"kerasseq tune --resume {self.place.run.path}"
        return f"{self.place.run.path}: must have a trial that came to an end, got {len(tried)} without: {why}; " + (
            f"with more time, go on with: {go_on} --minutes {max(2 * self.plan.budget.minutes, 1):g}"
            if self.plan.budget.minutes
            else f"go on with: {go_on}"
        )


FACTS = (
    *("value", "own", "scores", "parameters", "epochs", "best_epoch", "cut", "seconds", "size", "latency", "reason"),
    *("main", "lower_is_better", "read"),
)
"""What is kept of a trial beside its values."""


class Hand:
    """A worker, and a new one where it died.

    Args:
        stack: Ends it.
        plan: Of the study.
    """

    def __init__(self, stack: contextlib.ExitStack, plan: Plan) -> None:
        self.stack = stack
        self.plan = plan
        self.worker: Worker | None = None

    def ask(self, job: Mapping[str, Any]) -> Any:
        """Give it a line and wait for one; None where it died."""
        if self.worker is None:
            threads = {} if self.plan.workers == 1 else {"OMP_NUM_THREADS": str(max(1, _cores() // self.plan.workers))}
            worker = Worker(WORKER, on_backend(self.plan.backend, threads))
            self.worker = self.stack.enter_context(worker)
        return self.worker.ask(job)

    def train(self, job: Mapping[str, Any], goes_on: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
        """Train a trial; what it said at its end."""
        if "refused" in job:
            return {"kind": "pruned", "reason": job["refused"], "seconds": 0.0}
        answer = self.ask(job)
        while answer is not None and answer["kind"] == "epoch":
            answer = self.ask({"go": goes_on(answer)})
        if answer is None:
            return {"kind": "failed", "reason": f"its process ended: {self.ended()}"}
        found: dict[str, Any] = answer
        return found

    def rest(self) -> None:
        """Nothing is left for it to do in this part of the study; others may go on."""

    def ended(self) -> str:
        """How it died."""
        worker, self.worker = self.worker, None
        return worker.ended() if worker is not None else "it never began"


def _sign(told: Mapping[str, Any]) -> int:
    """What makes a score one of which more is better."""
    return -1 if told["lower_is_better"] else 1


def _cores() -> int:
    from kerasseq_runtime.cores import cores

    return cores()
