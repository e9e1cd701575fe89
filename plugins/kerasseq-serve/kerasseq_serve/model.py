"""A `model.onnx`: opened, checked against its format, asked."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from kerasseq_serve.errors import ModelError

__all__ = ["FORMAT", "Answer", "Facts", "Model", "Text", "load"]

FORMAT = "1"
"""The file format that this version reads."""

_DAMAGE = ("INVALID_PROTOBUF", "No graph was found")
"""What onnxruntime says of a file that is cut off, written over or empty."""

SAMPLE = "an example"
"""What a model is asked first, to see that it answers."""

Text = tuple[str, str]
"""A text and the second of its pair, "" where the model reads single texts."""


@dataclass(frozen=True)
class Answer:
    """What the model says about one text.

    Attributes:
        prediction: The label, or the score in its unit.
        probabilities: One for each label, in the order of the labels; empty for a regression.
    """

    prediction: str | float
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What the file says about itself; see the metadata of an exported model."""

    name: str
    task: str
    labels: tuple[str, ...]
    range: tuple[float, ...]
    pair: bool
    version: str
    precision: str
    needs: tuple[str, ...]


class Model:
    """An open model. Any thread may ask it; one asks at a time.

    Args:
        session: The session of onnxruntime.
        facts: What its metadata says.
    """

    def __init__(self, session: Any, facts: Facts) -> None:
        self.facts = facts
        self._session = session
        self._options = onnxruntime.RunOptions()
        self._outputs = ["score"] if facts.task == "regression" else ["label", "probabilities"]

    def run(self, texts: Sequence[Text]) -> list[Answer]:
        """Answer at least one text, in their order. Errors are those of onnxruntime."""
        feed = {"text": np.array([first for first, _ in texts], dtype=object)}
        if self.facts.pair:
            feed["text_2"] = np.array([second for _, second in texts], dtype=object)
        found = self._session.run(self._outputs, feed, self._options)
        if any(len(column) != len(texts) for column in found):
            raise ValueError("the model gave another number of answers than it got texts")
        if self.facts.task == "regression":
            return [Answer(_shortest(score)) for score in found[0]]
        rows = (tuple(map(_shortest, row)) for row in found[1])
        return [Answer(str(label), row) for label, row in zip(found[0], rows, strict=True)]

    def stop(self) -> None:
        """End the run that is under way and every later one with an error."""
        self._options.terminate = True


