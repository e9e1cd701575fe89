"""The search: Optuna proposes, workers train, the best is trained with more seeds, and what is left is measured once.

The study lives in a run directory, `RUN/tune`: the plan, the trials as Optuna keeps them in SQLite, and the models of
the best ones. It ends with one of these as the run's own.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from kerasseq.config.read import read_text
from kerasseq.plugin import KerasseqError, RunDirectory, RunError, write_json
from kerasseq_tune.clock import Clock
from kerasseq_tune.hand import Hand
from kerasseq_tune.place import Place
from kerasseq_tune.plan import Plan
from kerasseq_tune.seeds import Seeds, choice
from kerasseq_tune.space import changed, shown
from kerasseq_tune.trials import Trials, sign

__all__ = ["Found", "Study"]

DEAD = 3
"""Trials that may fail one after another."""

REPEATS = 30
"""Proposals in a row that were tried before, after which nothing new is left to try."""


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

    Attributes:
        trials: What was tried.
        seeds: What other seeds of the best gave.
        clock: What time is left.
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
        self.lock = threading.Lock()
        self.failures = 0
        self.stopped: BaseException | None = None
        place.folder.mkdir(parents=True, exist_ok=True)
        plan.save(place.plan)
        self.clock = Clock(plan.budget.minutes, plan.seeds, begun)
        self.seeds = Seeds(place.seeds, plan.seed, plan.seeds)
        self.trials = Trials(place.trials, plan.seed, plan.workers, plan.space.written)

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
                if not self.trials.finished():
                    raise RunError(self._nothing())
                self._all(workers, self._confirm)
                self._choose()
            chosen = json.loads(self.place.chosen.read_text(encoding="utf-8"))
            self._promote(self.place.folder / chosen["model"])
            answer = workers[0].ask({"measure": str(self.place.run.path)})
            if answer is None or answer["kind"] != "done":
                why = workers[0].ended() if answer is None else answer["reason"]
                raise RunError(f"{why}; measure it with: kerasseq evaluate {self.place.run.path}")
        shutil.rmtree(self.place.models, ignore_errors=True)
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
        if not self.trials.every():
            self.trials.queue(self.plan.space.written)
        for trial in self.trials.running():
            self.trials.drop(trial)
            self.trials.queue(trial.params or self.plan.space.written)
            shutil.rmtree(self.place.model(trial.number, self.plan.seed), ignore_errors=True)

    def _search(self, worker: Hand) -> None:
        """Have a worker train one proposal after another, while trials and time last."""
        repeats = 0
        while repeats <= REPEATS:
            with self.lock:  # of both: else two workers begin the last trial
                if not self._goes_on():
                    return
                trial = self.trials.proposed()
                values = self.plan.space.draw(trial)
                repeated = self.trials.known(values, trial.number)
                if repeated:
                    self.trials.repeat(trial)
            repeats = repeats + 1 if repeated else 0
            if not repeated:
                trial.set_user_attr("values", values)
                job = self._job(trial.number, values, self.plan.seed)
                self._told(trial, values, worker.train(job, self._epochs(trial)))
        self.say("every config that is proposed was tried before; the search ends")

    def _goes_on(self) -> bool:
        """Whether there are trials and time for one more."""
        most = self.plan.budget.trials
        begun = len(self.trials.tried()) + len(self.trials.running())
        if self.stopped is not None or (most and begun >= most):
            return False
        shortest = min((each.user_attrs["seconds"] for each in self.trials.finished()), default=0.0)
        return self.clock.search_has(shortest)

    def _job(self, number: int, values: Mapping[str, Any], seed: int) -> dict[str, Any]:
        """What a worker is told to train; `refused`, with the reason, where the values make no experiment."""
        written = dict(values) == self.trials.written
        given = {} if written else dict(values)
        budget = self.plan.budget
        try:
            experiment = changed(self.written, given, seed)
        except KerasseqError as error:
            return {"refused": " ".join(str(error).splitlines())}
        return {
            "experiment": experiment.to_toml(),
            "backend": self.plan.backend,
            "directory": str(self.place.model(number, seed)),
            "deadline": self.clock.deadline(None if written else self.trials.seconds_as_written()),
            "size": budget.size,
            "latency": budget.latency,
        }

    def _epochs(self, trial: optuna.Trial) -> Callable[[Mapping[str, Any]], bool]:
        """Whether a trial goes on after an epoch."""

        def goes_on(epoch: Mapping[str, Any]) -> bool:
            with self.lock:
                return self.trials.goes_on(trial, epoch)

        return goes_on

    def _told(self, trial: optuna.Trial, values: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Enter what came of a trial.

        Raises:
            RunError: It failed, and is the first trial or the last of some in a row; or its rows are others.
        """
        with self.lock:
            if self.stopped is not None:
                return
            kind = answer["kind"]
            self._same_data(answer.get("data"))
            self.trials.note(trial, answer)
            self.trials.end(trial, answer)
            if kind == "done":
                self.failures = 0
                self._tidy()
            else:
                shutil.rmtree(self.place.model(trial.number, self.plan.seed), ignore_errors=True)
            if answer.get("tests") and answer.get("read"):
                self.clock.keep_for_test(answer["read"])
            self.say(self._line(trial.number, kind, answer, values))
            if kind == "failed":
                self.failures += 1
                if self.trials.as_written(trial) or self.failures >= DEAD:
                    raise RunError(answer["reason"])

    def _same_data(self, data: Mapping[str, str] | None) -> None:
        """Refuse rows that are not those of the trials before."""
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
        """What is said of a trial at its end."""
        best, tried = self.trials.best(), len(self.trials.tried())
        place = f"{tried}/{self.plan.budget.trials}" if self.plan.budget.trials else f"{tried}"
        if kind == "done":
            said = f"{answer['main']} {answer['value']:.4f}"
            said += f" (best {best.user_attrs['value']:.4f}, trial {best.number})" if best else ""
        else:
            said = {"pruned": "given up", "stopped": "stopped"}.get(kind, f"{kind}: {answer.get('reason', '')}")
        if dict(values) == self.trials.written:
            about = "as written"
        else:
            about = ", ".join(
                f"{key} {shown(value)}" for key, value in values.items() if value != self.plan.space.written[key]
            )
        seconds = f", {answer['seconds']:.1f} s" if "seconds" in answer else ""
        return f"[{place}] trial {number}: {said}{seconds}: {about}"

    # === Seeds, and the choice ===

    def _confirm(self, worker: Hand) -> None:
        """Train the best configs with other seeds, a seed at a time, while there is time for it."""
        while True:
            with self.lock:
                todo = self._next_seed()
                if self.stopped is not None or todo is None:
                    return
                trial, seed = todo
                self.seeds.begin(trial, seed)
            answer = worker.train(self._job(trial.number, trial.user_attrs["values"], seed), lambda epoch: True)
            with self.lock:
                self.seeds.enter(trial, seed, answer)
                value = f"{answer['main']} {answer['value']:.4f}" if answer["kind"] == "done" else answer["kind"]
                self.say(f"trial {trial.number}, seed {seed}: {value}")

    def _next_seed(self) -> tuple[FrozenTrial, int] | None:
        """The next training; none where the time is too short for what is left of its seed: it would not count."""
        for seed, left in self.seeds.rounds(self.trials.candidates()):
            seconds = [each.user_attrs["seconds"] for each in left]
            if not self.clock.training_has(1.1 * max(*seconds, sum(seconds) / self.plan.workers)):
                return None
            return left[0], seed
        return None

    def _choose(self) -> None:
        """Write down which model becomes the run's own."""
        scores = {each.number: self.seeds.values(each) for each in self.trials.candidates()}
        number, seed = choice(scores, sign(self.trials.finished()[0].user_attrs))
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

    def _tidy(self) -> None:
        """Keep the models of those that may be chosen, and no others."""
        trials = [*self.trials.candidates(), *self.trials.running()]
        kept = {self.place.model(each.number, self.plan.seed) for each in trials}
        for path in self.place.models.glob("*"):
            if path not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def _nothing(self) -> str:
        """Why there is no model, and what to do."""
        tried = self.trials.tried()
        reasons = dict.fromkeys(str(each.user_attrs.get("reason", "")) for each in tried)
        why = "; ".join(reason for reason in reasons if reason) or "the time is over before one epoch of one trial"
        go_on = f"kerasseq tune --resume {self.place.run.path}"
        return f"{self.place.run.path}: must have a trial that came to an end, got {len(tried)} without: {why}; " + (
            f"with more time, go on with: {go_on} --minutes {max(2 * self.plan.budget.minutes, 1):g}"
            if self.plan.budget.minutes
            else f"go on with: {go_on}"
        )
