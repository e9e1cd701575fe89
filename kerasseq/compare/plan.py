"""What is compared: configs to train, and finished runs; all that is wrong with them is said before anything trains."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kerasseq.compare.labels import labels
from kerasseq.compare.over import combinations, misread
from kerasseq.config.backend import misnamed, missing_backend
from kerasseq.config.experiment import BACKENDS, Experiment
from kerasseq.config.finished import read_run
from kerasseq.config.read import read_experiment
from kerasseq.environment import read_environment
from kerasseq.errors import KerasseqError, RunError, UsageError
from kerasseq.run_directory import RunDirectory

__all__ = ["Job", "Model", "make_plan"]


@dataclass(frozen=True)
class Job:
    """One training, or one finished run that is taken as it is.

    Attributes:
        experiment: With seed and backend.
        run: The finished run; None for a training.
        resamples: How many draws of test rows are scored.
        draws: The seed of these draws, one for all jobs: an easy draw is easy for every model.
        fold: Which of `--folds` it is measured on; None without them.
    """

    experiment: Experiment
    run: Path | None = None
    resamples: int = 1000
    draws: int = 0
    fold: int | None = None

    @property
    def seed(self) -> int:
        """Of weights, batch order and dropout."""
        return self.experiment.seed


@dataclass(frozen=True)
class Model:
    """A row of the comparison: one model on one backend, with a job for each seed, or for each seed and fold.

    Attributes:
        name: Different from that of every other config and run.
        backend: What computes.
        jobs: One for each seed; with folds, all those of a seed one after another.
        over: Key to value of `--over`.
    """

    name: str
    backend: str
    jobs: tuple[Job, ...]
    over: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Different from every other model's; the same model on another backend has the same."""
        return ", ".join([self.name, *(f"{key}={value}" for key, value in self.over.items())])


@dataclass(frozen=True)
class _Group:
    """A model on its backends, before it has a label."""

    name: str
    source: Path
    rows: dict[str, list[Job]] = field(default_factory=dict)
    over: Mapping[str, str] = field(default_factory=dict)


def make_plan(
    paths: Sequence[Path],
    backends: Sequence[str] = (),
    seeds: int = 3,
    overrides: Sequence[str] = (),
    over: Sequence[str] = (),
    folds: int = 0,
) -> list[Model]:
    """Read configs and runs.

    Args:
        paths: TOML files, and run directories or the folders above them for their newest.
        backends: For the configs; empty for what each config says.
        seeds: How many for each config, 1 or more: its own and those that follow it.
        overrides: `"training.epochs=3"`, for the configs.
        over: `"encoder.name=gru,lstm"`: each config with each of these values, of several keys with each combination.
        folds: Train each config and seed so often, each row being measured on once; 0 for the split of the config.

    Returns:
        The rows in the order of `paths` and of the values, the backends of a model one after another. Runs that differ
        in nothing but their seed are one row.

    Raises:
        UsageError: With everything that is wrong.
    """
    absent = {name: missing_backend(name) for name in backends}
    lacking = [f"--backends: {said}" for said in absent.values() if said]
    problems = [*misnamed(backends, BACKENDS), *lacking, *misread(over), *_twice(paths)]
    groups: list[_Group] = []
    every = [] if misread(over) else combinations(over)
    for path in dict.fromkeys(paths):
        try:
            if path.is_dir():
                if folds:
                    problems.append(f"--folds: must have configs to train, got the finished run {path}")
                _add_run(groups, RunDirectory.open(path))
            else:
                known = [name for name in backends if name in BACKENDS and not absent[name]]
                settings = [*overrides, *(["split.method=kfold", f"split.folds={folds}"] if folds else [])]
                groups += _configs(path, known, seeds, settings, every)
        except KerasseqError as error:
            problems.append(str(error))
    problems += [*_mixed(groups), *(_unpooled(groups) if folds else [])]
    if problems:
        raise UsageError("\n".join(problems))
    sources = {group.source: group.name for group in groups}
    named = dict(zip(sources, labels([(name, source) for source, name in sources.items()]), strict=True))
    first = next(job for group in groups for jobs in group.rows.values() for job in jobs).experiment
    resamples, draws = first.evaluation.resamples, first.seed
    return [
        Model(
            named[group.source],
            backend,
            tuple(replace(part, resamples=resamples, draws=draws) for job in jobs for part in _folded(job, folds)),
            group.over,
        )
        for group in groups
        for backend, jobs in group.rows.items()
    ]


