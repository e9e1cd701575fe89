"""What `import kerasseq` offers to people: a call for each verb of the command line; Keras is imported only inside.

A call that computes chooses the backend by itself: that of the experiment, or of the run. Once Keras is imported, its
backend is fixed: an experiment of another one is refused, and a finished run, which opens on any, opens on that one.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.backend.select import current, select
from kerasseq.commands.guide import no_config
from kerasseq.config.experiment import BACKENDS, Experiment
from kerasseq.config.finished import read_moved, read_run
from kerasseq.config.read import read_experiment as read_file
from kerasseq.errors import UsageError
from kerasseq.given import TableLike, is_table, lent, take_back
from kerasseq.progress import told
from kerasseq.run_directory import RunDirectory

if TYPE_CHECKING:
    import keras

    from kerasseq.evaluation.measure import Outcome
    from kerasseq.preparation import Prepared
    from kerasseq.trained import TrainedModel
    from kerasseq.training.loop import Progress

__all__ = ["build", "evaluate", "load", "read_experiment", "resume", "run"]


def read_experiment(
    path: Path | str,
    overrides: Sequence[str] = (),
    backend: str = "",
    finished: bool = False,
    tables: Mapping[str, TableLike] | None = None,
) -> Experiment:
    """Read, complete and check an experiment.

    Args:
        path: A TOML file.
        overrides: `"training.epochs=3"`, each a key path and a TOML value; a bare word is a text.
        backend: Weighs more than everything in the file and the environment.
        finished: The experiment of a finished run: do not look for the data, which may be gone.
        tables: Tables of pandas, polars or Arrow in place of files, by what they stand for: `train`, `validation`,
            `test`. Columns are named as those of a file.

    Raises:
        ConfigError: With every problem that the file, and the columns of the tables, have.
        DataError: A table does not fit Arrow.
        UsageError: The path is of data or of a run, and says what to type; or what stands for a table is none.
    """
    if fault := no_config(Path(path), "run"):
        raise UsageError(fault)
    return read_file(path, overrides, backend, finished, tables)


def run(
    config: Path | str | Experiment,
    out: Path | str = "runs",
    overrides: Sequence[str] = (),
    backend: str = "",
    *,
    train: TableLike | None = None,
    validation: TableLike | None = None,
    test: TableLike | None = None,
    progress: Progress | bool | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> Outcome:
    """Train, measure, export and report: `kerasseq run`.

    Args:
        config: A TOML file, or what `read_experiment` gave.
        out: The folder in which the run directory is made.
        overrides: `"training.epochs=3"`, each a key path and a TOML value; of a TOML file only.
        backend: `"torch"` or `"jax"`; weighs more than the file and the environment; of a TOML file only.
        train: Rows in memory in place of the dataset's file: a table of pandas, polars or Arrow.
        validation: The rows that choose the epoch, likewise.
        test: The rows that measure, likewise.
        progress: True shows a bar and a line an epoch; or whoever is told how training goes.
        callbacks: Keras callbacks.

    Returns:
        Scores, baselines, predictions, history, the model and the run directory.

    Raises:
        ConfigError: With every problem of the file.
        DataError: A row is wrong, or there are none to train or to measure on; nothing was written.
        UsageError: Keras runs on another backend already, a read experiment is given more settings, or `config` is data
            or a run; says what to type.
        RunError: Nothing can be written to `out`, or training diverged.
    """
    tables = _tables(train, validation, test)
    if isinstance(config, Experiment):
        if overrides or backend or tables:
            raise UsageError(
                "run: a read experiment is complete; give overrides, backend and tables to read_experiment"
            )
        experiment = config
    else:
        experiment = read_experiment(config, overrides, backend, tables=tables)
    with _freed(experiment, tables):
        select(experiment.backend)
        from kerasseq.experiment import run as run_experiment

        with told(progress, experiment.training.epochs) as listener:
            return run_experiment(experiment, out, listener, callbacks)


def resume(
    run: Path | str,
    overrides: Sequence[str] = (),
    *,
    train: TableLike | None = None,
    validation: TableLike | None = None,
    test: TableLike | None = None,
    progress: Progress | bool | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    force: bool = False,
) -> Outcome:
    """Go on with a run that was interrupted, as if it had not been, or train it longer; then measure it.

    Args:
        run: `runs/bilstm/0003`, or `runs/bilstm` for its newest run.
        overrides: `"training.epochs=20"`, and where files have moved, `"dataset.train=/its/path"`; nothing else may
            change.
        train: The table that the run was given in memory, if it was.
        validation: Likewise.
        test: Likewise.
        progress: True shows a bar and a line an epoch; or whoever is told how training goes.
        callbacks: Keras callbacks.
        force: Go on with other versions of what computes, or on another backend, device or number of threads, too; the
            numbers are then others than if the run had not been stopped.

    Returns:
        As `kerasseq.run`.

    Raises:
        ConfigError: The run read a table from memory, and it is not given.
        DataError: There are no rows to measure on.
        RunError: The run had other settings or data, or, unless forced, another machine; or training diverged.
        UsageError: Keras runs on another backend already.
    """
    tables = _tables(train, validation, test)
    directory = RunDirectory.open(run)
    experiment = read_run(directory, "", overrides, False, tables)
    with _freed(experiment, tables):
        select(experiment.backend)
        from kerasseq.experiment import resume as resume_run

        with told(progress, experiment.training.epochs) as listener:
            return resume_run(experiment, directory, listener, callbacks, force)


def evaluate(
    run: Path | str,
    data: Path | str | TableLike | None = None,
    backend: str = "",
    overrides: Sequence[str] = (),
    *,
    train: TableLike | None = None,
    validation: TableLike | None = None,
    test: TableLike | None = None,
) -> Outcome:
    """Measure a finished run: its own test rows again, or other data.

    Args:
        run: `runs/bilstm/0003`, or `runs/bilstm` for its newest run.
        data: A file or a table, every row of which is measured; nothing in the run changes. None measures the run's own
            test rows and writes its metrics, report and card anew.
        backend: `"torch"` or `"jax"`; mostly that of the run.
        overrides: With `data=None`, where the run's own data has moved: `"dataset.train=/its/path"`; nothing else.
        train: With `data=None`, the table that the run was given in memory, if it was.
        validation: Likewise.
        test: Likewise.

    Returns:
        As `kerasseq.run`, of other data without baselines and history.

    Raises:
        ConfigError: The run read a table from memory, and it is not given.
        DataError: A row is wrong, or there are none.
        RunError: The run is damaged, or its data has changed.
        UsageError: There is no such file, a column is missing, both `data` and tables or places of the run's own data
            are given, or `overrides` say something else.
    """
    tables = _tables(train, validation, test)
    if data is not None and tables:
        raise UsageError(f"evaluate: must be given data, or the tables of the run, got data and {' and '.join(tables)}")
    if data is not None and overrides:
        raise UsageError("evaluate: must be given data, or where that of the run has moved, got data and overrides")
    directory = RunDirectory.open(run)
    if data is None:
        experiment = read_moved(directory, backend or _running(), overrides, tables)
    else:
        experiment = read_run(directory, backend or _running())
    with _freed(experiment, tables):
        select(experiment.backend)
        from kerasseq.evaluation.again import again, elsewhere

        if data is None:
            return again(directory, experiment)
        if is_table(data):
            with lent(data) as path:
                return elsewhere(directory, path)
        return elsewhere(directory, Path(str(data)))


def load(run: Path | str, backend: str = "") -> TrainedModel:
    """Open a finished run to ask it.

    Args:
        run: `runs/bilstm/0003`, or `runs/bilstm` for its newest run.
        backend: `"torch"` or `"jax"`; mostly that of the run, or the one that Keras already runs on.

    Returns:
        A model with `predict`, `attention` and the Keras model inside, `model.model`.

    Raises:
        RunError: The run is missing, unfinished or damaged.
        PluginError: A distribution that it was made with is missing or too old; says what to install.
        UsageError: Keras runs on another backend than the one that is asked for.
    """
    directory = RunDirectory.open(run)
    if backend or "keras" not in sys.modules:  # a finished run opens on whatever Keras runs on
        select(read_run(directory, backend).backend)
    from kerasseq.loading import load as load_run

    return load_run(directory.path)


def build(experiment: Experiment) -> tuple[TrainedModel, Prepared]:
    """The data and the untrained model of an experiment, to look at; writes nothing.

    Args:
        experiment: What `read_experiment` gave.

    Returns:
        The model, and the data: `tables`, `samples` and `examples` hold the rows, the texts and the numbers of
        `"train"`, `"validation"` and `"test"`.

    Raises:
        DataError: A row is wrong, or there are none to train on.
        UsageError: Keras runs on another backend already.
    """
    select(experiment.backend)
    from kerasseq.experiment import build as build_experiment

    return build_experiment(experiment)


def _running() -> str:
    """The backend that Keras runs on, where a run can be opened on it; empty before it is imported."""
    if "keras" not in sys.modules:
        return ""
    return current() if current() in BACKENDS else ""


def _tables(train: TableLike | None, validation: TableLike | None, test: TableLike | None) -> dict[str, TableLike]:
    given = {"train": train, "validation": validation, "test": test}
    return {role: table for role, table in given.items() if table is not None}


@contextmanager
def _freed(experiment: Experiment, tables: Mapping[str, TableLike]) -> Iterator[None]:
    """Delete the files of the tables that this call was given; nobody can ask for them afterwards."""
    try:
        yield
    finally:
        for role in tables:
            take_back(getattr(experiment.dataset, type(experiment.dataset).from_memory[role]))
