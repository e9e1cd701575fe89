"""A `model.onnx` as the service asks it: opened by kerasseq-runtime, tried once, each row with its answer."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kerasseq_runtime
import numpy as np
from kerasseq_runtime import generating
from kerasseq_runtime.columns import as_columns
from kerasseq_runtime.errors import RunError
from kerasseq_runtime.inputs import Input, TextInput
from kerasseq_runtime.inputs.texts import TextRow
from kerasseq_runtime.writing import Draft, Told

from kerasseq_serve.errors import ModelError

__all__ = ["Answer", "Facts", "Model", "Row", "Text", "load"]

Text = TextRow
"""A text and the second of its pair, "" where the model reads single texts."""

Row = Any
"""What a model answers: a `Text`, or a row of another kind; see `kerasseq_runtime.inputs`."""


@dataclass(frozen=True)
class Answer:
    """What the model says about one row.

    Attributes:
        prediction: The label, the score in its unit, or a list of them.
        probabilities: One for each label, in the order of the labels; empty where the model gives none.
        more: What else it says, by name.
    """

    prediction: Any
    probabilities: tuple[float, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What the file says about itself; see the metadata of an exported model.

    Attributes:
        columns: What it answers, by name, and as what: `str`, `float`, `list[str]`, `dict[str, float]`, ...
        input: Rows as it takes them.
        writes: Whether it is a language model, which answers no rows; see `Model.write`.
        search: How it writes where a client does not say: name and settings.
        conditions: The classes that write; empty where none does.
        weighs: Whether the words of its texts have weights: it answers with a label or with a number.
        sha256: Of the file, by which deployments tell one model from another.
    """

    name: str
    task: str
    labels: tuple[str, ...]
    range: tuple[float, ...]
    pair: bool
    version: str
    precision: str
    needs: tuple[str, ...]
    columns: Mapping[str, Any] = field(default_factory=dict)
    input: Input = field(default_factory=lambda: TextInput(False))
    weighs: bool = True
    writes: bool = False
    search: Mapping[str, Any] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    sha256: str = ""


class Model:
    """An open model. Any thread may ask it; one asks at a time.

    Args:
        file: Opened by kerasseq-runtime.
        sha256: Of the file.
    """

    def __init__(self, file: kerasseq_runtime.Model, sha256: str = "") -> None:
        self._file = file
        self._sha256 = sha256
        self._shares = [f"score[{label}]" for label in file.labels]
        if not set(self._shares) <= {column.name for column in file.columns}:
            self._shares = []
        self.facts = self._facts()

    def run(self, rows: Sequence[Row]) -> list[Answer]:
        """Answer at least one row, in their order. Errors are those of onnxruntime."""
        arrays, counts = self._file.run(rows)
        columns = as_columns(self._file.columns, arrays, _shortest)
        columns |= self._file.input.columns(rows, counts.get("tokens"))
        return [self._answer(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]

    def write(self, wanted: Any, told: Told | None = None) -> list[Draft]:
        """The texts of a `kerasseq_serve.generate.Wanted`; any thread may ask, several at a time."""
        writer = self._file.writer(wanted.search, wanted.condition)
        [found] = generating.write(
            writer, [wanted.prompt], wanted.max_length, wanted.repeats, wanted.stop, wanted.seed, told
        )
        return found

    def first_token(self) -> None:
        """Write one token; errors are those of onnxruntime, or a RunError."""
        self._file.generate(max_length=1, greedy=True, condition=next(iter(self._file.conditions), ""))

    def stop(self) -> None:
        """End the run that is under way and every later one with an error."""
        self._file.stop()

    def _answer(self, said: dict[str, Any]) -> Answer:
        shares = tuple(said.pop(name) for name in self._shares)
        if shares:
            said.pop("score", None)  # that of the prediction, which is one of them
        return Answer(said.pop("prediction"), shares, said)

    def _facts(self) -> Facts:
        said, file = self._file.metadata, self._file
        kinds = {tensor.name: tensor.type for tensor in file.session.get_outputs()}
        if file.translates:  # spelled behind the file
            kinds["translation"] = "tensor(string)"
        columns = {
            column.name: _kind(
                kinds[column.output], len(file.outputs[column.output]) - 1 if column.pick == "all" else 0
            )
            for column in file.columns
        }
        if self._shares:
            others = {name: kind for name, kind in columns.items() if name not in self._shares}
            columns = {"prediction": str, "score": float, "probabilities": dict[str, float]} | others
        return Facts(
            name=said["name"],
            task=said["task"],
            labels=file.labels,
            range=tuple(map(float, said["range"])),
            pair=file.pairs,
            version=said["version"],
            precision=said.get("precision", "float32"),
            needs=tuple(map(str, said["needs"])),
            columns=columns,
            input=file.input,
            writes=file.writes,
            search=said["search"],
            conditions=self._file.conditions,
            weighs=file.explains,
            sha256=self._sha256,
        )


def load(path: Path | str, threads: int = 0) -> Model:
    """Open a model file and ask it once.

    Args:
        path: The file.
        threads: Threads of one run, at least 1; 0 for what onnxruntime chooses.

    Raises:
        ModelError: The file is missing, damaged, of another format, or needs what is not here.
    """
    try:
        # Without spinning: the web server needs the cores too
        file = kerasseq_runtime.Model(path, threads, spinning=False, reader="kerasseq-serve")
        with Path(path).open("rb") as written:
            model = Model(file, hashlib.file_digest(written, "sha256").hexdigest())
        _try(Path(path), model)
    except RunError as cause:
        raise ModelError(str(cause)) from cause
    return model


def _try(path: Path, model: Model) -> None:
    """Ask once: what cannot answer is found now, and the first client does not wait for the first run."""
    facts = model.facts
    if facts.writes:
        _try_writing(path, model)
        return
    try:
        answers = model.run(facts.input.examples())
    except RunError:
        raise
    except Exception as cause:  # of onnxruntime, which has no common base of its errors
        raise ModelError(f"{path}: must answer {facts.input.noun}, got {' '.join(str(cause).split())[:200]}") from cause
    for answer in answers:
        if answer.probabilities and answer.prediction not in facts.labels:
            raise ModelError(f"{path}: must answer with one of its labels, got {str(answer.prediction)[:40]!r}")


def _try_writing(path: Path, model: Model) -> None:
    """Write one token behind nothing."""
    try:
        model.first_token()
    except RunError:
        raise
    except Exception as cause:  # of onnxruntime
        raise ModelError(f"{path}: must write a text, got {' '.join(str(cause).split())[:200]}") from cause


def _kind(tensor: str, axes: int) -> Any:
    """The Python type of an output of onnxruntime, a list of them for each axis behind the first."""
    kind: Any = str if tensor == "tensor(string)" else int if "int" in tensor else float
    for _ in range(axes):
        kind = list[kind]
    return kind


def _shortest(value: Any) -> float:
    """A float32 as the shortest decimal that stands for it: 0.9, where float() gives 0.8999999761581421."""
    return float(str(np.float32(value)))