def _configs(
    path: Path, backends: Sequence[str], seeds: int, overrides: Sequence[str], every: Sequence[Mapping[str, str]]
) -> list[_Group]:
    """The config with each combination of values; what is wrong with several is said once."""
    groups: list[_Group] = []
    problems: dict[str, None] = {}
    for over in every:
        settings = [*overrides, *(f"{key}={value}" for key, value in over.items())]
        try:
            groups.append(replace(_config(path, backends, seeds, settings), over=over))
        except KerasseqError as error:
            problems |= dict.fromkeys(str(error).splitlines())
    if problems:
        raise UsageError("\n".join(problems))
    return groups


def _config(path: Path, backends: Sequence[str], seeds: int, overrides: Sequence[str]) -> _Group:
    rows: dict[str, list[Job]] = {}
    problems: dict[str, None] = {}
    name = ""
    for backend in backends or [""]:  # what one backend has and another lacks is a problem of its own
        try:
            first = read_experiment(path, overrides, backend)
        except KerasseqError as error:
            problems |= dict.fromkeys(str(error).splitlines())
            continue
        if first.seed + seeds > 2**32:
            problems[f"{path}: seed: must leave room for {seeds} seeds below {2**32}, got {first.seed}"] = None
        numbered = [first.general.model_copy(update={"seed": first.seed + k}) for k in range(seeds)]
        rows[first.backend] = [Job(replace(first, general=general)) for general in numbered]
        name = first.name
    if problems:
        raise UsageError("\n".join(problems))
    return _Group(name, path, rows)


def _folded(job: Job, folds: int) -> list[Job]:
    """The job on each fold; the job itself where there are none."""
    if not folds:
        return [job]
    parts = [job.experiment.split.model_copy(update={"fold": fold}) for fold in range(folds)]
    return [replace(job, experiment=replace(job.experiment, split=part), fold=part.fold) for part in parts]


def _unpooled(groups: Sequence[_Group]) -> list[str]:
    """Answers of several folds are scored as one only where each row has one."""
    tasks = [next(iter(group.rows.values()))[0].experiment.task for group in groups]
    wrong = dict.fromkeys(task.name for task in tasks if task.target not in ("class", "number"))
    return [f"--folds: must be of a task with a class or a number for each row, got {name}" for name in wrong]


def _add_run(groups: list[_Group], run: RunDirectory) -> None:
    """Put a run to those of the same settings, or into a group of its own."""
    _check_finished(run, run.metrics, run.predictions, run.model, run.task, run.history, run.timing)
    backend = read_environment(run)["backend"]
    if absent := missing_backend(backend):
        raise RunError(f"{run.path}: must have its backend, got none: {absent}")
    experiment = read_run(run, backend)
    if experiment.tokenizer is not None:
        _check_finished(run, run.tokenizer)
    job = Job(experiment, run.path)
    for group in groups:
        first = next(iter(group.rows.values()))[0]
        same = first.run is not None and _same(first, job)
        if same and experiment.seed not in [other.seed for other in group.rows.get(backend, ())]:
            group.rows.setdefault(backend, []).append(job)
            return
    groups.append(_Group(experiment.name, run.path, {backend: [job]}))


def _check_finished(run: RunDirectory, *needed: Path) -> None:
    missing = [path.name for path in needed if not path.exists()]
    if missing:
        hint = f"go on with: kerasseq run --resume {run.path}"
        raise RunError(f"{run.path}: must be a finished run, got no {' and no '.join(missing)}; {hint}")


def _same(one: Job, other: Job) -> bool:
    """Whether two finished runs differ in nothing but seed and backend: same settings, same rows."""
    kinds = []
    for job in (one, other):
        tables = tomllib.loads(job.experiment.to_toml())
        data = read_environment(RunDirectory(job.run or ""))["data"]
        kinds.append(({key: value for key, value in tables.items() if key not in ("seed", "backend")}, data))
    return kinds[0] == kinds[1]


def _twice(paths: Sequence[Path]) -> list[str]:
    """What is named twice, also as a run and as the folder above it."""
    places: dict[Path, list[Path]] = {}
    for path in paths:
        try:
            place = RunDirectory.open(path).path if path.is_dir() else path
        except RunError:
            place = path
        places.setdefault(place.resolve(), []).append(path)
    return [f"{same[0]}: must be given once, got it {len(same)} times" for same in places.values() if len(same) > 1]


def _mixed(groups: Sequence[_Group]) -> list[str]:
    """Scores of different tasks have nothing in common."""
    tasks: dict[str, list[str]] = {}
    for group in groups:
        experiment = next(iter(group.rows.values()))[0].experiment
        tasks.setdefault(experiment.components["task"].qualified, []).append(str(group.source))
    if len(tasks) < 2:
        return []
    got = "; ".join(f"{task.removeprefix('kerasseq/')} in {', '.join(sources)}" for task, sources in tasks.items())
    return [f"a comparison must be of one task, got {got}"]
