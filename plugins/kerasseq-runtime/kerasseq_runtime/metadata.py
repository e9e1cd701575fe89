"""What an exported file says about itself."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasseq_runtime.columns import AnswerColumn, class_columns
from kerasseq_runtime.errors import RunError
from kerasseq_runtime.spelling import Spelling

__all__ = ["FORMAT", "READER", "TAKES", "read_metadata"]

FORMAT = "1"
"""What an export says and a reader expects; a file of another one is refused."""

READER = "kerasseq-runtime"
"""The distribution to upgrade where a file is newer than it."""

TAKES = ("text", "pair", "tokens", "vectors", "prompt", "ids")
"""What a row of a file may be."""

_NEEDED = ("name", "version", "task", "pair", "labels")
"""Keys that every file has."""

_JSON: dict[str, type] = {
    **dict.fromkeys(["labels", "columns", "range", "needs", "python_steps", "conditions"], list),
    **dict.fromkeys(["outputs", "unit", "components", "data", "states", "spelling", "search", "decoder"], dict),
}
"""Keys whose values are JSON, and of which type; one that a file lacks is empty. The others are text."""

_SIZES = ("dimension", "window", "horizon", "separator")
"""Whole numbers of files of vectors, and the id that ends a text of a language model."""

_UNREADABLE = "must say what it is, got metadata that cannot be read"

_NEW = ("takes", "columns", "outputs")
"""What files of version 0.1.0 leave to be told from the rest."""


def read_metadata(session: Any, path: Path, reader: str = READER) -> dict[str, Any]:
    """The values by their keys, without the prefix `kerasseq.`; `takes`, `columns` and `outputs` are always there.

    Args:
        session: The open file, an `onnxruntime.InferenceSession`.
        path: What to call it in messages.
        reader: The distribution to upgrade where the file is newer than it.

    Raises:
        RunError: The file is no export of kerasseq, is of another format, does not say what it is, or lies in a run of
            other weights.
    """
    found = _said(session, path)
    if not found.get("format"):
        rule = "must be a model of `kerasseq export RUN --to onnx`"
        raise RunError(f"{path}: {rule}, got one without kerasseq.format")
    if found["format"] != FORMAT:
        got = repr(found["format"][:40])
        raise RunError(f"{path}: kerasseq.format: must be {FORMAT}, got {got}; a newer {reader} may read it")
    try:
        said_of = _read(found)
    except Exception as cause:  # whatever another writer, or a bit that turned, makes of the values
        raise RunError(f"{path}: {_UNREADABLE} ({cause})") from cause
    _check_weights(path, said_of)
    return said_of


def _said(session: Any, path: Path) -> dict[str, str]:
    """Our entries, as they stand there."""
    try:
        said = session.get_modelmeta().custom_metadata_map
    except UnicodeDecodeError as cause:
        raise RunError(f"{path}: {_UNREADABLE} ({cause.reason})") from cause
    return {key.partition(".")[2]: value for key, value in said.items() if key.startswith("kerasseq.")}


def _check_weights(path: Path, found: Mapping[str, Any]) -> None:
    """A file that lies in a run must be of the weights there; elsewhere, or of an earlier version, nobody knows."""
    weights = path.with_name("model.keras")
    if "model_sha256" not in found or not weights.is_file():
        return
    with weights.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != found["model_sha256"]:
        hint = "export the run again, or move the file out of it"
        raise RunError(f"{path}: must be of the model.keras beside it, got a file of another model; {hint}")


def _read(said: Mapping[str, str]) -> dict[str, Any]:
    """The values of their types; a ValueError says which one cannot be read."""
    old = not any(key in said for key in _NEW)
    missing = [key for key in (*_NEEDED, *(() if old else _NEW)) if key not in said]
    if missing:
        raise ValueError(f"nothing called {' and '.join(f'kerasseq.{key}' for key in missing)}")
    found: dict[str, Any] = dict(said)
    for key, kind in _JSON.items():
        found[key] = _json(key, said[key], kind) if key in said else kind()
    found |= {key: _json(key, said[key], int) for key in _SIZES if key in said}
    labels = found["labels"]
    if not all(isinstance(label, str) for label in labels) or len(set(labels)) < len(labels):
        raise ValueError("kerasseq.labels are not distinct, or no texts")
    if old:
        found |= _told(found)
    _check(found)
    return found


def _json(key: str, text: str, kind: type) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise ValueError(f"kerasseq.{key} is no JSON") from cause
    if not isinstance(value, kind):
        raise ValueError(f"kerasseq.{key} is {text[:40]}")
    return value


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    """What a file of version 0.1.0 takes and answers, by its labels and its `pair`."""
    task, labels = found["task"], found["labels"]
    if task not in ("classification", "regression"):
        raise ValueError(f"kerasseq.task is {task[:40]!r}")
    if (task == "classification") != bool(labels):
        raise ValueError(f"kerasseq.labels are {'none, or not distinct' if not labels else 'those of no score'}")
    columns = class_columns(labels) if labels else (AnswerColumn("prediction", "score"),)
    outputs = {"label": ["batch"], "probabilities": ["batch", len(labels)]} if labels else {"score": ["batch"]}
    takes = "text" if found["pair"] == "single" else "pair"
    return {"takes": takes, "columns": [column.as_json() for column in columns], "outputs": outputs}


def _check(found: Mapping[str, Any]) -> None:
    outputs, columns = found["outputs"], found["columns"]
    if found["takes"] not in TAKES:
        raise ValueError(f"kerasseq.takes is {found['takes'][:40]!r}")
    if not outputs or not all(isinstance(axes, list) and axes[:1] == ["batch"] for axes in outputs.values()):
        raise ValueError("kerasseq.outputs are none, or one does not begin with batch")
    if found["states"]:
        _check_steps(found)
    elif (
        not columns or not all(_is_column(column, outputs) for column in columns) or columns[0]["name"] != "prediction"
    ):
        raise ValueError("kerasseq.columns are none, do not begin with prediction, or one is of no output")
    if found["decoder"]:
        _check_decoder(found)
    try:
        re.compile(found.get("cut", ""))
    except re.error as cause:
        raise ValueError(f"kerasseq.cut is no pattern: {cause}") from cause


def _check_steps(found: Mapping[str, Any]) -> None:
    """What a file that is asked step by step says."""
    if not all(isinstance(output, str) for output in found["states"].values()):
        raise ValueError("kerasseq.states name no outputs")
    _check_spelling(found)


def _check_spelling(found: Mapping[str, Any]) -> None:
    """How ids become a text."""
    size = len(Spelling.from_json(found["spelling"]).vocabulary)
    if not 0 < found.get("separator", 0) < size:
        raise ValueError(f"kerasseq.separator is none of {size} ids")
    if not all(isinstance(name, str) and name for name in found["conditions"]):
        raise ValueError("kerasseq.conditions are no names of classes")


def _check_decoder(found: Mapping[str, Any]) -> None:
    """What a file that writes about what it reads says."""
    decoder = found["decoder"]
    names = [name for key in ("held", "states") for name in decoder.get(key) or [None]]
    longest = decoder.get("longest")
    if not all(isinstance(name, str) for name in names) or not isinstance(longest, int) or longest < 1:
        raise ValueError("kerasseq.decoder does not say what a step is given, and how much is written at most")
    _check_spelling(found)


def _is_column(column: Any, outputs: Mapping[str, Any]) -> bool:
    if not isinstance(column, dict) or not {"name", "output", "pick"} <= set(column):
        return False
    pick, decimals = column["pick"], column.get("decimals", 0)
    if not isinstance(decimals, int) or isinstance(decimals, bool):
        return False
    named = isinstance(column["name"], str) and isinstance(column["output"], str) and column["output"] in outputs
    return named and (pick in ("all", "largest") or (isinstance(pick, int) and not isinstance(pick, bool)))
