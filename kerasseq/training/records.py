"""What training leaves on disk: the history, its timing, the model, and of these what an interruption spares."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from kerasseq import __version__
from kerasseq.files import atomic, guarded, write_text
from kerasseq.layers.masked import silent
from kerasseq.run_directory import RunDirectory, remove
from kerasseq.training.checkpoint import best_epoch, load_arrays, read_checkpoint, snapshot
from kerasseq.training.folds import finished_folds
from kerasseq.training.history import History
from kerasseq.training.origin import FORMAT, MEMBER, origin

__all__ = ["has_weights", "left", "rescue", "table_text", "write_history", "write_model"]


def table_text(rows: list[dict[str, Any]]) -> str:
    """Rows as csv; floats with every digit that tells them apart."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def write_history(history: History, directory: RunDirectory) -> None:
    """`history.csv`, the same for the same seed on the same machine, and `timing.csv`."""
    write_text(directory.history, table_text(history.rows))
    write_text(directory.timing, table_text(history.timing))


def write_model(model: Any, directory: RunDirectory) -> None:
    """`model.keras`, whole or absent; what was exported from an older model, or proved of it, goes.

    Beside what Keras writes, the archive holds `kerasseq.json`: the version of kerasseq, distribution and version of
    every component, as environment.json has them, and the digests of what it was trained beside. Keras leaves alone
    what it does not know.
    """
    for stale in (*directory.artifacts(), directory.exports, directory.verify):
        remove(stale)
    said = {"format": FORMAT, "version": __version__, "components": _components(directory), "origin": origin(directory)}
    with atomic(directory.model) as temporary:
        model.save(temporary)
        with zipfile.ZipFile(temporary, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(MEMBER, json.dumps(said, ensure_ascii=False))


def has_weights(directory: RunDirectory, model: Any) -> bool:
    """Whether `model.keras` opens and has the weights of `model`."""
    try:
        with silent():
            written = keras.saving.load_model(directory.model, compile=False)
    except Exception:  # a missing or damaged file, which a layer of a plugin reads in its own way
        return False
    sides = snapshot(written.weights), snapshot(model.weights)
    return len(sides[0]) == len(sides[1]) and all(map(np.array_equal, *sides))


def _components(directory: RunDirectory) -> dict[str, Any]:
    """Those of environment.json; a run that is made by hand may have none."""
    if not directory.environment.exists():
        return {}
    with guarded(directory.environment, "the environment.json of a run"):
        found: dict[str, Any] = json.loads(directory.environment.read_text(encoding="utf-8"))["components"]
        return found


def rescue(model: Any, restore_best: bool, directory: RunDirectory, finish: Callable[[], None]) -> None:
    """Make the directory usable after the last whole epoch; before there is one it claims nothing.

    Args:
        model: The model that was being trained; its weights are the rescued ones afterwards.
        restore_best: Take the best epoch, not the last one.
        directory: The run that was interrupted.
        finish: Does to the model with these weights what follows the last epoch.
    """
    last, best = directory.checkpoints / "last.npz", directory.checkpoints / "best.npz"
    if last.exists():
        state, arrays = read_checkpoint(last)
        kept = best_epoch(directory.checkpoints)
        source = best if restore_best and kept and kept == state["best"]["epoch"] else last
        if source is best:
            arrays = read_checkpoint(best)[1]
        load_arrays(model.variables, arrays["model"], source)
        if "averages" in arrays:
            load_arrays([model.variables[place] for place in state["averaged"]], arrays["averages"], source)
        finish()
        write_model(model, directory)
        write_history(History(state["rows"], state["timing"]), directory)


def left(directory: RunDirectory) -> str:
    """What an interruption left, in words."""
    folds = finished_folds(directory.checkpoints)
    holds = f"{folds} finished {'fold' if folds == 1 else 'folds'} and no model" if folds else "no whole epoch"
    if (directory.checkpoints / "last.npz").exists():
        epochs = len(read_checkpoint(directory.checkpoints / "last.npz")[0]["rows"])
        holds = f"the best model of {epochs} {'epoch' if epochs == 1 else 'epochs'}"
    return f"{directory.path} holds {holds}"