def load(path: Path | str, threads: int = 0) -> Model:
    """Open a model file and ask it once.

    Args:
        path: The file.
        threads: Threads of one run, at least 1; 0 for what onnxruntime chooses.

    Raises:
        ModelError: The file is missing, damaged, of another format, or needs what is not here.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"{path}: must be a model file, got {'a folder' if path.is_dir() else 'nothing there'}")
    session = _session(path, threads)
    metadata = session.get_modelmeta().custom_metadata_map
    _check_format(path, metadata)
    try:
        facts = _facts(metadata)
    except (KeyError, TypeError, ValueError) as cause:
        raise ModelError(f"{path}: must describe itself, got metadata that cannot be read ({cause})") from cause
    _check_steps(path, metadata, facts)
    _check_ends(path, session, facts)
    model = Model(session, facts)
    _try(path, model)
    return model


def _session(path: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # its warnings are for those who build models
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the web server needs the cores too
    providers = ["CPUExecutionProvider"]
    try:
        return onnxruntime.InferenceSession(path, options, providers=providers)
    except Exception as cause:  # onnxruntime has no common base of its errors
        if "ai.onnx.contrib" not in str(cause):
            raise _unreadable(path, cause) from cause
    library = _extensions()
    if not library:
        raise ModelError(f"{path}: needs onnxruntime-extensions, got none; pip install onnxruntime-extensions")
    try:
        options.register_custom_ops_library(library)
        return onnxruntime.InferenceSession(path, options, providers=providers)
    except Exception as cause:
        raise _unreadable(path, cause) from cause


def _unreadable(path: Path, cause: Exception) -> ModelError:
    if any(said in str(cause) for said in _DAMAGE):
        again = "write it again with: kerasseq export RUN"
        return ModelError(f"{path}: must be a whole ONNX file, got one that is cut off or was written over; {again}")
    said = " ".join(str(cause).split())[:200]
    return ModelError(f"{path}: must be a file that onnxruntime opens, got {said}")


def _extensions() -> str:
    """The library of string operators, "" where it is not installed.

    The package is not imported: its `__init__` imports onnx and torch wherever they are installed.
    """
    found = importlib.util.find_spec("onnxruntime_extensions")
    for folder in (found.submodule_search_locations or []) if found else []:
        for library in sorted(Path(folder).glob("_extensions_pydll*")):
            if library.suffix in (".so", ".pyd", ".dylib"):
                return str(library)
    return ""


def _check_format(path: Path, metadata: dict[str, str]) -> None:
    said = metadata.get("kerasseq.format", "")
    if not said:
        raise ModelError(f"{path}: must be a model of `kerasseq export RUN --to onnx`, got one without kerasseq.format")
    if said != FORMAT:
        raise ModelError(
            f"{path}: kerasseq.format: must be {FORMAT}, got {said[:40]!r}; a newer kerasseq-serve may read it"
        )


def _check_steps(path: Path, metadata: dict[str, str], facts: Facts) -> None:
    steps = json.loads(metadata.get("kerasseq.python_steps") or "[]")
    if steps:
        names = ", ".join(map(str, steps))
        raise ModelError(
            f"{path}: must hold every step, got one that leaves {names} to Python; kerasseq predict can use it"
        )
    if "onnxruntime-extensions" in facts.needs and not _extensions():
        raise ModelError(f"{path}: needs onnxruntime-extensions, got none; pip install onnxruntime-extensions")


def _facts(metadata: dict[str, str]) -> Facts:
    task, pair = metadata["kerasseq.task"], metadata["kerasseq.pair"]
    if task not in ("classification", "regression"):
        raise ValueError(f"kerasseq.task is {task[:40]!r}")
    labels = tuple(map(str, json.loads(metadata["kerasseq.labels"])))
    if task == "classification" and len(set(labels)) != max(len(labels), 1):
        raise ValueError("kerasseq.labels are none, or not distinct")
    return Facts(
        name=metadata["kerasseq.name"],
        task=task,
        labels=labels,
        range=tuple(map(float, json.loads(metadata.get("kerasseq.range") or "[]"))),
        pair=pair != "single",
        version=metadata["kerasseq.version"],
        precision=metadata.get("kerasseq.precision", "float32"),
        needs=tuple(map(str, json.loads(metadata.get("kerasseq.needs") or "[]"))),
    )


def _check_ends(path: Path, session: Any, facts: Facts) -> None:
    """Raise unless the inputs are texts and the outputs are those of the task."""
    inputs = {entry.name: entry.type for entry in session.get_inputs()}
    wanted = dict.fromkeys(["text", "text_2"] if facts.pair else ["text"], "tensor(string)")
    if inputs != wanted:
        raise ModelError(f"{path}: must have the string inputs {', '.join(wanted)}, got {_list(inputs)}")
    outputs = [entry.name for entry in session.get_outputs()]
    needed = {"score"} if facts.task == "regression" else {"label", "probabilities"}
    if not needed.issubset(outputs):
        raise ModelError(f"{path}: must have the outputs {', '.join(sorted(needed))}, got {_list(outputs)}")


def _list(names: Any) -> str:
    return ", ".join(str(name)[:40] for name in list(names)[:8]) or "none"


def _try(path: Path, model: Model) -> None:
    """Ask once: what cannot answer is found now, and the first client does not wait for the first run."""
    facts = model.facts
    try:
        answers = model.run([(SAMPLE, SAMPLE if facts.pair else ""), ("", "")])
    except Exception as cause:
        raise ModelError(f"{path}: must answer a text, got {' '.join(str(cause).split())[:200]}") from cause
    for answer in answers:
        if len(answer.probabilities) != len(facts.labels):
            got = len(answer.probabilities)
            raise ModelError(f"{path}: must give a probability for each of {len(facts.labels)} labels, got {got}")
        if facts.labels and answer.prediction not in facts.labels:
            raise ModelError(f"{path}: must answer with one of its labels, got {str(answer.prediction)[:40]!r}")


def _shortest(value: Any) -> float:
    """A float32 as the shortest decimal that stands for it: 0.9, where float() gives 0.8999999761581421."""
    return float(str(np.float32(value)))
